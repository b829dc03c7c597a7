"""Quotations as text with sources: of what was found for one question, or under each question of several. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.answering import wording
from assistant.answering.readings import Found, FoundPart
from assistant.answering.stretches import stretches_of
from assistant.answers import Source
from assistant.llm.cleaning import escaped
from assistant.llm.passages import compose
from knowledge.languages import is_other_language
from knowledge.retrieval import Passage
from knowledge.terms import language_of


@dataclass(frozen=True)
class Quoted:
    """Text in Markdown, the sources that its [n] stand for, and what else could have been quoted."""

    text: str
    sources: tuple[Source, ...]
    stretches: tuple[Mapping[str, Any], ...] = ()


def quoted(found: Found, language: str, first: int = 1) -> Quoted | None:
    """The articles' own words for a customer of this language, numbered from `first`; None without any to quote."""
    composition = compose(found.lookup, found.readings, first, language)
    if composition is None:
        return None
    sources = []
    for n, quotation in enumerate(composition.quotations, start=first):
        passage, text = found.passages[quotation.reading], found.readings[quotation.reading]
        ahead = passage.start - text.start
        spans = tuple((span.start + ahead, span.end + ahead) for span in quotation.spans)
        sources.append(replace(source_of(n, passage, quotation.quote, quotation.start + ahead), spans=spans))
    written = language_of(found.passages[composition.quotations[0].reading].locale)
    said = composition.text
    for more in dict.fromkeys(quotation.more for quotation in composition.quotations if quotation.more):
        said = f"{said}\n\n{wording.said(f'more_{more}', language)}"
    stretches = stretches_of(composition.considered, found)
    return Quoted(announced(said, written, language), tuple(sources), tuple(stretches))


def quoted_in_parts(found: Found, language: str) -> Quoted | None:
    """Under each question what the articles say, or that nothing was found; None when nothing is said on any.

    Questions that the same words answer stand together above them.
    """
    sections: dict[str, list[str]] = {}
    sources: tuple[Source, ...] = ()
    stretches: tuple[Mapping[str, Any], ...] = ()
    texts: dict[tuple[tuple[int, int | None], ...], str] = {}
    for part in found.parts:
        said = quoted(part.found, language, len(sources) + 1) if part.reading.answerable else None
        text = said.text if said else wording.said("not_found", language)
        if said:
            places = tuple((source.document_id, source.start) for source in said.sources)
            text = texts.setdefault(places, text)
            sources += said.sources if text == said.text else ()
            stretches += said.stretches
        sections.setdefault(text, []).append(lead(part))
    missing = [wording.said("offer", language)] * (wording.said("not_found", language) in sections)
    shown = [part for text, leads in sections.items() for part in (*leads, text)]
    return Quoted("\n\n".join([*shown, *missing]), sources, stretches) if sources else None


def not_found_in_parts(found: Found, language: str) -> str:
    """Which of several questions nothing was found for, with the offer of a person; empty when there is none."""
    missing = [lead(part) for part in found.parts if not part.reading.answerable]
    if not missing:
        return ""
    return "\n\n".join([*missing, f"{wording.said('not_found', language)} {wording.said('offer', language)}"])


def lead(part: FoundPart) -> str:
    """The customer's own words as a heading; nothing in them is Markdown."""
    plain = escaped(" ".join(part.question.split()))
    return f"### {plain[:1].upper()}{plain[1:]}"


def source_of(n: int, passage: Passage, quote: str, start: int | None = None) -> Source:
    """A source; `start` is where the quote begins in its article."""
    return Source(
        n=n,
        article=passage.article,
        title=passage.title,
        url=passage.url,
        heading=" › ".join(passage.heading_path),
        quote=quote,
        score=round(passage.score, 4),
        document_id=passage.document_id,
        revision=passage.revision,
        start=start,
        end=None if start is None else start + len(quote),
    )


def announced(text: str, written: str, language: str) -> str:
    """What the articles say, with a sentence before it when it is in another language than the customer's."""
    if not is_other_language(written, language):
        return text
    return f"{wording.naming('found_in', written, language)}\n\n{text}"
