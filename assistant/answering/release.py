"""Letting a model's text through to the customer while it is being written: checked first, or cleaned alone."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import inf
from operator import itemgetter
from typing import Any, Protocol

from assistant.answering.backing import Judgement
from assistant.answering.completeness import Completeness
from assistant.answering.numbering import Numbering
from assistant.answering.prompts import is_no_answer, may_be_no_answer
from assistant.answering.provisos import told
from assistant.answering.repeats import Told
from assistant.answering.sanitising import Sanitiser, recites_rules, uncited
from assistant.answering.statements import (
    Statement,
    complete,
    is_fragment,
    joined,
    rendered,
    statements,
)
from assistant.answering.support import Claimed, Support
from assistant.answering.unasserted import introducing, states_nothing, tells_a_gap
from assistant.answers import CITATION
from assistant.llm.blocks import Span
from assistant.terms import terms
from knowledge.retrieval import Passage

_ROWS = re.compile(r"^[ \t]*\|.*\n?", re.M)
# Sentences before one that may tell what it leaves out.
BESIDE = 3
_GAPS = re.compile(r"\n\s*\n\s*")


class Evidence:
    """The passages of one prompt, ready to be held against a model's text.

    `seconds_left` says how many seconds are left until the answer has to be there; without it time does not matter.
    """

    def __init__(
        self, question: str, passages: Sequence[Passage], seconds_left: Callable[[], float] = lambda: inf
    ) -> None:
        self.passages = passages
        self.asked = frozenset(terms(question))
        titles = [title for passage in passages for title in (passage.title, *passage.heading_path)]
        self.introducing = introducing(question, dict.fromkeys(titles))
        self.sanitiser = Sanitiser(passages)
        self.support = Support(question, passages, seconds_left)

    def statements(self, text: str, introduced: tuple[int, ...] = ()) -> tuple[list[Statement], tuple[int, ...]]:
        """As `statements`, of a cleaned text, each with no link but to where a passage that it cites leads."""
        found, introduced = statements(self.sanitiser.clean(text), introduced)
        return [each if each.code else self._linked(each) for each in found], introduced

    def _linked(self, statement: Statement) -> Statement:
        return replace(statement, text=self.sanitiser.linked_from(statement.text, statement.cited))


@dataclass(frozen=True)
class Checked:
    """What became of one sentence: an entry of a turn's explanation. `opinion` is a model's, "" when none was asked."""

    sentence: str
    cited: tuple[int, ...]
    shown: bool
    why: str
    score: float = 0.0
    opinion: str = ""

    def as_json(self) -> dict[str, Any]:
        kept = {**asdict(self), "cited": list(self.cited)}
        return kept if self.opinion else {name: value for name, value in kept.items() if name != "opinion"}


class Release(Protocol):
    """What may be shown of a text that comes in pieces."""

    def add(self, text: str) -> bool:
        """Take a piece; whether something can be let through now. Fit for an event loop."""

    def take(self) -> str:
        """What may be shown now."""

    def close(self) -> str:
        """The rest, when the text is whole."""

    @property
    def early(self) -> str:
        """What may be shown behind all that, until the sentence that it is of is whole."""

    @property
    def cited(self) -> tuple[int, ...]:
        """The passages' own numbers, in the order of the numbers they are shown with."""

    @property
    def incomplete(self) -> bool:
        """Whether so much was dropped that the rest does not answer: no more of it is to be shown."""

    @property
    def quotes(self) -> Mapping[int, Span]:
        """By the passages' own numbers the stretches that the shown text rests on, as far as it was checked."""


