"""Questions to two help centres with the section that answers each: benchmarks/labelled/sections.jsonl.

Written by reading the articles of Arduino's help centre (Markdown) and GNOME's help (HTML), without a look at what the
product answers. A section is named by its heading as an anchor, within that of another where two are the same
("usa/order-processing"), and is empty for what stands before the first; "steps" says that nobody is helped without the
steps it has. Split by the article.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from assistant.llm.blocks import Block, Span, blocks
from assistant.llm.sections import heading_level, heading_words
from benchmarks.evaluation.sets import Part, part_of

QUESTIONS = Path(__file__).resolve().parents[1] / "labelled" / "sections.jsonl"
# Of a section's list that comes first, for its steps to count as shown: the rest may be cut for its length.
STEPS_SHARE = 0.5
# Characters of a section's own text that have to be shown of it, where it has so many.
LEAST_SHOWN = 30


class Stretch(Protocol):
    """Code points [start, end) of a text."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Labelled(NamedTuple):
    """A question, the article that answers it by its id there, and which of its sections do."""

    collection: str
    text: str
    article: str
    sections: tuple[str, ...]
    steps: bool
    part: Part


def questions() -> list[Labelled]:
    """All of them, each in its part."""
    rows = (json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines())
    return [
        Labelled(r["set"], r["question"], r["article"], tuple(r["sections"]), r["steps"], part_of(r["article"]))
        for r in rows
    ]


def places(text: str, sections: Sequence[str]) -> list[Span]:
    """Where the sections stand in an article's text, each with what is under it; before the first heading for ""."""
    if "" in sections:
        first = next((block.start for block in blocks(text) if block.kind == "heading"), len(text))
        return [Span(0, first)]
    return [span for name, span in _sections(text) if any(f"/{name}".endswith(f"/{wanted}") for wanted in sections)]


def is_article(asked: Labelled, article: str) -> bool:
    """Whether an ingested article, by its id or its file's name, is the one that answers."""
    return Path(article).stem == asked.article


def first_list(text: str, places: Sequence[Span]) -> Block | None:
    """The steps or the list that comes first in these places: steps before any other list."""
    inside = [b for b in blocks(text) if b.kind in ("steps", "list") and any(_within(b, place) for place in places)]
    return next((b for b in inside if b.kind == "steps"), inside[0] if inside else None)


def shows(text: str, places: Sequence[Span], shown: Sequence[Span]) -> bool:
    """Whether the stretches shown hold something of these places beyond their headings."""
    return any(_shown_of(body, shown) >= min(LEAST_SHOWN, body.end - body.start) for body in _bodies(text, places))


def shows_steps(text: str, places: Sequence[Span], shown: Sequence[Span]) -> bool:
    """Whether the stretches shown hold most of the first list of these places."""
    wanted = first_list(text, places)
    return wanted is not None and _shown_of(wanted, shown) >= STEPS_SHARE * (wanted.end - wanted.start)


def _bodies(text: str, places: Sequence[Span]) -> Iterator[Span]:
    for block in blocks(text):
        if block.kind != "heading" and any(_within(block, place) for place in places):
            yield block


def _shown_of(span: Span, shown: Sequence[Span]) -> int:
    return sum(shared(span, each) for each in shown)


def shared(one: Stretch, other: Stretch) -> int:
    """Characters that two stretches of a text have in common."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _within(span: Span, place: Span) -> bool:
    return place.start <= span.start and span.end <= place.end


def _sections(text: str) -> Iterator[tuple[str, Span]]:
    """By the anchors of the headings over it, joined by slashes, each section with its children."""
    headings = [block for block in blocks(text) if block.kind == "heading"]
    path: list[tuple[int, str]] = []
    for index, heading in enumerate(headings):
        level = heading_level(text, heading)
        path = [(above, name) for above, name in path if above < level] + [(level, _anchor(text, heading))]
        after = (h.start for h in headings[index + 1 :] if heading_level(text, h) <= level)
        yield "/".join(name for _, name in path), Span(heading.start, next(after, len(text)))


def _anchor(text: str, heading: Block) -> str:
    return re.sub(r"[\W_]+", "-", heading_words(heading.of(text)).lower()).strip("-")
