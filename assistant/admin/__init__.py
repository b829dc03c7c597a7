"""What an admin sees of chats and people. Importing this package registers the models with Django's admin."""

from assistant.admin import api_keys, conversations, mails, rules, users, widgets

__all__ = ["api_keys", "conversations", "mails", "rules", "users", "widgets"]
