from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0005_title_vectors")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="source_hash",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Of what its source gave, while it is edited here; else empty.",
                max_length=64,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="importrun",
            name="skipped_files",
            field=models.JSONField(default=list, help_text='[{"path", "reason"}]'),
        ),
    ]
