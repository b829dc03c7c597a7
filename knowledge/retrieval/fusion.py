"""One score of two: how near in meaning, and how much of the question's rare words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from knowledge.retrieval.query import Candidate

DENSE_WEIGHT = 0.6
# Of one standard deviation: decides between equals, and against nothing that answers clearly better.
LOCALE_BONUS = 0.5


@dataclass(frozen=True)
class Scored:
    """A chunk with both raw scores; `dense` is None when no vector of the question was to be had."""

    chunk_id: int
    document_id: int
    dense: float | None
    lexical: float
    preferred_locale: bool


def fuse(scored: Sequence[Scored], best_lexical: float) -> tuple[Candidate, ...]:
    """Candidates, best first; ties go to the older chunk.

    Their order is that of z-scores, which say how far a chunk stands out in meaning and in words among the others.
    Their level is that of the best one's cosine and share of the best possible BM25 score, which mean the same
    for every question: so a score also tells a good find from the best of a bad lot.
    """
    if not scored:
        return ()
    standing = _standing(scored)
    level = max(_level(chunk, best_lexical) for chunk in scored)
    candidates = (
        Candidate(chunk.chunk_id, chunk.document_id, round(level * position, 6), chunk.dense, chunk.lexical)
        for chunk, position in zip(scored, _positions(standing), strict=True)
    )
    return tuple(sorted(candidates, key=lambda candidate: (-candidate.score, candidate.chunk_id)))


def _standing(scored: Sequence[Scored]) -> list[float]:
    lexical = _z_scores([chunk.lexical for chunk in scored])
    dense = _z_scores([chunk.dense or 0.0 for chunk in scored])
    weight = 0.0 if scored[0].dense is None else DENSE_WEIGHT
    return [
        weight * near + (1 - weight) * shared + (LOCALE_BONUS if chunk.preferred_locale else 0.0)
        for chunk, near, shared in zip(scored, dense, lexical, strict=True)
    ]


def _z_scores(values: Sequence[float]) -> list[float]:
    """Standard deviations from the mean; all 0 where the values do not differ."""
    mean = fmean(values)
    deviation = pstdev(values, mean)
    return [(value - mean) / deviation if deviation > 1e-9 else 0.0 for value in values]


def _level(chunk: Scored, best_lexical: float) -> float:
    share = min(1.0, chunk.lexical / best_lexical) if best_lexical > 0 else 0.0
    if chunk.dense is None:
        return share
    return DENSE_WEIGHT * max(0.0, chunk.dense) + (1 - DENSE_WEIGHT) * share


def _positions(standing: Sequence[float]) -> list[float]:
    """1 for the best and 0 for the last."""
    lowest, highest = min(standing), max(standing)
    return [(stands - lowest) / (highest - lowest) if highest > lowest else 1.0 for stands in standing]
