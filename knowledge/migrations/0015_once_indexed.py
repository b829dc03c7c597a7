from django.db import migrations, models
from django.db.models import CASCADE
from django.db.migrations.operations.base import Operation


def without_index(model: str, field: str, to: str, related_name: str, index: str) -> Operation:
    """The foreign key without an index of its own; Django's own way would check the whole table anew."""
    key = models.ForeignKey(to=f"knowledge.{to}", on_delete=CASCADE, related_name=related_name, db_index=False)
    made = f"CREATE INDEX IF NOT EXISTS {index} ON knowledge_{model} ({field}_id)"
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(f"DROP INDEX IF EXISTS {index}", made)],
        [migrations.AlterField(model_name=model, name=field, field=key)],
    )


class Migration(migrations.Migration):
    """Without indexes that another one begins with: a search of a collection without statistics took them for selective."""

    atomic = False  # one table at a time
    dependencies = [("knowledge", "0014_document_path")]

    operations = [
        without_index("chunk", "collection", "collection", "+", "knowledge_chunk_collection_id_0811c2e6"),
        without_index("chunk", "document", "document", "chunks", "knowledge_chunk_document_id_9855d8fa"),
        without_index("chunk", "generation", "indexgeneration", "chunks", "knowledge_chunk_generation_id_11e617c6"),
        without_index("collectionstatistic", "generation", "indexgeneration", "+", "knowledge_collectionstatistic_generation_id_e4949d14"),
        without_index("indexeddocument", "generation", "indexgeneration", "+", "knowledge_indexeddocument_generation_id_4407e5d3"),
        without_index("termstatistic", "generation", "indexgeneration", "+", "knowledge_termstatistic_generation_id_a199ae90"),
        without_index("wordstatistic", "generation", "indexgeneration", "+", "knowledge_wordstatistic_generation_id_10301c0d"),
    ]
