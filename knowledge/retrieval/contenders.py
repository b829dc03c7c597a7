"""The words of the candidates that are looked at again."""

from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache

from knowledge.indexing.plan import embedded_text
from knowledge.models import Chunk
from knowledge.retrieval.fusion import Scored
from knowledge.retrieval.query import Candidate
from knowledge.retrieval.reranking import Contender
from knowledge.terms import term_id, terms_of

REMEMBERED_TEXTS = 2048


def read(candidates: Sequence[Candidate], scored: Mapping[int, Scored]) -> list[Contender]:
    """The candidates with their words, in their order; `scored` holds each one's scores by its chunk's id."""
    rows = Chunk.objects.filter(pk__in=[candidate.chunk_id for candidate in candidates])
    fields = rows.values_list("pk", "document__title", "heading_path", "text", "ordinal", "locale")
    words = {pk: (title, headings, text, ordinal, locale) for pk, title, headings, text, ordinal, locale in fields}
    return [
        _contender(candidate, scored[candidate.chunk_id], *words[candidate.chunk_id])
        for candidate in candidates
        if candidate.chunk_id in words
    ]


def _contender(
    candidate: Candidate, scores: Scored, title: str, headings: list[str], text: str, ordinal: int, locale: str
) -> Contender:
    return Contender(
        candidate=candidate,
        title=scores.title or 0.0,
        title_terms=frozenset(_terms(title, locale)),
        heading_terms=frozenset(_terms(" ".join(headings), locale)),
        terms=_terms(embedded_text(title, headings, text), locale),
        ordinal=ordinal,
        preferred_locale=scores.preferred_locale,
    )


@lru_cache(REMEMBERED_TEXTS)
def _terms(text: str, locale: str) -> Sequence[int]:
    """Compact, as many are remembered."""
    return array("i", (term_id(term) for term in terms_of(text, locale)))
