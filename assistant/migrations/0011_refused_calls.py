from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assistant', '0010_once_indexed'),
    ]

    operations = [
        migrations.AddField(
            model_name='completion',
            name='status',
            field=models.PositiveSmallIntegerField(help_text='Of HTTP, with which the server refused it.', null=True),
        ),
    ]
