"""The words of the candidates that are looked at again."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from knowledge.retrieval.fusion import Scored
from knowledge.retrieval.passages import Shown
from knowledge.retrieval.query import Candidate
from knowledge.retrieval.reranking import Contender
from knowledge.terms import term_id, terms_of

REMEMBERED_TEXTS = 2048


def contenders(
    candidates: Sequence[Candidate], shown: Mapping[int, Shown], scored: Sequence[Scored]
) -> list[Contender]:
    """The candidates that may be shown with their words, in their order."""
    scores = {chunk.chunk_id: chunk for chunk in scored}
    return [
        _contender(candidate, scores[candidate.chunk_id], shown[candidate.chunk_id])
        for candidate in candidates
        if candidate.chunk_id in shown
    ]


def _contender(candidate: Candidate, scores: Scored, chunk: Shown) -> Contender:
    return Contender(
        candidate=candidate,
        title=scores.title or 0.0,
        title_terms=_terms(chunk.title, chunk.locale),
        heading_terms=_terms(" ".join(chunk.heading_path), chunk.locale),
        terms=chunk.terms,
        ordinal=chunk.ordinal,
        preferred_locale=scores.preferred_locale,
        written_at=chunk.written_at,
    )


@lru_cache(REMEMBERED_TEXTS)
def _terms(text: str, locale: str) -> frozenset[int]:
    return frozenset(map(term_id, terms_of(text, locale)))
