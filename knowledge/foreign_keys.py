"""What migrations do with foreign keys, of either app."""

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


def without_index(key: str, to: str, related_name: str, index: str) -> Operation:
    """The foreign key, as app.model.field, without an index of its own: another one begins with it.

    Django's own way drops the constraint and makes it again, which checks the whole table.
    """
    app, model, field = key.split(".")
    unindexed = models.ForeignKey(to=to, on_delete=models.CASCADE, related_name=related_name, db_index=False)
    made = f"CREATE INDEX IF NOT EXISTS {index} ON {app}_{model} ({field}_id)"
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(f"DROP INDEX IF EXISTS {index}", made)],
        [migrations.AlterField(model_name=model, name=field, field=unindexed)],
    )
