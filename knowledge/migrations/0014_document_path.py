from django.contrib.postgres.indexes import HashIndex
from django.db import migrations


class Migration(migrations.Migration):
    """The pages that an article links to are found by their paths, however many its source has."""

    dependencies = [("knowledge", "0013_terms_of")]

    operations = [
        migrations.AddIndex(model_name="document", index=HashIndex(fields=["path"], name="document_path")),
    ]
