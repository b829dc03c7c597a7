from django.db import migrations, models
from django.db.models import CASCADE
from django.db.migrations.operations.base import Operation


def without_index(model: str, field: str, to: str, related_name: str, index: str) -> Operation:
    """The foreign key without an index of its own; Django's own way would check the whole table anew."""
    key = models.ForeignKey(to=f"assistant.{to}", on_delete=CASCADE, related_name=related_name, db_index=False)
    made = f"CREATE INDEX IF NOT EXISTS {index} ON assistant_{model} ({field}_id)"
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(f"DROP INDEX IF EXISTS {index}", made)],
        [migrations.AlterField(model_name=model, name=field, field=key)],
    )


class Migration(migrations.Migration):
    """Without indexes that another one begins with: each first message wrote to all of them."""

    atomic = False  # one table at a time
    dependencies = [("assistant", "0009_late_turns")]

    operations = [
        without_index("citation", "message", "message", "citations", "assistant_citation_message_id_31f4587f"),
        without_index("conversation", "customer", "customer", "conversations", "assistant_conversation_customer_id_5d6224f7"),
        without_index("event", "conversation", "conversation", "events", "assistant_event_conversation_id_f8018fed"),
        without_index("message", "conversation", "conversation", "messages", "assistant_message_conversation_id_37580ec3"),
    ]
