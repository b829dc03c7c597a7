"""What limits an answer right behind it: "Nobody over 100 kg may climb it" behind "You can use it on stairs". Pure.

It is shown with the answer though it stands in a sentence of its own that does not lean on the one before.
"""

from collections.abc import Iterator
from dataclasses import replace

from assistant.llm.blocks import Block, sentences
from assistant.llm.cues import cues
from assistant.llm.extracts import Extract, Reading
from assistant.llm.sections import introduces, section_at, size
from assistant.llm.wanted import Wanted

# Sentences behind the answer that limit nothing, until what limits something is taken to be of another subject.
SKIPPED = 3
# Of what limits it, together.
LIMITS_CHARACTERS = 600


def with_limits(reading: Reading, extract: Extract, wanted: Wanted) -> Extract:
    """The stretch with the sentences of its section behind it that forbid, oblige or warn.

    The one right behind it, and behind up to SKIPPED others those that are on it: with a word of it or of the question
    that the title has not, or with no subject but whoever reads ("Never ...", "Nobody ...").
    """
    run = list(extract.blocks)
    for unit in _limits(reading, extract, wanted.in_language(reading.language)):
        joined = run[-1].kind == unit.kind == "paragraph" and _is_next(reading.text, run[-1], unit)
        run[-1:] = [replace(run[-1], end=unit.end)] if joined else [run[-1], unit]
    return (
        replace(extract, blocks=tuple(run)) if len(run) > len(extract.blocks) or run[-1].end > extract.end else extract
    )


def _limits(reading: Reading, extract: Extract, wanted: Wanted) -> list[Block]:
    """What limits the stretch, in order; nothing that leans on a sentence which is left out."""
    text, said = reading.text, cues(reading.language)
    about = (wanted.asked | wanted.terms(_last(text, extract.blocks[-1]))) - wanted.terms(reading.title)
    taken: list[Block] = []
    skipped, of_another = 0, False
    for unit in _behind(text, extract):
        shown = unit.of(text)
        leans = said.leans(shown) and not skipped
        on_it = leans or (not said.leans(shown) and (said.limits_all(shown) or bool(wanted.terms(shown) & about)))
        limits = said.limits(shown) and (on_it or not (skipped or of_another))
        if not (limits or (taken and leans)):
            skipped += 1
        elif size([*taken, unit]) <= LIMITS_CHARACTERS:
            taken.append(unit)
            skipped, of_another = 0, not on_it
        if skipped > SKIPPED:
            break
    return taken


def _last(text: str, block: Block) -> str:
    """The last sentence or item of what is shown."""
    return (block.parts or sentences(text, block) or [block])[-1].of(text)


def _is_next(text: str, above: Block, unit: Block) -> bool:
    """Whether nothing but white space of the same paragraph stands between them."""
    between = text[above.end : unit.start]
    return not between.strip() and between.count("\n") < 2


def _behind(text: str, extract: Extract) -> Iterator[Block]:
    """The sentences and notes of its section behind the stretch, up to a table, code or steps.

    What introduces a list is one with it.
    """
    behind = [block for block in section_at(text, extract.blocks[-1]) if block.end > extract.end]
    introduction: Block | None = None
    for block in behind:
        if block.kind == "list" and introduction:
            yield replace(introduction, end=block.end)
            introduction = None
            continue
        if introduction or block.kind not in ("paragraph", "quotation"):
            return
        if block.kind == "quotation":
            yield block
            continue
        rest = replace(block, start=max(block.start, extract.end))
        units = [replace(block, start=unit.start, end=unit.end) for unit in sentences(text, rest)]
        introduction = units.pop() if units and introduces(text, units[-1]) else None
        yield from units
