"""Passages with the articles they stand in: what decides and answers reads both. Synchronous; needs the database."""

from dataclasses import dataclass, replace

from assistant.answering.release import Checked
from assistant.answering.withholding import Withheld, blanked, planted_in
from assistant.answers import CompletionRecord
from assistant.llm.passages import Reading
from assistant.llm.port import Prompt
from knowledge.models import Document
from knowledge.retrieval import Passage, Query, Retrieval, retrieve


@dataclass(frozen=True)
class Found:
    """Everything a turn has looked up, and later what it asked of models: the record behind an answer."""

    lookup: str
    retrieval: Retrieval
    passages: tuple[Passage, ...]
    readings: tuple[Reading, ...]
    prompt: Prompt | None = None
    completions: tuple[CompletionRecord, ...] = ()
    checks: tuple[Checked, ...] = ()
    withheld: tuple[Withheld, ...] = ()


def look_up(lookup: str, collection: str, locale: str, limit: int) -> Found:
    """The passages for a standalone question. Raises UnknownCollection and the database's errors."""
    retrieval = retrieve(Query(text=lookup, collection=collection, locale=locale, limit=limit))
    texts = {
        (pk, revision): text
        for pk, revision, text in Document.objects.filter(
            pk__in={passage.document_id for passage in retrieval.passages}
        ).values_list("pk", "revision", "text")
    }
    readings = [_reading(passage, texts.get((passage.document_id, passage.revision))) for passage in retrieval.passages]
    return _without_planted(Found(lookup, retrieval, retrieval.passages, tuple(readings)))


def _without_planted(found: Found) -> Found:
    """Without what an article says to an assistant; a passage that says nothing else is none."""
    kept, withheld = [], dict[Withheld, None]()
    for passage, reading in zip(found.passages, found.readings, strict=True):
        stretches = planted_in(reading.title, reading.text)
        withheld |= {Withheld(passage.article, reading.text[s.start : s.end]): None for s in stretches}
        text = blanked(reading.text, stretches)
        said = text[reading.start : reading.end]
        if said.strip():
            kept.append((replace(passage, text=said), replace(reading, text=text)))
    return replace(
        found,
        passages=tuple(passage for passage, _ in kept),
        readings=tuple(reading for _, reading in kept),
        withheld=tuple(withheld),
    )


def _reading(passage: Passage, text: str | None) -> Reading:
    """The passage in its article; alone when the article has changed since it was indexed."""
    heading = passage.heading_path[-1] if passage.heading_path else ""
    if text is None or text[passage.start : passage.end] != passage.text:
        return Reading(passage.text, 0, len(passage.text), passage.title, heading, passage.score)
    return Reading(text, passage.start, passage.end, passage.title, heading, passage.score)
