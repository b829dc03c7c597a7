import pytest
from django.core.management import call_command
from django.db import connection

from knowledge.indexing import index_documents, unindex_documents
from knowledge.models import Chunk, ChunkTerms, TermStatistic
from knowledge.retrieval import Query, retrieve
from tests.knowledge.library import article

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "# Returns\n\nSend the parcel back, a parcel at a time.\n\n## Refunds\n\nThe money comes after five days."
# As the version before wrote it: with its terms, each once, and weights in the chunk's own row.
WRITTEN_BEFORE = """
INSERT INTO knowledge_chunk (document_id, generation_id, collection_id, locale, published, ordinal, heading_path,
  anchor, start, "end", text, revision, content_hash, embedding, terms, term_weights)
SELECT chunk.document_id, chunk.generation_id, chunk.collection_id, locale, chunk.published, ordinal + 100,
  heading_path, anchor, start, "end", text, revision, content_hash, embedding,
  ARRAY(SELECT DISTINCT unnest(held.terms) ORDER BY 1), held.weights
FROM knowledge_chunk AS chunk JOIN knowledge_chunkterms AS held ON held.chunk_id = chunk.id
"""


def _terms() -> list[tuple]:
    rows = ChunkTerms.objects.order_by("chunk")
    return [(row.chunk_id, row.generation_id, row.collection_id, row.published, row.terms, row.weights) for row in rows]


def _counts() -> dict[int, int]:
    return dict(TermStatistic.objects.filter(chunk_count__gt=0).values_list("term", "chunk_count"))


def test_an_index_goes_through_the_change_of_tables_as_it_is_and_back():
    documents = [article("returns", TEXT), article("hidden", TEXT, status="unpublished")]
    index_documents(documents)
    terms, counts = _terms(), _counts()
    call_command("migrate", "knowledge", "0007", verbosity=0)
    call_command("migrate", "knowledge", verbosity=0)
    assert _terms() == terms
    assert _counts() == counts
    unindex_documents(documents)
    assert _counts() == {}


def test_what_the_version_before_goes_on_writing_is_found_and_counted():
    document = article("returns", TEXT)
    index_documents([document])
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN_BEFORE)
    assert ChunkTerms.objects.count() == Chunk.objects.count() == 4
    assert set(_counts().values()) <= {2, 4}
    assert len([c for c in retrieve(Query("money", "shop")).candidates if c.lexical]) == 2
    unindex_documents([document])
    assert _counts() == {}
