"""Large collections go through the vector index, small ones are compared whole."""

import json
import re

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.embedding import embedder_named
from knowledge.indexing import active_generation, index_documents
from knowledge.indexing.apply import terms_row
from knowledge.models import Chunk, ChunkTerms
from knowledge.retrieval import lexical, passages, semantic
from knowledge.retrieval.access import scope_of
from knowledge.retrieval.fusion import Scored
from knowledge.retrieval.scoring import score
from tests.knowledge.library import article

pytestmark = pytest.mark.django_db


def _use_the_index(monkeypatch) -> None:
    """For collections of any size; of so few rows the planner would rather sort."""
    monkeypatch.setattr(semantic, "EXACT_CHUNKS", 0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")


def test_the_vector_index_is_one_that_the_search_can_use():
    index_documents([article("returns", "# Returns\n\nThe money is back after five days.")])
    scope = scope_of("shop")
    sql = semantic.nearest(scope, 10, exact=False)
    asked = {
        "collection": scope.collection_id,
        "vector": semantic.as_literal(embedder_named("local").embed_query("refund")),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("EXPLAIN " + sql, asked)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"chunk_embedding_{scope.generation_id}" in plan
    assert "%(collection)s" not in sql  # a plan for any collection expects a small one, which is sorted


@pytest.fixture
def tenants(db) -> list[str]:
    """Twenty collections of one generation; the first holds nineteen of twenty chunks, the last two."""
    generation = active_generation()
    random = np.random.default_rng(7)
    slugs = [f"tenant-{number}" for number in range(20)]
    for slug, count in zip(slugs, [380, *[1] * 18, 2], strict=True):
        document = article(f"{slug}-article", "Text", slug=slug)
        vectors = random.standard_normal((count, generation.dimension))
        chunks = Chunk.objects.bulk_create(
            Chunk(
                document=document,
                generation=generation,
                collection_id=document.collection_id,
                locale="en",
                ordinal=number,
                start=0,
                end=4,
                text="Text",
                revision=1,
                embedding=vector / np.linalg.norm(vector),
            )
            for number, vector in enumerate(vectors)
        )
        ChunkTerms.objects.bulk_create(terms_row(generation, chunk, chunk.text) for chunk in chunks)
    return slugs


def _near(slug: str, limit: int) -> list[Scored]:
    """The chunks that a vector of no text is nearest to, the nearest first."""
    vector = semantic.as_literal(np.random.default_rng(8).standard_normal(384).astype(np.float32))
    scored = score(scope_of(slug), set(), vector, lexical.LexicalQuery({}, (), {}), None, limit)
    return sorted(scored, key=lambda chunk: -chunk.dense)


@pytest.mark.parametrize("indexed", [False, True])
def test_a_small_collection_beside_a_large_one_is_found_whole(tenants, monkeypatch, indexed):
    if indexed:
        _use_the_index(monkeypatch)
    for slug in tenants[1:]:
        found = {chunk.chunk_id for chunk in _near(slug, 10)}
        assert found == set(Chunk.objects.filter(collection__slug=slug).values_list("pk", flat=True))


def test_a_large_collections_index_gives_as_many_as_are_wanted_at_once(tenants, monkeypatch):
    exact = _near(tenants[0], 250)
    _use_the_index(monkeypatch)
    with CaptureQueriesContext(connection) as captured:
        indexed = _near(tenants[0], 250)
    assert sum("WITH near" in query["sql"] for query in captured) == 1  # none that compares all is needed
    assert [chunk[:4] for chunk in indexed[:10]] == [chunk[:4] for chunk in exact[:10]]
    assert len({chunk.chunk_id for chunk in indexed}) == 250


def test_what_is_shown_is_read_article_by_article_however_little_is_known_of_a_new_collection():
    index_documents([article(f"article-{number}", "# Returns\n\nThe money is back.") for number in range(50)])
    scope = scope_of("shop")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        ids = list(Chunk.objects.values_list("pk", flat=True)[:30])
        cursor.execute("EXPLAIN (FORMAT JSON) " + passages._READ, [ids, scope.generation_id, scope.collection_id])
        looked_up_by = re.findall(r'"Index Cond": "([^"]+)"', json.dumps(cursor.fetchone()[0]))
    assert looked_up_by
    assert not [condition for condition in looked_up_by if "collection_id" in condition]
