from django.db import migrations, models


class Migration(migrations.Migration):
    """What was indexed before keeps its terms, and is found by them: the regular sweep cuts its words anew."""

    dependencies = [("knowledge", "0012_vectors_in_rows")]

    operations = [
        migrations.AddField(
            model_name="indexeddocument",
            name="terms_of",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="How words were cut into terms, of which text (knowledge.indexing.recutting).",
                max_length=100,
            ),
        ),
    ]
