from django.db import migrations

from knowledge.foreign_keys import without_index


class Migration(migrations.Migration):
    """Without indexes that another one begins with: where a table has no statistics yet, a search went by them."""

    atomic = False  # one table at a time
    dependencies = [("knowledge", "0014_document_path")]

    operations = [
        without_index("knowledge.chunk.collection", "knowledge.collection", "+", "knowledge_chunk_collection_id_0811c2e6"),
        without_index("knowledge.chunk.document", "knowledge.document", "chunks", "knowledge_chunk_document_id_9855d8fa"),
        without_index("knowledge.chunk.generation", "knowledge.indexgeneration", "chunks", "knowledge_chunk_generation_id_11e617c6"),
        without_index("knowledge.collectionstatistic.generation", "knowledge.indexgeneration", "+", "knowledge_collectionstatistic_generation_id_e4949d14"),
        without_index("knowledge.indexeddocument.generation", "knowledge.indexgeneration", "+", "knowledge_indexeddocument_generation_id_4407e5d3"),
        without_index("knowledge.termstatistic.generation", "knowledge.indexgeneration", "+", "knowledge_termstatistic_generation_id_a199ae90"),
        without_index("knowledge.wordstatistic.generation", "knowledge.indexgeneration", "+", "knowledge_wordstatistic_generation_id_10301c0d"),
    ]
