from django.db import migrations, models


class Migration(migrations.Migration):
    """No row is written: the default stands in the catalogue, and processes of the version before insert with it."""

    dependencies = [("knowledge", "0015_once_indexed")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="indexing_attempts",
            field=models.SmallIntegerField(
                db_default=0,
                default=0,
                help_text="How often its indexing was begun and neither ended nor failed: 0 once it is indexed.",
            ),
        ),
    ]
