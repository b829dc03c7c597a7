"""Articles as answers are drawn from them: without what was planted in them for an assistant to obey."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answers import Said
from assistant.llm.blocks import Span
from knowledge.planted import Planted, instructions, planted

# Articles whose planted stretches are remembered; each entry is small.
REMEMBERED = 20_000
# What a list item begins with, also one within another.
_MARKS = re.compile(r"(?:[ \t>]*(?:[-*+•]|\d{1,9}[.)]))+[ \t]*")
_found: dict[int, tuple[Planted, ...]] = {}


@dataclass(frozen=True)
class Withheld:
    """A stretch of an article that nothing is answered from."""

    article: str
    text: str


def planted_in(title: str, text: str) -> tuple[Planted, ...]:
    """The planted stretches, remembered by the text. May embed a few sentences."""
    key = hash((title, text))
    found = _found.get(key)
    if found is None:
        found = planted(title, text)
        if len(_found) >= REMEMBERED:
            _found.clear()  # another thread may do so at any time
        _found[key] = found
    return found


def blanked(text: str, stretches: Sequence[Planted]) -> str:
    """The text at its length, each stretch as white space that ends a paragraph: what stands elsewhere stays there.

    Of a list item that says nothing else, the mark goes too.
    """
    for blank in blanks(text, stretches):
        length = blank.end - blank.start
        white = f"{' ' * (length - 2)}\n\n" if length >= 2 else " " * length
        text = text[: blank.start] + white + text[blank.end :]
    return text


def blanks(text: str, stretches: Sequence[Planted]) -> tuple[Span, ...]:
    """What is blank of the text without these stretches."""
    return tuple(Span(_mark_before(text, stretch), stretch.end) for stretch in stretches)


def _mark_before(text: str, stretch: Planted) -> int:
    """Where the line begins, if it holds the mark of a list item and the stretch alone; else where the stretch does."""
    line = text.rfind("\n", 0, stretch.start) + 1
    end = text.find("\n", stretch.end)
    behind = text[stretch.end : end if end >= 0 else None]
    return line if not behind.strip() and _MARKS.fullmatch(text, line, stretch.start) else stretch.start


def without_orders(history: Sequence[Said]) -> tuple[Said, ...]:
    """Earlier messages, the assistant's own among them, without what they say to an assistant.

    None is left out: models expect that customer and assistant take turns.
    """
    kept = ((said, blanked(said.text, instructions(said.text)).strip()) for said in history)
    return tuple(replace(said, text=text or "…") for said, text in kept)
