from django.db import migrations

from knowledge.foreign_keys import without_index


class Migration(migrations.Migration):
    """Without indexes that another one begins with: each first message wrote to all of them."""

    atomic = False  # one table at a time
    dependencies = [("assistant", "0009_late_turns")]

    operations = [
        without_index("assistant.citation.message", "assistant.message", "citations", "assistant_citation_message_id_31f4587f"),
        without_index("assistant.conversation.customer", "assistant.customer", "conversations", "assistant_conversation_customer_id_5d6224f7"),
        without_index("assistant.event.conversation", "assistant.conversation", "events", "assistant_event_conversation_id_f8018fed"),
        without_index("assistant.message.conversation", "assistant.conversation", "messages", "assistant_message_conversation_id_37580ec3"),
    ]
