"""Both scores of every candidate, whichever search found it: a score that is missing cannot be fused."""

from django.db import connection

from knowledge.retrieval.access import LIVING, Scope
from knowledge.retrieval.fusion import Scored
from knowledge.retrieval.lexical import LexicalQuery
from knowledge.terms import language_of

# A chunk stands for itself where the article's title has no vector.
_SCORES = f"""
SELECT chunk.id, chunk.document_id, chunk.locale, 1 - (chunk.embedding <=> asked.vector),
  -(held.weights <#> %s::sparsevec), 1 - (coalesce(indexed.title_embedding, chunk.embedding) <=> asked.vector)
FROM (SELECT %s::vector AS vector) AS asked CROSS JOIN knowledge_chunk AS chunk
JOIN knowledge_chunkterms AS held ON held.chunk_id = chunk.id
LEFT JOIN knowledge_indexeddocument AS indexed
  ON indexed.generation_id = chunk.generation_id AND indexed.document_id = chunk.document_id
WHERE chunk.id = ANY(%s) AND {LIVING}
"""  # noqa: S608 - no stranger's text
_LEXICAL_SCORES = f"""
SELECT chunk.id, chunk.document_id, chunk.locale, NULL, -(held.weights <#> %s::sparsevec), NULL
FROM knowledge_chunk AS chunk JOIN knowledge_chunkterms AS held ON held.chunk_id = chunk.id
WHERE chunk.id = ANY(%s) AND {LIVING}
"""  # noqa: S608 - no stranger's text


def score(
    scope: Scope, chunk_ids: set[int], vector: str | None, lexical: LexicalQuery, locale: str | None
) -> list[Scored]:
    """Cosines and BM25 of each chunk; chunks in the customer's language are marked where there are several.

    `vector` is written as Postgres reads it. Nothing is scored of a generation that is retired.
    """
    ids = sorted(chunk_ids)
    with connection.cursor() as cursor:
        if vector is None:
            cursor.execute(_LEXICAL_SCORES, [lexical.literal, ids, scope.generation_id])
        else:
            cursor.execute(_SCORES, [lexical.literal, vector, ids, scope.generation_id])
        rows = cursor.fetchall()
    preferred = language_of(locale) if locale and len(scope.languages) > 1 else None
    return [
        Scored(chunk_id, document_id, dense, shared, title, preferred is not None and language_of(written) == preferred)
        for chunk_id, document_id, written, dense, shared, title in rows
    ]
