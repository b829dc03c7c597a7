"""Procedures that an article spreads over several headings or lists: shown whole, or what is left out is known. Pure.

The preparation stands under one heading, what is done under the next: whoever asks for the task that stands over them
needs both. Headings for one operating system, plan or product each are no steps of one procedure.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from assistant.llm.actions import is_of_another_action
from assistant.llm.blocks import Block, Span, blocks
from assistant.llm.cues import cues
from assistant.llm.extracts import Extract, Reading, named
from assistant.llm.going_on import TITLE_NAMED
from assistant.llm.portions import WHOLE_PROCEDURE_CHARACTERS
from assistant.llm.sections import (
    announces,
    heading_level,
    heading_words,
    headings_over,
    is_step_heading,
    section_at,
    sections,
    size,
)
from assistant.llm.wanted import Wanted

# From here on a heading is what is asked, and nobody is helped without all that stands under it. From TITLE_NAMED to
# here the question may be on a part of that, and what is left out is said.
TASK_NAMED = 0.7
# Of parts that begin alike, beside others: from here on they are cases to choose from, as messages of one program are.
CASES = 3
_A_WAY = frozenset({""})


@dataclass(frozen=True)
class _Part:
    """A heading's words, it and all that stands under it, and the steps of that.

    These are its lists of steps; of what a numbered table of contents leads to all but the headings.
    """

    words: str
    blocks: tuple[Block, ...]
    steps: tuple[Block, ...]


@dataclass(frozen=True)
class _Task:
    """What stands under the heading, or the title, that says most of what is asked, in parts; `own` has the stretch.

    `one` when those with steps are no alternatives; `named`: how nearly the heading is what is asked, 0..1; `chosen`
    when the own part's heading says what is asked beyond it; `ways` when there are others around it to choose from.
    """

    parts: tuple[_Part, ...]
    own: int
    one: bool
    named: float
    chosen: bool
    ways: bool = False

    @property
    def with_steps(self) -> list[int]:
        """The parts that have steps, by their index."""
        return [index for index, part in enumerate(self.parts) if part.steps]


@dataclass(frozen=True)
class _Asked:
    """The question; the words over the task and of the title; how nearly these are what is asked, 0..1."""

    wanted: Wanted
    said: str
    named: float

    @property
    def beyond(self) -> frozenset[str]:
        """What is asked beyond these words; of a title that is asked whole without the question's verb: it has none."""
        said = self.wanted.terms(self.said)
        first = next(iter(_terms(self.wanted.question, self.wanted)), frozenset[str]())
        return self.wanted.asked - said - (first if said <= self.wanted.asked else frozenset())


def whole_procedure(reading: Reading, extract: Extract, wanted: Wanted) -> Extract:
    """The stretch with the rest of the procedure that it is of, as far as that is asked how and fits.

    That is every list of steps of its section, and of the headings beside it where the task over them is asked.
    """
    own = wanted.in_language(reading.language)
    if not own.how:
        return extract
    wider = _with(extract, _rest_of_section(reading, extract))
    task = _task(reading, extract, own)
    if task and task.one and task.named >= TASK_NAMED and not task.chosen:
        wider = _with(wider, _rest_of_task(task, extract))
    if wider.blocks == extract.blocks:
        return extract
    return replace(wider, more_steps=extract.more_steps and left_out(reading, wider, wanted) is not None)


def left_out(reading: Reading, extract: Extract, wanted: Wanted) -> Literal["steps", "ways"] | None:
    """What the stretch has not of the procedure that it is of: further steps, or steps for other ways or cases."""
    own, shown = wanted.in_language(reading.language), extract.blocks
    with_steps = any(_steps(reading, shown))
    if with_steps and not _holds(shown, _steps(reading, section_at(reading.text, _core(extract)))):
        return "steps"
    task = _task(reading, extract, own)
    if task is None or not (with_steps or (own.how and task.named >= TITLE_NAMED)):
        return None
    unshown = any(not _holds(shown, task.parts[index].steps) for index in task.with_steps)
    if unshown and task.one:
        return "steps"
    return "ways" if own.how and (task.ways or (unshown and task.named >= TITLE_NAMED and not task.chosen)) else None


