"""Whether what is shown of a text can stand without what was dropped of it. Pure.

Steps without one of them, or a rule without its exception, are no answer: they are not cut to what is backed.
"""

import re

from assistant.answering.backing import Judgement
from assistant.answering.statements import Statement
from assistant.llm.blocks import Span

# An exception this many characters of its passage from what is shown is taken to be about the same.
NEAR = 200
# What is dropped for these was no part of the answer.
_NO_PART = frozenset({"said before", "no sentence", "own rules"})
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])[ \t]+")


class Completeness:
    """Hears of each statement in order whether it is shown."""

    def __init__(self) -> None:
        self._in_item = False
        self._line_ended = True
        self._items: set[bool] = set()  # of the list: whether one was shown, whether one was dropped
        self._shown: list[tuple[int, Span]] = []
        self._left_out: list[tuple[int, Span]] = []
        self.broken = False

    def take(self, statement: Statement, shown: bool, why: str, judgement: Judgement | None) -> None:
        """The next statement; `judgement` where it was held against the passages, those that it cites if it does."""
        polite = why == "no citation" and judgement is not None and not (judgement.shown or judgement.nearest)
        self._take_item(statement, shown, part=not polite and why not in _NO_PART)
        if judgement is not None:
            spans = judgement.windows if shown else judgement.nearest if judgement.qualified else {}
            (self._shown if shown else self._left_out).extend(spans.items())
        self.broken = self.broken or len(self._items) > 1 or any(map(self._is_missed, self._left_out))

    def _take_item(self, statement: Statement, shown: bool, *, part: bool) -> None:
        if self._line_ended and statement.text.strip():
            begins = bool(_ITEM.match(statement.before))
            if not begins and not statement.before.startswith((" ", "\t")):
                self._items = set()
            self._in_item = begins
        self._line_ended = "\n" in statement.after
        if self._in_item and part:
            self._items.add(shown)

    def _is_missed(self, left_out: tuple[int, Span]) -> bool:
        number, span = left_out
        return any(number == other and _distance(span, shown) <= NEAR for other, shown in self._shown)


def _distance(one: Span, other: Span) -> int:
    return max(one.start - other.end, other.start - one.end, 0)
