"""Letting a model's text through at once, to be checked when it is whole, where it has something of the passages."""

import re
from collections.abc import Mapping

from assistant.answering.early import Early
from assistant.answering.numbering import Numbering
from assistant.answering.prompts import is_no_answer, may_be_no_answer
from assistant.answering.release import Evidence
from assistant.answering.repeats import Told
from assistant.answering.sanitising import may_be_cut, recites_rules
from assistant.answering.statements import Statement, is_fragment, joined
from assistant.answering.unasserted import states_nothing, tells_a_gap
from assistant.llm.blocks import Span

_BOUNDARY = re.compile(r"\n|(?<=[.!?])\s+(?=\S)|(?<=[.!?]\])\s+(?=\S)|(?<=\d\])\s+(?=[^\s\[])")
# The mark of a list item ends no sentence.
_NUMBERED = re.compile(r"(?:^|\n)[ \t]*\d{1,3}\.$")
# Without one of these a growing text has no boundary, and need not be searched for one with every piece.
_MAY_END = re.compile(r"[.!?\]\n]")


class Cleaned:
    """Lets sentences through at once that have something of the passages, without what no text may carry."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._numbering = Numbering()
        self._told = Told()
        self._early = Early(evidence.support.sentences)
        self._held = ""
        self._begun = ""

    @property
    def cited(self) -> tuple[int, ...]:
        return tuple(self._numbering.cited)

    @property
    def incomplete(self) -> bool:
        return False  # which the check at the end finds out

    @property
    def quotes(self) -> Mapping[int, Span]:
        return {}

    @property
    def early(self) -> str:
        begun = self._early.text
        waits = not begun or self._told.begins_again(begun) or may_be_no_answer(self._begun + self._held)
        return "" if waits else self._early.mark + begun

    def add(self, text: str) -> bool:
        self._held += text
        self._early.add(text)
        whole = _MAY_END.search(self._held) is not None and _last_boundary(self._held) > 0
        return whole and not may_be_no_answer(self._begun + self._held)

    def take(self) -> str:
        cut = _last_boundary(self._held)
        ready, self._held = self._held[:cut], self._held[cut:]
        self._early.begin(self._held)
        return self._let_through(ready)

    def close(self) -> str:
        ready, self._held = self._held, ""
        self._early.begin()
        return "" if is_no_answer(self._begun + ready) else self._let_through(ready)

    def _let_through(self, ready: str) -> str:
        self._begun += ready
        found, _ = self._evidence.statements(ready)
        passing = list[Statement]()
        for statement in found:
            if self._told.anew(statement) and self._may_pass(statement):
                self._told.let_through(statement)
                passing.append(statement)
        return self._numbering.anew(joined(passing))

    def _may_pass(self, statement: Statement) -> bool:
        """Whether it could be from the passages: what has nothing of them is not shown for a moment."""
        said, asked = statement.said, self._evidence.asked
        near = self._evidence.support.resembles(said, statement.cited)
        if recites_rules(said) or is_fragment(statement, backed=near and bool(statement.cited)):
            return False
        return near or states_nothing(said, self._evidence.introducing) or tells_a_gap(said, asked)


def _last_boundary(text: str) -> int:
    """Where the last whole sentence ends; not inside brackets, so that no link is let through in halves."""
    for match in reversed(list(_BOUNDARY.finditer(text))):
        if may_be_cut(text[: match.end()]) and not _NUMBERED.search(text, 0, match.start()):
            return match.end()
    return 0
