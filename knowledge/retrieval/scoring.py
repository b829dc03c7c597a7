"""Both scores of every candidate, whichever search found it: a score that is missing cannot be fused."""

from collections.abc import Set
from typing import Any

from django.db import connection

from knowledge.retrieval import semantic
from knowledge.retrieval.access import LIVING, Scope
from knowledge.retrieval.fusion import Scored
from knowledge.retrieval.lexical import LexicalQuery
from knowledge.terms import language_of

# The nearest are found and scored in one statement. A chunk stands for itself where the article's title has no vector.
_SCORES = """
WITH near AS MATERIALIZED ({nearest}),
found AS (
  SELECT id, bool_or(is_near) AS is_near
  FROM (SELECT id, true AS is_near FROM near UNION ALL SELECT unnest(%(by_words)s::bigint[]), false) AS either
  GROUP BY id
)
SELECT chunk.id, chunk.document_id, chunk.locale, 1 - (chunk.embedding <=> %(vector)s::vector),
  -(held.weights <#> %(words)s::sparsevec),
  1 - (coalesce(indexed.title_embedding, chunk.embedding) <=> %(vector)s::vector), found.is_near
FROM found JOIN knowledge_chunk AS chunk ON chunk.id = found.id
JOIN knowledge_chunkterms AS held ON held.chunk_id = chunk.id
LEFT JOIN knowledge_indexeddocument AS indexed
  ON indexed.generation_id = chunk.generation_id AND indexed.document_id = chunk.document_id
WHERE {living}
"""
_LEXICAL_SCORES = f"""
SELECT chunk.id, chunk.document_id, chunk.locale, NULL, -(held.weights <#> %(words)s::sparsevec), NULL, false
FROM knowledge_chunk AS chunk JOIN knowledge_chunkterms AS held ON held.chunk_id = chunk.id
WHERE chunk.id = ANY(%(by_words)s) AND {LIVING}
"""  # noqa: S608 - no stranger's text


def score(
    scope: Scope, by_words: Set[int], vector: str | None, lexical: LexicalQuery, locale: str | None, limit: int
) -> list[Scored]:
    """Cosines and BM25 of the chunks that words found and of the `limit` nearest to the vector, in no order.

    `vector` is written as Postgres reads it; without one words alone find. Chunks in the customer's language are marked
    where there are several. Nothing is scored of a generation that is retired.
    """
    asked = {
        "collection": scope.collection_id,
        "by_words": sorted(by_words),
        "words": lexical.literal,
        "vector": vector,
        "generation": scope.generation_id,
    }
    if vector is None:
        rows = _fetched(_LEXICAL_SCORES, asked)
    else:
        rows = _rows(scope, limit, asked, exact=not semantic.is_indexed(scope))
    preferred = language_of(locale) if locale and len(scope.languages) > 1 else None
    return [
        Scored(chunk_id, document_id, dense, shared, title, preferred is not None and language_of(written) == preferred)
        for chunk_id, document_id, written, dense, shared, title, _ in rows
    ]


def _rows(scope: Scope, limit: int, asked: dict[str, Any], *, exact: bool) -> list[tuple[Any, ...]]:
    """What is scored; exactly, too, where the index gave fewer than are wanted."""
    sql = _SCORES.format(nearest=semantic.nearest(scope, limit, exact=exact), living=LIVING)
    with semantic.index_read(exact):
        rows = _fetched(sql, asked)
    if exact or sum(row[-1] for row in rows) >= limit:
        return rows
    return _rows(scope, limit, asked, exact=True)


def _fetched(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
