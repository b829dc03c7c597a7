"""Where an answer to "how" goes on: from what announces or introduces the steps to the steps themselves. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.llm.actions import is_of_another_action
from assistant.llm.blocks import Block, blocks, sentences
from assistant.llm.cues import cues
from assistant.llm.extracts import MAX_CHARACTERS, Extract, Reading, named
from assistant.llm.portions import WHOLE_PROCEDURE_CHARACTERS, has_step_headings, portions
from assistant.llm.sections import (
    WHOLE_PARAGRAPH_CHARACTERS,
    Section,
    extent,
    heading_level,
    heading_words,
    headings_over,
    introduces,
    is_step_heading,
    sections,
    size,
)
from assistant.llm.wanted import LOSSES, Wanted

# From here on an article's title is the question, and its introduction no answer to it.
TITLE_NAMED = 0.5
# In log-odds: what is nearly as likely. At .5 and 1.0 techqa's answers get worse, and steps for another case win.
STEPS_BELOW = 0.25
# Where a task is asked and nothing shown tells to do anything: what does, and is as much on the question.
INSTRUCTIONS_BELOW = 1.5
# Clauses of another section that tell to do something: a single one may be an aside.
LEAST_TOLD = 2

# What may stand before the next heading and says nothing: white space and rules.
_BETWEEN = " \n\t-*_"
_NESTED_STEP = re.compile(r"^\s+\d{1,2}[.)]\s", re.M)


def preferring_steps(readings: Sequence[Reading], ranked: Sequence[Extract], wanted: Wanted) -> Sequence[Extract]:
    """The ranking; where it is asked how, with what tells it before what says no step of it.

    Only of the best article, and nothing where the best stretch leads up to steps itself.
    """
    if not ranked or not wanted.how:
        return ranked
    best, reading = ranked[0], readings[ranked[0].reading]
    own = wanted.in_language(reading.language)
    if _has_steps(reading.text, best.blocks):
        return ranked
    instead = _steps_nearby(reading, best, ranked, own) or _instructions(reading, best, ranked, own)
    return [replace(instead, score=best.score), *ranked] if instead else ranked


def _steps_nearby(reading: Reading, best: Extract, ranked: Sequence[Extract], wanted: Wanted) -> Extract | None:
    """Where the title is the question, the best steps no further than STEPS_BELOW from the best stretch."""
    if _leads_on(reading, best, wanted) or not _titled(reading, wanted):
        return None
    near = (e for e in ranked if e.article == best.article and e.score >= best.score - STEPS_BELOW)
    return next((e for e in near if _has_steps(reading.text, e.blocks)), None)


def _instructions(reading: Reading, best: Extract, ranked: Sequence[Extract], wanted: Wanted) -> Extract | None:
    """Where a task is asked and the best stretch only tells of it: the best of its article that tells to do something.

    Of those that are as much on the question one that holds the best stretch, too, before others. Of another section a
    single clause may be an aside.
    """
    if not wanted.task or instructions(reading, gone_on(reading, best, wanted).blocks):
        return None
    near = [e for e in ranked if e.article == best.article and e.score >= best.score - INSTRUCTIONS_BELOW]
    near.sort(key=lambda e: not (e.start <= best.start and best.end <= e.end))
    return next((e for e in near if _is_instead(reading, e, best, wanted)), None)


def _is_instead(reading: Reading, extract: Extract, best: Extract, wanted: Wanted) -> bool:
    """Whether a stretch tells what to do, and says as much of the question as the best one."""
    text = reading.text
    ours, theirs = (_heading_over(text, each.start) for each in (extract, best))
    if instructions(reading, extract.blocks) < (1 if ours == theirs else LEAST_TOLD):
        return False
    over, theirs_over = (heading_words(each.of(text)) if each else "" for each in (ours, theirs))
    if ours != theirs and not _is_as_good(over, theirs_over, reading, wanted):
        return False
    mine, others = (text[each.start : each.end] for each in (extract, best))
    return wanted.cover(f"{reading.title} {over} {mine}") >= wanted.cover(f"{reading.title} {theirs_over} {others}")


def _is_as_good(heading: str, other: str, reading: Reading, wanted: Wanted) -> bool:
    """Whether a heading names what is asked to be done, or says as much of the question; no loss of other things."""
    said = cues(wanted.language)
    asked = wanted.asked | wanted.terms(reading.title)
    if said.actions(heading) & LOSSES and wanted.terms(said.things(heading)).isdisjoint(asked):
        return False
    beside = said.is_in_vain(other) or said.heading_class(other) in ("aside", "problem")
    named = bool(said.actions(heading) & wanted.actions)
    return named or beside or wanted.cover(heading) >= wanted.cover(other)


def instructions(reading: Reading, run: Sequence[Block]) -> int:
    """How many clauses tell somebody to do something; as many as are needed where there are steps."""
    text, said = reading.text, cues(reading.language)
    if _has_steps(text, run):
        return LEAST_TOLD
    units = (unit for block in run if block.kind in ("paragraph", "list") for unit in block.parts or (block,))
    return sum(said.instructions(sentence.of(text)) for unit in units for sentence in sentences(text, unit))


def gone_on(reading: Reading, extract: Extract, wanted: Wanted) -> Extract:
    """The stretch with the steps behind it, where it only leads up to them; else the stretch itself.

    It leads up to them when it ends by announcing something, or is the introduction of an article whose title is the
    question, or when its section is a few words over others that have them. Of a fault the first thing to do counts as
    steps. Steps that may be of something else are left out, and `more_steps` says that there are some.
    """
    own = wanted.in_language(reading.language)
    if not own.how or _has_steps(reading.text, extract.blocks):
        return extract
    found = list(_with_steps(reading, extract.end, own))
    leads_on = _leads_on(reading, extract, own)
    steps = (
        (_steps_behind(reading, extract, found, own) if leads_on else ())
        or _under_heading(reading, extract, found, own)
        or _behind_precautions(reading, extract, found, own)
        or _first_remedy(reading, extract, own)
    )
    if not leads_on and not steps:
        return extract
    more = len(found) > bool(steps) or (bool(steps) and any(_with_steps(reading, steps[-1].end, own)))
    return replace(extract, blocks=(*extract.blocks, *steps), more_steps=more)


def _has_steps(text: str, run: Sequence[Block]) -> bool:
    nested = any(block.kind == "list" and _NESTED_STEP.search(block.of(text)) for block in run)
    return nested or _is_procedure(text, run)


def _is_procedure(text: str, run: Sequence[Block]) -> bool:
    return has_step_headings(text, run) or any(block.kind == "steps" for block in run)


def _leads_on(reading: Reading, extract: Extract, wanted: Wanted) -> bool:
    last = extract.blocks[-1]
    fix_follows = last.kind == "paragraph" and cues(wanted.language).fix_follows(last.of(reading.text))
    if fix_follows or _steps_follow(reading.text, last, wanted.language):
        return True
    return _heading_over(reading.text, extract.start) is None and _titled(reading, wanted)


def _steps_follow(text: str, last: Block, language: str) -> bool:
    """Whether it ends by saying that steps come next."""
    return introduces(text, last) or (last.kind == "paragraph" and cues(language).steps_follow(last.of(text)))


def _heading_over(text: str, start: int) -> Block | None:
    return next((b for b in reversed(blocks(text)) if b.kind == "heading" and b.start < start), None)


def _titled(reading: Reading, wanted: Wanted) -> bool:
    return named(reading.title, wanted) >= TITLE_NAMED


def _steps_behind(
    reading: Reading, extract: Extract, found: Sequence[tuple[Section, tuple[Block, ...]]], wanted: Wanted
) -> tuple[Block, ...]:
    """The steps of its own section; else of the later one whose heading says most of what is asked beyond the title.

    The title's words say which article. Of headings that are level the one that is the question, then the first.
    """
    text = reading.text
    if found and found[0][0].blocks[0].start < extract.end:
        return found[0][1]
    if not _steps_follow(text, extract.blocks[-1], wanted.language):
        found = [pair for pair in found if _is_of_the_task(pair[0].heading, reading, extract, wanted)]
    return _likeliest(reading, found, wanted)


def _likeliest(
    reading: Reading, found: Sequence[tuple[Section, tuple[Block, ...]]], wanted: Wanted
) -> tuple[Block, ...]:
    beyond = replace(wanted, asked=wanted.asked - wanted.terms(reading.title))
    best = max(found, key=lambda pair: (beyond.cover(pair[0].heading), _titling(pair[0].heading, wanted)), default=None)
    return _headed(reading.text, *best) if best else ()


def _headed(text: str, section: Section, run: tuple[Block, ...]) -> tuple[Block, ...]:
    heading = _heading_over(text, section.blocks[0].start)
    return (heading, *run) if heading and run[0].kind != "heading" else run


def _under_heading(
    reading: Reading, extract: Extract, found: Sequence[tuple[Section, tuple[Block, ...]]], wanted: Wanted
) -> tuple[Block, ...]:
    """Of a few words right over further headings, the likeliest steps under these."""
    text = reading.text
    own, heads = _heading_over(text, extract.start), [block for block in blocks(text) if block.kind == "heading"]
    level = heading_level(text, own) if own else 0
    behind = [head for head in heads if head.start >= extract.end]
    if not level or size(extract.blocks) > WHOLE_PARAGRAPH_CHARACTERS or not behind:
        return ()
    if heading_level(text, behind[0]) <= level or text[extract.end : behind[0].start].strip(_BETWEEN):
        return ()
    end = next((head.start for head in behind if heading_level(text, head) <= level), len(text))
    return _likeliest(reading, [pair for pair in found if pair[0].blocks[0].start < end], wanted)


def _behind_precautions(
    reading: Reading, extract: Extract, found: Sequence[tuple[Section, tuple[Block, ...]]], wanted: Wanted
) -> tuple[Block, ...]:
    """Of what has to be known before a task, the likeliest steps of that."""
    text, own = reading.text, _heading_over(reading.text, extract.start)
    if own is None or not cues(wanted.language).warns(heading_words(own.of(text))):
        return ()
    task = headings_over(text, own.start)[:-1]
    within = (pair for pair in found if headings_over(text, pair[0].blocks[0].start)[: len(task)] == task)
    return _likeliest(reading, list(within), wanted)


def _first_remedy(reading: Reading, extract: Extract, wanted: Wanted) -> tuple[Block, ...]:
    """Of what introduces an article on the fault that is told, the first section that says what to do."""
    text, said = reading.text, cues(reading.language)
    introduction = _heading_over(text, extract.start) is None and _titled(reading, wanted)
    if not introduction or not said.is_fault(reading.title):
        return ()
    for section in sections(text):
        behind = [block for block in section.blocks if block.start >= extract.end]
        if said.heading_class(section.heading) not in ("aside", "problem", "cause") and _tells_what_to_do(text, behind):
            run = _to_steps(text, behind, reading.language, _tells_what_to_do)
            return _headed(text, section, run) if run else ()
    return ()


def _tells_what_to_do(text: str, run: Sequence[Block]) -> bool:
    """Whether there are steps, or a list that a sentence introduces."""
    listed = (introduces(text, before) and block.kind == "list" for before, block in pairwise(run))
    return _is_procedure(text, run) or any(listed)


def _titling(heading: str, wanted: Wanted) -> float:
    """How nearly a heading is the question; 0 where that may be chance."""
    nearly = named(heading, wanted)
    return nearly if nearly >= TITLE_NAMED else 0.0


def _is_of_the_task(heading: str, reading: Reading, extract: Extract, wanted: Wanted) -> bool:
    """Whether a later section may have the steps of what is asked, and not of a task beside it ("Delete your account").

    Its heading is numbered, says a way to go about it or that it answers, has a word that only what is shown has, or
    begins with one of the question, the title or what is shown: then with another of them, a way or nothing behind it.
    """
    said = cues(wanted.language)
    if is_step_heading(heading) or said.is_way(heading) or said.heading_class(heading) == "answer":
        return True
    shown, asked = wanted.terms(reading.text[extract.start : extract.end]), wanted.asked | wanted.terms(reading.title)
    first = next(filter(None, map(wanted.terms, heading.split())), frozenset[str]())
    rest = heading.partition(" ")[2]
    only_the_verb = wanted.terms(rest).isdisjoint(asked | shown) and bool(wanted.terms(rest)) and not said.is_way(rest)
    return (first <= asked | shown and not only_the_verb) or bool(wanted.terms(heading) & (shown - asked))


def _with_steps(reading: Reading, end: int, wanted: Wanted) -> Iterator[tuple[Section, tuple[Block, ...]]]:
    """The sections that have steps behind `end`, none of another action, with what is shown of them."""
    text, said = reading.text, cues(reading.language)
    for section in sections(text):
        behind = [block for block in section.blocks if block.start >= end]
        if said.heading_class(section.heading) == "aside" or said.is_in_vain(section.heading):
            continue
        if not _is_procedure(text, behind) or is_of_another_action(reading, section.blocks[0].start, wanted):
            continue
        if run := _to_steps(text, behind, reading.language):
            yield section, run


def _to_steps(
    text: str, body: Sequence[Block], language: str, are_steps: Callable[[str, Sequence[Block]], bool] = _is_procedure
) -> tuple[Block, ...]:
    """Its beginning to its first steps, and what more of it is as short as an answer; nothing of a book."""
    run: list[Block] = []
    for portion in portions(text, body, language):
        if are_steps(text, run) and extent([*run, *portion]) > MAX_CHARACTERS:
            break
        run += portion
    return tuple(run) if size(run) <= WHOLE_PROCEDURE_CHARACTERS else ()
