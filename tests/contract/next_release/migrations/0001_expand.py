from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("assistant", "__first__")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE assistant_message ADD COLUMN next_release integer",
            "ALTER TABLE assistant_message DROP COLUMN next_release",
        )
    ]
