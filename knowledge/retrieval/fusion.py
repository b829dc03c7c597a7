"""One score of two: how near in meaning, and how much of the question's rare words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.retrieval.query import Candidate

DENSE_WEIGHT = 0.6
LOCALE_BONUS = 0.1


@dataclass(frozen=True)
class Scored:
    """A chunk with both raw scores; `dense` is None when no vector of the question was to be had."""

    chunk_id: int
    document_id: int
    dense: float | None
    lexical: float
    preferred_locale: bool


def fuse(scored: Sequence[Scored], best_lexical: float) -> tuple[Candidate, ...]:
    """Candidates, best first. Cosine and the reached share of the best possible BM25 score are both 0..1 on one
    scale for all questions, so that the fused score tells a good find from a bad one too; ties go to the older chunk.
    """
    candidates = (_candidate(chunk, best_lexical) for chunk in scored)
    return tuple(sorted(candidates, key=lambda candidate: (-candidate.score, candidate.chunk_id)))


def _candidate(chunk: Scored, best_lexical: float) -> Candidate:
    share = min(1.0, chunk.lexical / best_lexical) if best_lexical > 0 else 0.0
    score = share
    if chunk.dense is not None:
        score = DENSE_WEIGHT * max(0.0, chunk.dense) + (1 - DENSE_WEIGHT) * share
    if chunk.preferred_locale:
        score += LOCALE_BONUS * (1 - score)
    return Candidate(chunk.chunk_id, chunk.document_id, min(1.0, score), chunk.dense, chunk.lexical)
