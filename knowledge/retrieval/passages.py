"""From ranked candidates to the passages that are shown: each section once, each article once, within one budget."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import quote, urldefrag

from knowledge.models import Chunk
from knowledge.retrieval.access import Scope, permitted
from knowledge.retrieval.query import Candidate, Passage, Place

# Characters of all passages together: some 3,000 tokens of a prompt.
BUDGET_CHARS = 12_000
# Candidates looked at for each passage wanted, as some are of one section or not permitted.
LOOKED_AT_PER_PASSAGE = 6


def select(
    scope: Scope, candidates: Sequence[Candidate], limit: int
) -> tuple[tuple[Candidate, ...], tuple[Passage, ...]]:
    """The candidates, those looked at with their place, and up to `limit` passages of them, best first."""
    looked_at, others = candidates[: limit * LOOKED_AT_PER_PASSAGE], candidates[limit * LOOKED_AT_PER_PASSAGE :]
    chunks = _chunks(scope, [candidate.chunk_id for candidate in looked_at])
    found = [(candidate, chunks[candidate.chunk_id]) for candidate in looked_at if candidate.chunk_id in chunks]
    placed = (replace(candidate, place=_place(chunks.get(candidate.chunk_id))) for candidate in looked_at)
    return (*placed, *others), tuple(_within_budget(_once(found), limit))


def _chunks(scope: Scope, ids: list[int]) -> dict[int, Chunk]:
    rows = permitted(scope, ids).select_related("document", "collection")
    unread = ("embedding", "terms", "term_weights", "document__text", "document__markup")
    return {chunk.pk: chunk for chunk in rows.defer(*unread)}


def _place(chunk: Chunk | None) -> Place | None:
    if chunk is None:
        return None
    document, headings = chunk.document, tuple(chunk.heading_path)
    return Place(document.article, document.title, headings, chunk.revision, chunk.start, chunk.end)


def _once(found: Iterable[tuple[Candidate, Chunk]]) -> Iterable[tuple[Candidate, Chunk]]:
    """Without further chunks of a section, and without what another document says word for word."""
    sections: set[tuple[int, str, tuple[str, ...]]] = set()
    article_of: dict[str, int] = {}
    for candidate, chunk in found:
        same_article = article_of.setdefault(chunk.document.content_hash, chunk.document_id)
        section = (chunk.document_id, chunk.anchor, tuple(chunk.heading_path))
        if same_article == chunk.document_id and section not in sections:
            sections.add(section)
            yield candidate, chunk


def _within_budget(found: Iterable[tuple[Candidate, Chunk]], limit: int) -> Iterable[Passage]:
    left = BUDGET_CHARS
    for taken, (candidate, chunk) in enumerate(found):
        if taken == limit or len(chunk.text) > left:
            return
        left -= len(chunk.text)
        yield _passage(candidate, chunk)


def _passage(candidate: Candidate, chunk: Chunk) -> Passage:
    return Passage(
        chunk_id=chunk.pk,
        document_id=chunk.document_id,
        revision=chunk.revision,
        article=chunk.document.article,
        title=chunk.document.title,
        url=_url(chunk),
        heading_path=tuple(chunk.heading_path),
        anchor=chunk.anchor,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        score=candidate.score,
        dense=candidate.dense,
        lexical=candidate.lexical,
    )


def _url(chunk: Chunk) -> str:
    """The article's public address, or its page under /help/, at the chunk's section."""
    document = chunk.document
    base = document.url or f"/help/{quote(chunk.collection.slug)}/{quote(document.article)}"
    if not chunk.anchor:
        return base
    return f"{urldefrag(base).url}#{quote(chunk.anchor)}"
