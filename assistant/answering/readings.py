"""Passages with the articles they stand in: what decides and answers reads both. Synchronous; needs the database."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db import connection

from assistant.answering import confidence
from assistant.answering.release import Checked
from assistant.answering.withholding import Withheld, blanked, blanks, planted_in
from assistant.answers import CompletionRecord
from assistant.llm.extracts import Reading
from assistant.llm.port import Prompt
from knowledge import planted_kept
from knowledge.models import Document
from knowledge.planted import Planted
from knowledge.planted_kept import WHOLE_ARTICLE_CHARACTERS
from knowledge.retrieval import Passage, Query, Retrieval, retrieve
from knowledge.siblings import linked_pages
from knowledge.terms import language_of

# Written out, as the ORM takes longer to write it than Postgres to answer it; every question asks it.
_ARTICLES = """
SELECT id, revision, title, text, content_hash, planted, planted_of, source_id, path
FROM knowledge_document WHERE id = ANY(%s)
"""
# Reading so much of a table takes a quarter of a second.
LONGEST_TABLE_CHARACTERS = 100_000
# Planted stretches that were kept, by title and text; None where they have to be looked for.
Known = Mapping[tuple[str, str], tuple[Planted, ...] | None]


@dataclass(frozen=True)
class Found:
    """Everything a turn has looked up, and later what it asked of models: the record behind an answer.

    `lookup` is the standalone question with its mistyped words put right. A message of several questions has `parts`;
    its passages are then those of the parts that are answered. `narrowed` where stretches of it were looked up alone.
    `skipped` is as in llm.gateway.Completion.
    """

    lookup: str
    retrieval: Retrieval
    passages: tuple[Passage, ...]
    readings: tuple[Reading, ...]
    prompt: Prompt | None = None
    completions: tuple[CompletionRecord, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[Checked, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    parts: tuple["FoundPart", ...] = ()
    narrowed: "Narrowed | None" = None


@dataclass(frozen=True)
class FoundPart:
    """One of a message's questions, in the customer's words, with what was found for it and how it was read."""

    question: str
    found: Found
    reading: confidence.Reading
    doubtful: bool = False


@dataclass(frozen=True)
class Stretch:
    """A message or a stretch of it, as it was looked up, with how what was found was read."""

    lookup: str
    reading: confidence.Reading


@dataclass(frozen=True)
class Narrowed:
    """A message that was not answered as a whole, and its stretches that were looked up alone.

    `chosen` is the one that is answered in its place, None where none is sure; it has to reach a confidence of `sure`
    and a subject reading of `subject`.
    """

    whole: Stretch
    stretches: tuple[Stretch, ...]
    chosen: int | None
    sure: float
    subject: float


def look_up(lookup: str, collection: str, locale: str, limit: int) -> Found:
    """The passages for a standalone question. Raises UnknownCollection and the database's errors."""
    retrieval = retrieve(Query(text=lookup, collection=collection, locale=locale, limit=limit))
    read = list(Document.objects.raw(_ARTICLES, [list({passage.document_id for passage in retrieval.passages})]))
    links = linked_pages(read)
    texts = {(article.pk, article.revision): article.text for article in read}
    known = {(article.title, article.text): planted_kept.kept(article) for article in read}
    if not connection.in_atomic_block:
        connection.close()  # back to the pool: looking for what was planted may embed sentences
    return found_of(retrieval.understood.text, retrieval, texts, known, links)


def found_of(
    lookup: str,
    retrieval: Retrieval,
    texts: Mapping[tuple[int, int], str],
    known: Known,
    links: Mapping[int, Mapping[str, str]],
) -> Found:
    """What a retrieval found; `texts` are the articles' by document and revision, as far as they are to be had.

    What is planted in an article is looked for unless it is `known`. `links` are by document where its relative
    addresses lead.
    """
    best = max((passage.score for passage in retrieval.passages), default=0.0)
    readings = tuple(
        replace(
            _reading(passage, texts.get((passage.document_id, passage.revision)), best),
            links=links.get(passage.document_id, {}),
        )
        for passage in retrieval.passages
    )
    return _without_planted(Found(lookup, retrieval, retrieval.passages, readings), known)


def _without_planted(found: Found, known: Known) -> Found:
    """Without what an article says to an assistant; a passage that says nothing else is none."""
    kept, withheld = [], dict[Withheld, None]()
    for passage, reading in zip(found.passages, found.readings, strict=True):
        stretches = known.get((reading.title, reading.text))
        if stretches is None:
            stretches = planted_in(reading.title, reading.text)
        withheld |= {Withheld(passage.article, reading.text[s.start : s.end]): None for s in stretches}
        text = blanked(reading.text, stretches)
        said = text[reading.start : reading.end]
        if said.strip():
            blank = blanks(reading.text, stretches)
            kept.append((replace(passage, text=said), replace(reading, text=text, blanks=blank)))
    return replace(
        found,
        passages=tuple(passage for passage, _ in kept),
        readings=tuple(reading for _, reading in kept),
        withheld=tuple(withheld),
    )


def _reading(passage: Passage, text: str | None, best: float) -> Reading:
    """The passage in its article; alone when the article has changed since it was indexed.

    Where the reranker could not look, the ranking's own scores stand for its log-odds.
    """
    log_odds = passage.log_odds if passage.log_odds is not None else math.log(max(passage.score, 1e-6) / (best or 1.0))
    language = language_of(passage.locale)
    start, end = passage.start, passage.end
    if text is not None and len(text) > WHOLE_ARTICLE_CHARACTERS and text[start:end] == passage.text:
        before, text = _around(text, start, end)
        return Reading(text, start - before, end - before, passage.title, log_odds, language)
    if text is None or text[start:end] != passage.text:
        return Reading(passage.text, 0, len(passage.text), passage.title, log_odds, language)
    return Reading(text, start, end, passage.title, log_odds, language)


def _around(text: str, start: int, end: int) -> tuple[int, str]:
    """Where the paragraphs around a stretch begin, and their text: WHOLE_ARTICLE_CHARACTERS at most.

    Of a table that begins further ahead LONGEST_TABLE_CHARACTERS: without its head its rows say nothing.
    """
    side = max(WHOLE_ARTICLE_CHARACTERS - (end - start), 0) // 2
    first = text.find("\n\n", max(start - side, 0), start) if start > side else -1
    if first < 0 and text.startswith("|", start):
        first = text.rfind("\n\n", max(start - LONGEST_TABLE_CHARACTERS, 0), start)
    before = first + 2 if first >= 0 else (start if start > side else 0)
    last = text.rfind("\n\n", end, end + side) if len(text) > end + side else len(text)
    return before, text[before : last if last >= 0 else end]
