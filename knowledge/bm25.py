"""BM25 cut in two: a chunk carries its share, a question the rest; their inner product is the score. Pure.

An ingest changes how rare a term is, not how often a chunk uses it: so no row becomes stale.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

K1 = 1.2
B = 0.75


def chunk_weights(terms: Sequence[int], average_length: float) -> dict[int, float]:
    """By term how much its frequency counts: 0 < weight < K1 + 1, less in a longer chunk."""
    length_norm = K1 * (1 - B + B * len(terms) / average_length)
    return {term: count * (K1 + 1) / (count + length_norm) for term, count in Counter(terms).items()}


def inverse_document_frequency(holding: int, total: int) -> float:
    """How telling a term is that `holding` of `total` chunks hold; above 0."""
    return math.log1p((max(total, holding) - holding + 0.5) / (holding + 0.5))


def query_weights(terms: Sequence[int], holding: Mapping[int, int], total: int) -> dict[int, float]:
    """By term of a question its rarity, however often it is asked; terms that no chunk holds are left out."""
    return {term: inverse_document_frequency(holding[term], total) for term in set(terms) if holding.get(term, 0) > 0}


def rarities(terms: Sequence[int], holding: Mapping[int, int], total: int) -> dict[int, float]:
    """The inverse document frequency of each term in their order, terms that no chunk holds included."""
    return {term: inverse_document_frequency(holding.get(term, 0), total) for term in terms}


def best_possible(rarity: Mapping[int, float]) -> float:
    """An upper bound of the score of any chunk for a question whose terms are as rare as this: 0 without terms."""
    return (K1 + 1) * sum(rarity.values())
