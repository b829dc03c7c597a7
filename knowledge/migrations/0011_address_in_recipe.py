from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Value
from django.db.models.functions import Concat

from knowledge.embedding.served import address_of


def add_address(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What a served model embedded before counts as embedded at the address that is set now: nothing is done anew."""
    served = apps.get_model("knowledge", "IndexGeneration").objects.filter(recipe__endswith="/served")
    served.update(recipe=Concat("recipe", Value(f"@{address_of(settings.OPENAI_BASE_URL)}")))


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0010_refusal")]

    operations = [
        migrations.AlterField(
            model_name="indexgeneration",
            name="recipe",
            field=models.CharField(
                help_text="Model, dimension, prefixes, where served: knowledge.embedding names it.", max_length=1000
            ),
        ),
        migrations.RunPython(add_address, migrations.RunPython.noop),
    ]
