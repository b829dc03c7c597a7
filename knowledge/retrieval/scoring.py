"""Both scores of every candidate, whichever search found it: a score that is missing cannot be fused."""

from django.db import connection

from knowledge.embedding import Vectors
from knowledge.retrieval.access import Scope
from knowledge.retrieval.fusion import Scored
from knowledge.retrieval.lexical import LexicalQuery
from knowledge.retrieval.semantic import as_literal
from knowledge.terms import language_of

_SCORES = """
SELECT id, document_id, locale, 1 - (embedding <=> %s::vector), -(term_weights <#> %s::sparsevec)
FROM knowledge_chunk WHERE id = ANY(%s)
"""
_LEXICAL_SCORES = """
SELECT id, document_id, locale, NULL, -(term_weights <#> %s::sparsevec)
FROM knowledge_chunk WHERE id = ANY(%s)
"""


def score(
    scope: Scope, chunk_ids: set[int], vector: Vectors | None, lexical: LexicalQuery, locale: str | None
) -> list[Scored]:
    """Cosine and BM25 of each chunk; chunks in the customer's language are marked where there are several."""
    ids = sorted(chunk_ids)
    with connection.cursor() as cursor:
        if vector is None:
            cursor.execute(_LEXICAL_SCORES, [lexical.literal, ids])
        else:
            cursor.execute(_SCORES, [as_literal(vector), lexical.literal, ids])
        rows = cursor.fetchall()
    preferred = language_of(locale) if locale and len(scope.languages) > 1 else None
    return [Scored(row[0], row[1], row[3], row[4], language_of(row[2]) == preferred) for row in rows]
