"""The portions of a section that are never cut: steps whole, a condition with its consequence. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.llm.blocks import Block, Span, blocks, sentences
from assistant.llm.cues import Cues, cues
from assistant.llm.density import density
from assistant.llm.sections import (
    STEP_WORDS,
    WHOLE_PARAGRAPH_CHARACTERS,
    heading_level,
    introduces,
    is_step_heading,
    size,
)

Portion = tuple[Block, ...]
# A procedure under numbered headings is shown whole up to this size, its steps up to there when it is longer: a book of
# numbered chapters looks like one. That more follows is said.
WHOLE_PROCEDURE_CHARACTERS = 6_000

_WRITTEN_STEP = re.compile(rf"\W*{STEP_WORDS}(\d{{1,3}})(?!\d)", re.I)


def portions(text: str, body: Sequence[Block], language: str) -> list[Portion]:
    """The blocks of a section in the smallest runs that say something whole, in order.

    An introduction stays with what it introduces, steps with their continuation, a sentence with the one it leans on,
    a numbered heading with what is under it; long paragraphs are taken sentence by sentence, but for steps in prose.
    """
    said = cues(language)
    if has_step_headings(text, body):
        return [_up_to(text, body, said, WHOLE_PROCEDURE_CHARACTERS)]
    found: list[Portion] = []
    for group in _groups(text, body, said):
        only = group[0] if len(group) == 1 else None
        if only and only.kind == "paragraph" and size(group) * density(text) > WHOLE_PARAGRAPH_CHARACTERS:
            found += [(replace(only, start=span.start, end=span.end),) for span in _statements(text, only, said)]
        else:
            found.append(tuple(group))
    return found


def _up_to(text: str, body: Sequence[Block], said: Cues, characters: int) -> Portion:
    """The steps that fit, whole; at least the first."""
    kept: list[Block] = []
    for group in _groups(text, body, said):
        if kept and size(kept) + size(group) > characters:
            break
        kept += group
    return tuple(kept)


def has_step_headings(text: str, body: Sequence[Block]) -> bool:
    """Whether a section's steps stand under headings of their own: its beginning is then part of any answer."""
    return any(block.kind == "heading" and is_step_heading(block.of(text)) for block in body)


def has_more_steps(text: str, shown: Sequence[Block]) -> bool:
    """Whether the procedure under numbered headings goes on behind what is shown: with a step, or within one."""
    steps = [block for block in shown if block.kind == "heading" and is_step_heading(block.of(text))]
    following = next((block for block in blocks(text) if block.start >= shown[-1].end), None)
    if not steps or following is None or following.kind != "heading":
        return False
    return is_step_heading(following.of(text)) or heading_level(text, following) > max(heading_level(text, steps[0]), 1)


def _statements(text: str, paragraph: Block, said: Cues) -> list[Span]:
    """The sentences of a paragraph, each with those that lean on it; steps, from the first to the end, are one."""
    whole = sentences(text, paragraph)
    steps = _first_step([sentence.of(text) for sentence in whole], said)
    if steps is not None:
        whole[steps:] = [Span(whole[steps].start, paragraph.end)]
    found: list[Span] = []
    for sentence in whole:
        if found and said.leans(sentence.of(text)):
            found[-1] = Span(found[-1].start, sentence.end)
        else:
            found.append(sentence)
    return found


def _first_step(whole: Sequence[str], said: Cues) -> int | None:
    """Where steps in prose begin: at the last sentence before a further step that says so, else at the first of all.

    A single further step makes no procedure where no sentence says that one begins.
    """
    further = [index for index, sentence in enumerate(whole) if index and said.goes_on(sentence)]
    if not further:
        return None
    begins = [index for index in range(further[0]) if said.begins(whole[index])]
    if begins:
        return begins[-1]
    return 0 if len(further) > 1 else None


def _groups(text: str, body: Sequence[Block], said: Cues) -> list[list[Block]]:
    groups: list[list[Block]] = []
    for block in body:
        before = groups[-1][-1] if groups else None
        if before is not None and _belongs(text, before, block, said):
            groups[-1].append(block)
        else:
            groups.append([block])
    return _with_continued_steps(text, groups, said)


def _belongs(text: str, before: Block, block: Block, said: Cues) -> bool:
    structured = block.kind in ("steps", "list", "table", "code", "quotation")
    leans = block.kind == "paragraph" and said.leans(block.of(text))
    last_step = before.kind in ("steps", "list") and block.kind == "code" and before.of(text).rstrip().endswith(":")
    introduced = introduces(text, before) or last_step or (structured and before.kind == "paragraph")
    return before.kind == "heading" or introduced or leans


def _step(text: str, block: Block, said: Cues) -> int:
    """The number that a list of steps, or a paragraph that is one ("Step 2: ..."), begins with; 0 for anything else.

    A paragraph that says no more than that it is a further step counts as a second.
    """
    if block.kind == "steps":
        return block.number
    if block.kind != "paragraph":
        return 0
    written = _WRITTEN_STEP.match(block.of(text))
    return int(written[1]) if written else 2 * said.goes_on(block.of(text))


def _with_continued_steps(text: str, groups: list[list[Block]], said: Cues) -> list[list[Block]]:
    """Steps that an image or a code block interrupted go on with a number above one: they are one procedure."""
    joined: list[list[Block]] = []
    for group in groups:
        continued = next((number > 1 for block in group if (number := _step(text, block, said))), False)
        first = next((i for i, g in enumerate(joined) if any(_step(text, block, said) for block in g)), None)
        if continued and first is not None:
            joined[first:] = [[block for g in [*joined[first:], group] for block in g]]
        else:
            joined.append(group)
    return joined
