from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assistant', '0008_outgoing_mail'),
    ]

    operations = [
        migrations.AddField(
            model_name='turn',
            name='late_at',
            field=models.DateTimeField(blank=True, help_text='When it was told to take longer than usual.', null=True),
        ),
    ]
