import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing is kept of articles that were indexed before: the regular sweep looks through them."""

    dependencies = [("knowledge", "0008_chunk_terms")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="planted",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(),
                help_text="Start and end of each stretch that nothing is answered from; null: not kept.",
                null=True,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="planted_of",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="By which version, of which text these were found.",
                max_length=100,
            ),
        ),
    ]