def holds_every_step(reading: Reading, shown: Sequence[Block], wanted: Wanted) -> bool:
    """Whether what is shown of an article has each of its lists of steps, but for those of another action."""
    own = wanted.in_language(reading.language)
    steps = _steps(reading, blocks(reading.text))
    return _holds(shown, [block for block in steps if not is_of_another_action(reading, block.start, own)])


def _with(extract: Extract, more: Sequence[Block]) -> Extract:
    """The stretch and what more is shown, in order; a part of a block gives way to the block."""
    kept = [block for block in extract.blocks if not _overlaps(block, more)]
    return replace(extract, blocks=tuple(sorted([*kept, *more], key=lambda block: block.start)))


def _core(extract: Extract) -> Block:
    """What says where the stretch is: its last list of steps, or its end; behind the steps may stand exceptions."""
    return next((block for block in reversed(extract.blocks) if block.kind == "steps"), extract.blocks[-1])


def _overlaps(block: Span, others: Sequence[Span]) -> bool:
    return any(block.start < other.end and other.start < block.end for other in others)


def _holds(shown: Sequence[Span], steps: Sequence[Span]) -> bool:
    return all(_overlaps(block, shown) for block in steps)


def _steps(reading: Reading, found: Sequence[Block]) -> tuple[Block, ...]:
    """The lists of steps; a list of links to the article's own sections is none."""
    text = reading.text
    return tuple(b for b in found if b.kind == "steps" and not announces(text, b, reading.language))


def _rest_of_section(reading: Reading, extract: Extract) -> tuple[Block, ...]:
    """Its section where that has steps beside those shown."""
    section = section_at(reading.text, _core(extract))
    steps = _steps(reading, section)
    if not any(_steps(reading, extract.blocks)) or _holds(extract.blocks, steps):
        return ()
    told = _telling(reading, section)
    return told if size(told) <= WHOLE_PROCEDURE_CHARACTERS else ()


def _rest_of_task(task: _Task, extract: Extract) -> tuple[Block, ...]:
    """From the first part with steps, or the one of the stretch, to the last one: the parts that fit, whole.

    Nothing where that does not reach the stretch.
    """
    with_steps = [index for index, part in enumerate(task.parts) if part.steps]
    kept: list[Block] = []
    reached = False
    for index in range(min(with_steps[0], task.own), max(with_steps[-1], task.own) + 1):
        part = task.parts[index]
        mine = index == task.own
        more = part.blocks
        if mine and not part.steps:  # what it says besides is not asked
            taken = [block for block in extract.blocks if _overlaps(block, part.blocks)]
            heading = part.blocks[:1] if part.blocks[0].kind == "heading" else ()
            more = (*heading, *(block for block in taken if block not in heading))
        if kept and size(kept) + size(more) > WHOLE_PROCEDURE_CHARACTERS:
            break
        kept += more
        reached |= mine
    return tuple(kept) if reached and size(kept) <= WHOLE_PROCEDURE_CHARACTERS else ()


def _is_beside(heading: str, asked: _Asked) -> bool:
    """Whether it is over an aside, the problem or what to do when the steps fail, or over a task that is not asked.

    Such a task is one of several in the title: "Review your plan" in "Review, change, or cancel a plan".
    """
    wanted, said = asked.wanted, cues(asked.wanted.language)
    if said.heading_class(heading) in ("aside", "problem", "cause") or said.is_in_vain(heading):
        return True
    first = next(iter(_terms(heading, wanted)), frozenset())
    return bool(first) and first <= wanted.terms(asked.said) - wanted.asked


def _is_of_another(reading: Reading, part: _Part, wanted: Wanted) -> bool:
    return bool(part.words) and is_of_another_action(reading, part.blocks[0].start, wanted)


def _terms(heading: str, wanted: Wanted) -> list[frozenset[str]]:
    """The terms of each of its words that has any."""
    return [found for word in heading.split() if (found := wanted.terms(word))]


