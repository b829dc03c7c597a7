import pgvector.django.vector
from django.db import migrations, models

# What was indexed before has no vector of its title: it counts as not indexed, so the index is brought up to date,
# with the vectors of its chunks. Until then questions are answered from those alone.
FORGET = "DELETE FROM knowledge_indexeddocument"


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0004_names")]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="indexeddocument",
            name="title_hash",
            field=models.CharField(
                blank=True, default="", help_text="Of the embedded title: reuses its vector.", max_length=64
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="indexeddocument",
            name="title_embedding",
            field=pgvector.django.vector.VectorField(
                help_text="None when the title is only how the text begins.", null=True
            ),
        ),
    ]