class Verified:
    """Lets sentences through once the passages that they cite are found to say the same. Synchronous; may embed."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._numbering = Numbering()
        self._told = Told()
        self._held = ""
        self._begun = ""
        self._introduced: tuple[int, ...] = ()
        self._waiting: Sequence[Statement] = ()  # for the next ones, which may tell what it leaves out
        self._before: list[str] = []  # the sentences that were shown last
        self._in_table = False
        self._pending: list[Checked] = []
        self._pending_text = ""
        self.checks: list[Checked] = []
        self._windows: dict[int, tuple[float, Span]] = {}
        self._completeness = Completeness()

    @property
    def early(self) -> str:
        return ""

    @property
    def cited(self) -> tuple[int, ...]:
        return tuple(self._numbering.cited)

    @property
    def incomplete(self) -> bool:
        return self._completeness.broken

    @property
    def quotes(self) -> Mapping[int, Span]:
        return {number: span for number, (_, span) in self._windows.items()}

    def add(self, text: str) -> bool:
        self._held += text
        # Each place that `complete` finds follows a citation or a line break.
        whole = ("]" in self._held or "\n" in self._held) and complete(self._held) > 0
        return whole and not may_be_no_answer(self._begun + self._held)

    def ahead(self, *, whole: bool = False) -> list[Claimed]:
        """What `take`, or `close` of a `whole` text, would show, as far as a model's opinion is open."""
        claims, held, introduced = dict[Claimed, None](), self._held, self._introduced
        while cut := complete(held) or (len(held) if whole else 0):
            found, introduced = self._evidence.statements(held[:cut], introduced)
            held = held[cut:]
            claims |= {Claimed(s.said, s.cited): None for s in found if (judged := self._check(s)[1]) and judged.open}
        return list(claims)

    def take(self) -> str:
        shown = ""
        while cut := complete(self._held):
            ready, self._held = self._held[:cut], self._held[cut:]
            shown += self._let_through(ready)
        return shown

    def close(self) -> str:
        if is_no_answer(self._begun + self._held):
            return ""
        shown = self.take() + self._let_through(self._held) + self._after_waiting(())
        self._held = ""
        if self.cited and any(check.why == "tells a gap" for check in self._pending):
            shown += self._with_pending()
        self.checks += [replace(check, shown=False) for check in self._pending]
        return shown

    def _let_through(self, ready: str) -> str:
        self._begun += ready
        found, self._introduced = self._evidence.statements(ready, self._introduced)
        shown, group = "", list[Statement]()
        for statement in found:
            group.append(statement)
            if CITATION.search(statement.text) or statement.after.count("\n") or statement is found[-1]:
                shown += self._after_waiting(group)
                if self._leaves_out(group):
                    self._waiting = group
                else:
                    shown += self._group(group)
                group = []
        return shown

    def _after_waiting(self, following: Sequence[Statement]) -> str:
        """What waited for the sentences that follow it."""
        waiting, self._waiting = self._waiting, ()
        return self._group(waiting, following) if waiting else ""

    def _leaves_out(self, group: Sequence[Statement]) -> bool:
        """Whether a sentence leaves out what its passage's holds under, and nothing so far tells it."""
        return any(not self._stands_beside(each, self._check(each)[1], group) for each in group)

    def _stands_beside(self, statement: Statement, judgement: Judgement | None, beside: Sequence[Statement]) -> bool:
        """Whether it leaves nothing out that no other one tells."""
        if judgement is None or not judgement.left_out:
            return True
        others = [(each, self._check(each)[1]) for each in beside if each is not statement]
        backed = [each.said for each, judged in others if judged and judged.shown]
        return told(judgement.left_out, [*self._before, *backed])

    def _group(self, group: Sequence[Statement], following: Sequence[Statement] = ()) -> str:
        """Sentences that share the last one's citation: those that are supported, with the citations they rest on."""
        judged = [(statement, *self._once(statement, [*group, *following])) for statement in group]
        backed = [judgement for _, check, judgement in judged if check.shown and judgement]
        unasserted = all(check.why in _UNASSERTED for _, check, _ in judged)
        if unasserted:
            self._pending += [check for _, check, _ in judged]
            self._pending_text += uncited(joined(group))
            return ""
        for statement, check, judgement in judged:
            self._completeness.take(statement, bool(backed) and check.shown, check.why, judgement)
        if not backed:
            self.checks += [replace(check, shown=False) for _, check, _ in judged]
            self._pending_text += group[-1].after if "\n" in group[-1].after else ""
            return ""
        shown = self._with_pending(of_table=group[0].text.startswith("|"))
        self.checks += [check for _, check, _ in judged]
        needed = [n for n in dict.fromkeys(n for s in group for n in s.cited) if any(n in j.windows for j in backed)]
        for judgement in backed:
            for number, span in judgement.windows.items():
                self._windows[number] = max(
                    self._windows.get(number, (0.0, span)), (judgement.score, span), key=itemgetter(0)
                )
        kept = [statement for statement, check, _ in judged if check.shown]
        self._before = [*self._before, *(statement.said for statement in kept)][-BESIDE:]
        return shown + self._numbering.anew(rendered(group, kept, needed))

    def _with_pending(self, *, of_table: bool = False) -> str:
        """What waited for something that states something; the head of a table only for a row of one."""
        text, self._pending_text = self._pending_text, ""
        if not of_table:
            text = _ROWS.sub("", text)
        self.checks += [replace(c, shown=of_table or not c.sentence.startswith("|")) for c in self._pending]
        self._pending = []
        return _GAPS.sub("\n\n", text) if text.strip() or self.cited else ""

    def _once(self, statement: Statement, beside: Sequence[Statement]) -> tuple[Checked, Judgement | None]:
        """Its check, which one that says again what was shown does not pass; `beside` are its neighbours and itself."""
        heads = statement.text.startswith("|") and not self._in_table
        self._in_table = statement.text.startswith("|")
        if not self._told.anew(statement):
            return Checked(statement.said, statement.cited, False, "said before"), None
        check, judgement = self._check(statement)
        if heads and check.why == "no citation" and self._evidence.support.judge_by_all(statement.said).shown:
            check = replace(check, shown=True, why="states nothing")
        if check.shown and judgement and not self._stands_beside(statement, judgement, beside):
            judgement = judgement.unconditional()
            check = replace(check, shown=False, why=judgement.why)
        if check.shown:
            self._told.let_through(statement)
        return check, judgement

    def _check(self, statement: Statement) -> tuple[Checked, Judgement | None]:
        said = statement.said
        checked = partial(Checked, said, statement.cited)
        if recites_rules(said):
            return checked(False, "own rules"), None
        support, text = self._evidence.support, statement.text if statement.code else said
        judgement = (support.judge_code if statement.code else support.judge)(text, statement.cited)
        if judgement.shown and judgement.why == "verbatim":
            pass
        elif is_fragment(statement, backed=judgement.shown):
            return checked(False, "no sentence"), None
        elif statement.cited and judgement.why == "negation":
            pass  # a gap that is none: the passage says the opposite
        elif tells_a_gap(said, self._evidence.asked):
            return checked(True, "tells a gap"), None
        elif states_nothing(said, self._evidence.introducing):
            return checked(True, "states nothing"), None
        elif not statement.cited:
            return checked(False, "no citation"), support.judge_by_all(text)
        return checked(judgement.shown, judgement.why, judgement.score, judgement.opinion), judgement


_UNASSERTED = ("states nothing", "tells a gap")
