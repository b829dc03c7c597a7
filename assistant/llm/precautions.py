"""What has to be known before steps and stands in a section of its own: "Before you start", "Warning". Pure."""

from collections.abc import Iterator
from dataclasses import replace

from assistant.llm.blocks import Block, Span, blocks
from assistant.llm.cues import cues
from assistant.llm.extracts import Extract, Reading
from assistant.llm.going_on import LEAST_TOLD, instructions
from assistant.llm.portions import portions
from assistant.llm.sections import heading_words, headings_over, size
from assistant.llm.wanted import Wanted

# Of each section; of a longer one its beginning.
PRECAUTION_CHARACTERS = 700


def with_precautions(reading: Reading, extract: Extract, wanted: Wanted) -> Extract:
    """The stretch with the sections beside what it says to do whose headings say that they warn, in order.

    Behind what warns stands the stretch's own heading, so that it is not taken for a part of it.
    """
    own, text = wanted.in_language(reading.language), reading.text
    if not own.how or instructions(reading, extract.blocks) < LEAST_TOLD:
        return extract
    headings = [block for block in blocks(text) if block.kind == "heading"]
    told = next((block for block in extract.blocks if block.kind == "steps"), extract.blocks[-1])
    warning = (heading for heading in headings if _warns(reading, heading, told, own))
    fresh = [block for heading in warning for block in _section(reading, heading, extract)]
    if not fresh:
        return extract
    if fresh[0].start < extract.start:
        fresh += [block for block in headings_over(text, extract.start)[-1:] if block not in extract.blocks]
    return replace(extract, blocks=tuple(sorted([*extract.blocks, *fresh], key=lambda block: block.start)))


def _warns(reading: Reading, heading: Block, told: Block, wanted: Wanted) -> bool:
    """Whether a heading warns of what is told: within the same task, before all of its steps or right beside these.

    Not where it names another thing to do ("Before you delete it"), nor where it is a message ("`Warning: ...`").
    """
    text, said = reading.text, cues(wanted.language)
    words, named = heading_words(heading.of(text)), said.actions(heading.of(text))
    if not said.warns(words) or "`" in words or (named and named.isdisjoint(wanted.actions)):
        return False
    above, over = (headings_over(text, block.start) for block in (heading, told))
    if heading in over or above[:-1] != over[: len(above) - 1]:
        return False
    task = above[-2].start if len(above) > 1 else 0
    end = _end(text, heading)
    steps = [block for block in blocks(text) if block.kind == "steps" and not heading.start < block.start < end]
    if heading.start < told.start and not any(task <= block.start < heading.start for block in steps):
        return True
    first, last = sorted((heading.start, told.start))
    return not any(first < block.start < last for block in steps)


def _section(reading: Reading, heading: Block, extract: Extract) -> Iterator[Block]:
    """The heading and the beginning of what is right under it, unless that is shown already."""
    text, end = reading.text, _end(reading.text, heading)
    body = [block for block in blocks(text) if heading.end <= block.start < end and block.kind not in ("rule", "html")]
    kept: list[Block] = []
    for portion in portions(text, body, reading.language):
        if size([*kept, *portion]) > PRECAUTION_CHARACTERS:
            break
        kept += portion
    if kept and not any(_overlap(block, shown) for block in kept for shown in extract.blocks):
        yield from (heading, *kept)


def _end(text: str, heading: Block) -> int:
    """Where what is right under a heading ends."""
    return next((b.start for b in blocks(text) if b.kind == "heading" and b.start > heading.start), len(text))


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