def _task(reading: Reading, extract: Extract, wanted: Wanted) -> _Task | None:
    """The task that a stretch is of; None where a single heading has all of its steps."""
    over: Block | None = None
    for heading in headings_over(reading.text, extract.start):
        nearer = named(_words(reading, heading), wanted) >= named(_words(reading, over), wanted)
        if nearer and wanted.terms(_words(reading, heading)) != wanted.terms(_words(reading, over)):
            over = heading
    words = _words(reading, over)
    return _under(reading, extract, over, _Asked(wanted, f"{words} {reading.title}", named(words, wanted)))


def _under(reading: Reading, extract: Extract, over: Block | None, asked: _Asked) -> _Task | None:
    """The task under a heading, or in the whole article; of ways to choose from the one within the stretch's own."""
    wanted = asked.wanted
    every = list(_parts(reading, over))
    mine = next((part for part in every if _overlaps(_core(extract), part.blocks)), None)
    if mine is None:
        return None
    apart = _is_beside(mine.words, asked)
    parts = [
        part
        for part in every
        if part is mine or not (apart or _is_beside(part.words, asked) or _is_of_another(reading, part, wanted))
    ]
    own = parts.index(mine)
    chosen = bool(wanted.terms(mine.words) & asked.beyond)
    with_steps = [part for part in parts if part.steps]
    several = len(with_steps) > 1
    task = _Task(tuple(parts), own, _is_one(with_steps, wanted, wanted.terms(asked.said)), asked.named, chosen)
    inner = mine.blocks[0]
    if (several and task.one and not chosen) or inner.kind != "heading":
        return task if several else None
    deeper = _under(reading, extract, inner, asked)
    if deeper is None:
        return task if several else None
    return replace(deeper, ways=deeper.ways or (several and not task.one and not chosen))


def _words(reading: Reading, heading: Block | None) -> str:
    return heading_words(heading.of(reading.text)) if heading else reading.title


def _parts(reading: Reading, over: Block | None) -> Iterator[_Part]:
    """What stands right under a heading, then each of the headings that are the next deeper."""
    text = reading.text
    headings = [block for block in blocks(text) if block.kind == "heading"]
    start, level = (over.end, heading_level(text, over)) if over else (0, -1)
    behind = [heading for heading in headings if heading.start >= start]
    end = next((heading.start for heading in behind if heading_level(text, heading) <= level), len(text))
    inner = [heading for heading in behind if heading.start < end]
    top = min((heading_level(text, heading) for heading in inner), default=0)
    firsts = [heading for heading in inner if heading_level(text, heading) == top]
    starts = [start, *(heading.start for heading in firsts), end]
    said = [block for section in sections(text) for block in section.blocks]
    told = _telling(reading, said)
    in_order = any(b.kind == "steps" and start <= b.start < starts[1] for b in set(said) - set(told))
    every = sorted({*inner, *told}, key=lambda block: block.start)
    for words, (first, after) in zip(["", *(_words(reading, h) for h in firsts)], pairwise(starts), strict=True):
        held = tuple(block for block in every if first <= block.start < after)
        if any(block.kind != "heading" for block in held):
            steps = tuple(b for b in held if b.kind != "heading") if in_order and words else _steps(reading, held)
            yield _Part(words, held, steps)


def _telling(reading: Reading, found: Sequence[Block]) -> tuple[Block, ...]:
    return tuple(b for b in found if b.kind == "quotation" or not announces(reading.text, b, reading.language))


def _is_one(with_steps: Sequence[_Part], wanted: Wanted, task: frozenset[str]) -> bool:
    """Whether headings are over steps of one procedure, and not over ways or cases to choose from.

    Those begin alike ("Add a board by cable", "Add a board by Bluetooth"), end alike in a word that the task has not
    ("Free plan", "Team plan"), or all name a way ("Windows", "Linux").
    """
    said = cues(wanted.language)
    if any(is_step_heading(part.words) for part in with_steps):
        return True
    words = [_terms(part.words, wanted) for part in with_steps]
    begin = Counter(
        _A_WAY if said.is_way(part.words) else next(iter(each), frozenset())
        for part, each in zip(with_steps, words, strict=True)
    )
    end = {each[-1] for each in words if each}
    alike = max(begin.values(), default=0)
    if len(begin) < 2 or (alike >= CASES and 2 * alike > len(with_steps)):
        return False
    return len(end) > 1 or all(last <= task for last in end)
