"""The stretches of a passage that a sentence may be held against: one to three sentences, an item, a row. Pure."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.answering.claims import Claims, read
from assistant.answering.wording import ENGLISH
from assistant.llm.blocks import Block, Span, blocks, code_lines, sentences
from knowledge.retrieval import Passage

LONGEST_RUN = 3

_CELL_END = re.compile(r"(?<!\\)\|")
_RUN = re.compile(r"(?P<word>[^\s*`]+)|[\s*`]+")
_INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)([^\n]+?)(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Window:
    """Code points `span` of passage `number`, counted from 1: `parts` sentences, and what is read and embedded.

    `opening` and `language` are as of `read`.
    """

    number: int
    span: Span
    parts: int
    text: str
    opening: bool = True
    language: str = ENGLISH

    @cached_property
    def claims(self) -> Claims:
        """Their reading: of longer windows made only where a sentence is held against them."""
        return read(self.text, self.opening, self.language)


class Cited:
    """A passage ready to be held against sentences of a language: its windows, and what its title and headings say."""

    def __init__(self, number: int, passage: Passage, language: str = ENGLISH) -> None:
        self.number = number
        self.passage = passage
        self.frame = read(" | ".join([passage.title, *passage.heading_path]), language=language)
        found = list(_windows(number, passage.text)) or [_whole(number, passage.text)]
        self.windows = [replace(window, language=language) for window in found]
        self.singles = [window for window in self.windows if window.parts == 1]
        self.held = self.frame.held.union(*(window.claims.held for window in self.singles))
        self._starts = {window.span.start for window in self.windows}
        self._ends = {window.span.end for window in self.windows}

    @cached_property
    def code(self) -> dict[str, Span]:
        """Each whole line and stretch of code, with where it stands first."""
        return _code(self.passage.text)

    @cached_property
    def _flat(self) -> tuple[str, list[int]]:
        return _flattened(self.passage.text)

    def verbatim(self, sentence: str) -> Span | None:
        """Where a whole sentence stands word for word, but for white space and emphasis."""
        return next(
            (span for span in self._places_of(sentence) if self._opens(span.start) and self._closes(span.end)), None
        )

    def _places_of(self, text: str) -> Iterator[Span]:
        wanted, _ = _flattened(text)
        flat, places = self._flat
        at = flat.find(wanted) if wanted else -1
        while at >= 0:
            yield Span(places[at], places[at + len(wanted) - 1] + 1)
            at = flat.find(wanted, at + 1)

    def _opens(self, start: int) -> bool:
        before = self.passage.text[:start].rstrip(" *`_\"'“(\n")
        at_unit = any(place in self._starts for place in range(len(before), start + 1))
        return at_unit or not before.strip() or (before[-1] in ".!?" and len(before) < start)

    def _closes(self, end: int) -> bool:
        text = self.passage.text
        while end < len(text) and text[end] in ".!?*`_\"'”)":
            end += 1
        return not text[end:].strip() or end in self._ends or (text[end - 1] in ".!?*`_\"'”)" and text[end].isspace())


def rarity(passages: Sequence[Cited]) -> dict[str, float]:
    """How much each term of the passages tells: the rarer among their sentences, the more."""
    singles = [window for cited in passages for window in cited.singles]
    counts = Counter(term for window in singles for term in window.claims.held)
    return {term: math.log(1 + (len(singles) + 0.5) / (count + 0.5)) for term, count in counts.items()}


def _windows(number: int, text: str) -> Iterator[Window]:
    for block in blocks(text) or [Block(0, len(text), "paragraph")]:
        if block.kind == "table":
            yield from _rows(number, text, block)
            continue
        units = block.parts or (sentences(text, block) if block.kind in ("paragraph", "quotation") else (block,))
        inner = [s for unit in units for s in (sentences(text, unit) if block.parts else [unit])]
        for size in range(1, LONGEST_RUN + 1):
            for first in range(len(inner) - size + 1):
                span = Span(inner[first].start, inner[first + size - 1].end)
                yield Window(number, span, size, span.of(text))
        for unit in block.parts:
            yield Window(number, unit, 1, unit.of(text))


def _whole(number: int, text: str) -> Window:
    """For a text that is a table's head alone."""
    return Window(number, Span(0, len(text)), 1, text, opening=False)


def _code(text: str) -> dict[str, Span]:
    """Each whole line of a code block, and each whole stretch of inline code, with where it stands first."""
    inline = [(match[2].strip(), Span(*match.span(2))) for match in _INLINE_CODE.finditer(text)]
    return dict(reversed([*code_lines(text), *inline]))


def _rows(number: int, text: str, table: Block) -> Iterator[Window]:
    """Rows as "cell heading | cell heading", so that a number stands next to what its column is called."""
    names = _cells(table.head.of(text).split("\n")[0]) if table.head else []
    for row in table.parts:
        cells = _cells(row.of(text))
        named = [f"{cell} {name}" for cell, name in zip(cells, [*names, *[""] * len(cells)], strict=False)]
        yield Window(number, row, 1, ", ".join(named), opening=False)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELL_END.split(line.strip().strip("|"))]


def _flattened(text: str) -> tuple[str, list[int]]:
    """The text without case, emphasis and outer white space, one space between words; and each character's place."""
    flat: list[str] = []
    places: list[int] = []
    for run in _RUN.finditer(text):
        if run.lastgroup == "word":
            flat += [character.lower()[:1] for character in run.group()]
            places += range(run.start(), run.end())
        elif flat:
            flat.append(" ")
            places.append(run.start())
    if flat and flat[-1] == " ":
        flat.pop()
        places.pop()
    return "".join(flat), places
