from django.db import migrations, models


class Migration(migrations.Migration):
    """Articles that were refused before are found to be when they are tried again, within a minute."""

    dependencies = [("knowledge", "0009_planted")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="refusal",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Why the search model makes no vectors of it; empty where it does.",
                max_length=500,
            ),
        ),
    ]
