"""The chunks that share a question's rare words, by BM25."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from pgvector import SparseVector

from knowledge.bm25 import query_weights, rarities
from knowledge.models import LEXICAL_DIMENSIONS
from knowledge.retrieval.access import Scope
from knowledge.retrieval.frequencies import Frequencies
from knowledge.terms import compounds_of, term_id, terms_of

# A question's rarest terms find the candidates, together held by about this many chunks; all terms score them.
CANDIDATE_POOL = 4_000

_MATCHING = """
SELECT chunk_id FROM knowledge_chunkterms
WHERE generation_id = %s AND collection_id = %s AND published AND terms && %s::integer[]
ORDER BY weights <#> %s::sparsevec, chunk_id LIMIT %s
"""


@dataclass(frozen=True)
class LexicalQuery:
    """A question's terms: `weights` by term, `finding` the terms that find candidates.

    `rarity` has the inverse document frequency of every term in the order of the question, those that no chunk has
    included.
    """

    weights: dict[int, float]
    finding: tuple[int, ...]
    rarity: dict[int, float]

    @property
    def overlap(self) -> float:
        """Share of the question's rarity that the collection holds at all, 0..1; little in another language."""
        total = sum(self.rarity.values())
        return sum(self.rarity[term] for term in self.weights) / total if total else 0.0

    @property
    def literal(self) -> str:
        """The weights as Postgres reads a sparse vector."""
        return SparseVector(self.weights, LEXICAL_DIMENSIONS).to_text()


def lexical_query(scope: Scope, frequencies: Frequencies, text: str) -> LexicalQuery:
    """The question in the terms of every language that the collection is written in."""
    terms = question_terms(text, scope.languages)
    holding = frequencies.of(terms)
    spare = _otherwise_written(text, scope.languages, holding)
    terms = [term for term in terms if term not in spare]
    weights = query_weights(terms, holding, scope.chunk_count)
    return LexicalQuery(weights, _rarest(weights, holding), rarities(terms, holding, scope.chunk_count))


def question_terms(text: str, languages: Sequence[str]) -> list[int]:
    """Each term once, in the order of first use."""
    return list(dict.fromkeys(term_id(term) for language in languages for term in terms_of(text, language)))


def _otherwise_written(text: str, languages: Sequence[str], holding: Mapping[int, int]) -> set[int]:
    """Terms of words joined by hyphens that no chunk holds where the articles write them otherwise: they are no words
    that the articles lack.
    """
    compounds = [set(map(term_id, c)) for language in languages for c in compounds_of(text, language)]
    return {term for terms in compounds if any(map(holding.get, terms)) for term in terms if not holding.get(term)}


def _rarest(weights: dict[int, float], holding: dict[int, int]) -> tuple[int, ...]:
    chosen: list[int] = []
    pool = 0
    for term in sorted(weights, key=lambda term: holding[term]):
        pool += holding[term]
        if chosen and pool > CANDIDATE_POOL:
            break
        chosen.append(term)
    return tuple(chosen)


def matching(scope: Scope, query: LexicalQuery, limit: int) -> list[int]:
    """Ids of up to `limit` chunks, best BM25 first."""
    if not query.finding:
        return []
    with connection.cursor() as cursor:
        found_by = list(query.finding)
        cursor.execute(_MATCHING, [scope.generation_id, scope.collection_id, found_by, query.literal, limit])
        return [row[0] for row in cursor.fetchall()]
