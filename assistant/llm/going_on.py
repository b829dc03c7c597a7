"""Where an answer to "how" goes on: from what announces or introduces the steps to the steps themselves. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.llm.blocks import Block, Span, blocks
from assistant.llm.extracts import MAX_CHARACTERS, Extract, Reading, named
from assistant.llm.portions import WHOLE_PROCEDURE_CHARACTERS, portions
from assistant.llm.sections import (
    Section,
    heading_class,
    introduces,
    is_how_to,
    is_step_heading,
    sections,
    size,
)
from assistant.llm.wanted import Wanted

# From here on an article's title is the question, and its introduction no answer to it.
TITLE_NAMED = 0.5
# In log-odds: what is nearly as likely. At .5 and 1.0 techqa's answers get worse, and steps for another case win.
STEPS_BELOW = 0.25

_ANNOUNCING_END = re.compile(
    r"(?:\bbelow|\bas follows|\bfollowing (?:steps|instructions|procedure|methods?)|\bthese steps|"
    r"\b(?:can|may) be (?:solved|fixed|resolved|restored|avoided|corrected)\b[^.]*)\W*$",
    re.I,
)
_NESTED_STEP = re.compile(r"^\s+\d{1,2}[.)]\s", re.M)
# Sections that are for who has done the steps in vain.
_EXCEPTION = re.compile(r"^(?:if|when|troubleshoot\w*|errors?\b|known issues)", re.I)


def preferring_steps(
    question: str, readings: Sequence[Reading], ranked: Sequence[Extract], wanted: Wanted
) -> Sequence[Extract]:
    """The ranking; where it is asked how and the title is the question, with steps before what says none of them.

    Only steps of the best article, no further than STEPS_BELOW from the best stretch, and none where that leads up to
    some itself.
    """
    if not ranked or not is_how_to(question):
        return ranked
    best, reading = ranked[0], readings[ranked[0].reading]
    own = wanted.in_language(reading.language)
    if _has_steps(reading.text, best.blocks) or _leads_on(reading, best, own) or not _titled(reading, own):
        return ranked
    near = (e for e in ranked if e.article == best.article and e.score >= best.score - STEPS_BELOW)
    steps = next((e for e in near if _has_steps(reading.text, e.blocks)), None)
    return [replace(steps, score=best.score), *ranked] if steps else ranked


def gone_on(question: str, reading: Reading, extract: Extract, wanted: Wanted) -> Extract:
    """The stretch with the steps behind it, where it only leads up to them; else the stretch itself.

    It leads up to them when it ends by announcing something, or is the introduction of an article whose title is the
    question.
    """
    own = wanted.in_language(reading.language)
    if not is_how_to(question) or _has_steps(reading.text, extract.blocks) or not _leads_on(reading, extract, own):
        return extract
    # The title's words say which article, and not which of its sections.
    beyond = replace(own, asked=own.asked - own.terms(reading.title))
    steps = _steps_behind(reading.text, extract, beyond)
    more = bool(steps) and any(_with_steps(reading.text, steps[-1].end))
    return replace(extract, blocks=(*extract.blocks, *steps), more_steps=more)


def _has_steps(text: str, run: Sequence[Block]) -> bool:
    nested = any(block.kind == "list" and _NESTED_STEP.search(block.of(text)) for block in run)
    return nested or _is_procedure(text, run)


def _is_procedure(text: str, run: Sequence[Block]) -> bool:
    return any(b.kind == "steps" or (b.kind == "heading" and is_step_heading(b.of(text))) for b in run)


def _leads_on(reading: Reading, extract: Extract, wanted: Wanted) -> bool:
    last = extract.blocks[-1]
    if introduces(reading.text, last) or (last.kind == "paragraph" and _ANNOUNCING_END.search(last.of(reading.text))):
        return True
    return _heading_over(reading.text, extract.start) is None and _titled(reading, wanted)


def _heading_over(text: str, start: int) -> Block | None:
    return next((b for b in reversed(blocks(text)) if b.kind == "heading" and b.start < start), None)


def _titled(reading: Reading, wanted: Wanted) -> bool:
    return named(reading.title, wanted) >= TITLE_NAMED


def _steps_behind(text: str, extract: Extract, wanted: Wanted) -> tuple[Block, ...]:
    """The steps of its own section; else of the first of the later ones whose heading says most of what is asked."""
    found = list(_with_steps(text, extract.end))
    if not found:
        return ()
    if found[0][0].blocks[0].start < extract.end:
        return found[0][1]
    section, run = max(found, key=lambda pair: wanted.cover(pair[0].heading))
    heading = _heading_over(text, section.blocks[0].start)
    return (heading, *run) if heading and run[0].kind != "heading" else run


def _with_steps(text: str, end: int) -> Iterator[tuple[Section, tuple[Block, ...]]]:
    """The sections that have steps behind `end`, with what is shown of them."""
    for section in sections(text):
        behind = [block for block in section.blocks if block.start >= end]
        if heading_class(section.heading) == "aside" or _EXCEPTION.match(section.heading):
            continue
        if _is_procedure(text, behind) and (run := _to_steps(text, behind)):
            yield section, run


def _to_steps(text: str, body: Sequence[Block]) -> tuple[Block, ...]:
    """Its beginning to its first steps, and what more of it is as short as an answer; nothing of a book."""
    run: list[Block] = []
    for portion in portions(text, body):
        if _is_procedure(text, run) and _length([*run, *portion]) > MAX_CHARACTERS:
            break
        run += portion
    return tuple(run) if size(run) <= WHOLE_PROCEDURE_CHARACTERS else ()


def _length(run: Sequence[Block]) -> int:
    return Span(run[0].start, run[-1].end).end - run[0].start
