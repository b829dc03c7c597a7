"""What an admin sees of the knowledge base. Importing this package registers its models with Django's admin."""

from knowledge.admin import articles, collections, imports

__all__ = ["articles", "collections", "imports"]
