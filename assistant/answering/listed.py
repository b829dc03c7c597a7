"""The items of a list within a message: numbered, lettered, or with bullets. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

FEWEST_ITEMS = 2
# What stands before an item: at a line's beginning, or behind a space, or behind the end of a sentence.
_AT = r"(?:(?<=[\s。．？！?])|^)"
_NUMBER = re.compile(
    rf"{_AT}\(?(?:q(?:uestion)?[ ]?)?(?P<place>\d{{1,2}})(?:[.):]\)?\s+|\)\s*|[、．）：]\s*)(?=\S)", re.I
)
_LETTER = re.compile(rf"{_AT}\(?(?P<place>[a-j])(?:[.)]\s+|\)\s*)(?=\S)", re.I)
_BULLET = re.compile(r"^[ \t]*[-*•–·][ \t]+(?=\S)", re.M)
# Before a list: "I have two questions:".
_OF_QUESTIONS = re.compile(
    r"\b(?:questions|fragen|preguntas|dudas|domande|perguntas|dúvidas|vragen|pytania|вопрос\w*|frågor)\b|"
    r"質問|[两兩二三四几幾][个個]?[问問][题題]",
    re.I,
)


class Item(NamedTuple):
    """The stretch [start, end) of a message behind an item's mark, and where that mark begins."""

    mark: int
    start: int
    end: int


def items(text: str) -> tuple[Item, ...]:
    """The items in their order, the last to the message's end; none where fewer than FEWEST_ITEMS are marked alike."""
    for marks in (_counted(_NUMBER.finditer(text)), _counted(_LETTER.finditer(text)), _bullets(text)):
        if len(marks) >= FEWEST_ITEMS:
            ends = [*(mark.start() for mark in marks[1:]), len(text)]
            return tuple(Item(mark.start(), mark.end(), end) for mark, end in zip(marks, ends, strict=True))
    return ()


def announces_questions(introduction: str) -> bool:
    """Whether what stands before a list says that its items are questions."""
    return bool(_OF_QUESTIONS.search(introduction))


def _bullets(text: str) -> Sequence[re.Match[str]]:
    return list(_BULLET.finditer(text))


def _counted(found: Iterator[re.Match[str]]) -> Sequence[re.Match[str]]:
    """The marks that count up from the first place, others left out: a figure within an item is none."""
    kept: list[re.Match[str]] = []
    for mark in found:
        if _place(mark) == len(kept) + 1:
            kept.append(mark)
    return kept


def _place(mark: re.Match[str]) -> int:
    place = mark["place"].lower()
    return int(place) if place.isdecimal() else ord(place) - ord("a") + 1
