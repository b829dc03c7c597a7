"""From ranked candidates to the passages that are shown: each section once, each article once, within one budget."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urldefrag

from django.db import connection

from knowledge.retrieval.access import PERMITTED, Scope
from knowledge.retrieval.query import Candidate, Passage, Place

# Characters of all passages together: some 3,000 tokens of a prompt.
BUDGET_CHARS = 12_000
# Candidates looked at for each passage wanted, as some are of one section or not permitted.
LOOKED_AT_PER_PASSAGE = 6


class Shown(NamedTuple):
    """A chunk that may be shown, with what its document says of it."""

    chunk_id: int
    document_id: int
    revision: int
    ordinal: int
    locale: str
    heading_path: list[str]
    anchor: str
    start: int
    end: int
    text: str
    article: str
    title: str
    address: str
    content_hash: str
    written_at: datetime | None
    terms: Sequence[int]


_READ = f"""
SELECT chunk.id, chunk.document_id, chunk.revision, chunk.ordinal, chunk.locale, chunk.heading_path, chunk.anchor,
  chunk.start, chunk."end", chunk.text, document.article, document.title, document.url, document.content_hash,
  document.written_at, held.terms
{PERMITTED}
"""


def looked_at(candidates: Sequence[Candidate], limit: int, at_least: int) -> Sequence[Candidate]:
    """The candidates that `limit` passages are chosen from, and the first `at_least`."""
    return candidates[: max(at_least, limit * LOOKED_AT_PER_PASSAGE)]


def read(scope: Scope, candidates: Sequence[Candidate]) -> dict[int, Shown]:
    """The candidates' chunks by id, without those that may not be shown."""
    ids = [candidate.chunk_id for candidate in candidates]
    with connection.cursor() as cursor:
        cursor.execute(_READ, [ids, scope.generation_id, scope.collection_id])
        return {row[0]: Shown(*row) for row in cursor.fetchall()}


def select(
    scope: Scope, candidates: Sequence[Candidate], shown: Mapping[int, Shown], limit: int
) -> tuple[Passage, ...]:
    """Up to `limit` passages, best first."""
    looked_at = candidates[: limit * LOOKED_AT_PER_PASSAGE]
    found = ((candidate, shown[candidate.chunk_id]) for candidate in looked_at if candidate.chunk_id in shown)
    return tuple(_passage(scope, *taken) for taken in _within_budget(_once(found), limit))


def placed(candidates: Sequence[Candidate], shown: Mapping[int, Shown]) -> tuple[Candidate, ...]:
    """The candidates, those that may be shown with their place."""
    return tuple(replace(c, place=_place(shown[c.chunk_id])) if c.chunk_id in shown else c for c in candidates)


def _place(chunk: Shown) -> Place:
    return Place(chunk.article, chunk.title, tuple(chunk.heading_path), chunk.revision, chunk.start, chunk.end)


def _once(found: Iterable[tuple[Candidate, Shown]]) -> Iterable[tuple[Candidate, Shown]]:
    """Without further chunks of a section, and without what another document says word for word."""
    sections: set[tuple[int, str, tuple[str, ...]]] = set()
    article_of: dict[str, int] = {}
    for candidate, chunk in found:
        same_article = article_of.setdefault(chunk.content_hash, chunk.document_id)
        section = (chunk.document_id, chunk.anchor, tuple(chunk.heading_path))
        if same_article == chunk.document_id and section not in sections:
            sections.add(section)
            yield candidate, chunk


def _within_budget(found: Iterable[tuple[Candidate, Shown]], limit: int) -> Iterable[tuple[Candidate, Shown]]:
    left = BUDGET_CHARS
    for taken, (candidate, chunk) in enumerate(found):
        if taken == limit or len(chunk.text) > left:
            return
        left -= len(chunk.text)
        yield candidate, chunk


def _passage(scope: Scope, candidate: Candidate, chunk: Shown) -> Passage:
    looked_at = candidate.features
    return Passage(
        chunk_id=chunk.chunk_id,
        document_id=chunk.document_id,
        revision=chunk.revision,
        article=chunk.article,
        title=chunk.title,
        url=_url(scope, chunk),
        heading_path=tuple(chunk.heading_path),
        anchor=chunk.anchor,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        score=candidate.score,
        dense=candidate.dense,
        lexical=candidate.lexical,
        log_odds=candidate.log_odds,
        locale=chunk.locale,
        cover=looked_at["cover"] if looked_at else None,
        named=max(looked_at["title_cover"], looked_at["heading_cover"]) if looked_at else None,
    )


def _url(scope: Scope, chunk: Shown) -> str:
    """The article's public address, or its page under /help/, at the chunk's section."""
    base = chunk.address or f"/help/{quote(scope.slug)}/{quote(chunk.article)}"
    if not chunk.anchor:
        return base
    return f"{urldefrag(base).url}#{quote(chunk.anchor)}"
