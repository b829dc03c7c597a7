"""The answerer without a generative model: quotes the sentences, steps or table rows that answer. Pure.

What is shown stands in the article word for word, but for images and links that lead nowhere outside of it; those to
other articles lead to their pages. Steps stay whole, those in prose and under several headings too, a table's rows keep
their header, a list keeps the line that introduces it, and a sentence keeps the one it leans on. Before it stands the
heading that says for which case it is, and behind it what limits it and its exceptions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.llm.actions import of_the_action
from assistant.llm.blocks import Block, Span, blocks, sentences
from assistant.llm.cleaning import escaped, led
from assistant.llm.conditions import case_headings, with_exceptions
from assistant.llm.extracts import Extract, Reading, extracts
from assistant.llm.going_on import gone_on, preferring_steps
from assistant.llm.limits import with_limits
from assistant.llm.portions import has_more_steps
from assistant.llm.precautions import with_precautions
from assistant.llm.procedures import holds_every_step, left_out, whole_procedure
from assistant.llm.sections import heading_words, without_announcement
from assistant.llm.showing import outside, shown
from assistant.llm.tables import answering
from assistant.llm.wanted import Wanted, wanted_in

MAX_SOURCES = 3
QUOTE_CHARACTERS = 400
# A further extract must be nearly as likely as the first, in log-odds, and add much of what the question asks.
FURTHER_EXTRACT_BELOW = 0.15
FURTHER_EXTRACT_ADDS = 0.3

More = Literal["steps", "ways", "rows"]


@dataclass(frozen=True)
class Quotation:
    """A cited passage: index of its reading, and words that stand verbatim in its text, from `start` on.

    `spans` are all that is shown of that text. `more` names what the article has more of than is shown: steps of the
    procedure, steps for other ways or cases, or rows of the table.
    """

    reading: int
    quote: str
    start: int
    spans: tuple[Span, ...]
    more: More | None = None


@dataclass(frozen=True)
class Composition:
    """An answer in Markdown with a [n] marker for each quotation, in their order; `considered` are all, best first."""

    text: str
    quotations: tuple[Quotation, ...]
    considered: tuple[Extract, ...] = field(default=(), repr=False, compare=False)


def compose(question: str, readings: Sequence[Reading], first: int = 1, language: str = "en") -> Composition | None:
    """The answer that these readings hold, best first; None when none of them holds a word to quote.

    `first` is the number of its first marker, `language` the customer's.
    """
    wanted = wanted_in(question, [(reading.text, reading.language) for reading in readings], language)
    ranked = of_the_action(readings, extracts(readings, wanted), wanted)
    parts: list[str] = []
    quotations: list[Quotation] = []
    for extract in _chosen(readings, ranked, wanted):
        reading = readings[extract.reading]
        text, own = reading.text, wanted.in_language(reading.language)
        picked = _picked(text, extract, own, reading.title)
        headings = case_headings(text, extract, ranked, own)
        told = shown(text, [*headings, *picked], reading.links)
        if not told.markdown:
            continue
        said = led(told.markdown, reading.links)
        if headings:
            said = _titled(said, reading.title, heading_words(headings[0].of(text)), own)
        parts.append(_marked(said, first + len(quotations)))
        quoted = _quoted(text, picked, own)
        more = _more(reading, extract, picked, wanted)
        spans = outside(reading.blanks, told.spans)
        quotations.append(Quotation(extract.reading, quoted.of(text), quoted.start, spans, more))
    return Composition("\n\n".join(parts), tuple(quotations), tuple(ranked)) if parts else None


def _titled(said: str, title: str, heading: str, wanted: Wanted) -> str:
    """What begins with a heading, with the article's title before it where the heading leaves out what it is on.

    "Connect one" alone says nothing.
    """
    missing = wanted.terms(title) - wanted.terms(heading)
    return f"**{escaped(title)} › {said.removeprefix('**')}" if missing and said.startswith("**") else said


def _chosen(readings: Sequence[Reading], ranked: Sequence[Extract], wanted: Wanted) -> Iterator[Extract]:
    """The best extract, and up to two more from elsewhere that say something of the question which it does not."""
    taken: list[Extract] = []
    covered = frozenset[str]()
    for extract in preferring_steps(readings, ranked, wanted):
        if taken and extract.score < ranked[0].score - FURTHER_EXTRACT_BELOW:
            return
        if taken and wanted.share(extract.covered - covered) < FURTHER_EXTRACT_ADDS:
            continue
        # Where the steps that it leads up to, or its exceptions, are shown already, it stands without them.
        reading = readings[extract.reading]
        longer = gone_on(reading, extract, wanted)
        whole = whole_procedure(reading, longer, wanted)
        limited = with_limits(reading, whole, wanted)
        excepted = with_exceptions(reading, limited)
        either = (with_precautions(reading, excepted, wanted), excepted, limited, whole, longer, extract)
        fresh = next((one for one in either if not any(_overlap(one, other) for other in taken)), None)
        if fresh:
            before = [block for other in taken if other.article == fresh.article for block in other.blocks]
            if before and holds_every_step(reading, before, wanted):
                fresh = replace(fresh, more_steps=False)
            taken.append(fresh)
            covered |= fresh.covered
            yield fresh
        if len(taken) == MAX_SOURCES:
            return


def _overlap(one: Extract, other: Extract) -> bool:
    return one.article == other.article and any(
        mine.start < theirs.end and mine.end > theirs.start for mine in one.blocks for theirs in other.blocks
    )


def _picked(text: str, extract: Extract, wanted: Wanted, title: str) -> list[Block]:
    """Its blocks, long tables by the rows that answer."""
    return _ended(text, [answering(text, block, wanted, title) for block in extract.blocks])


def _more(reading: Reading, extract: Extract, picked: Sequence[Block], wanted: Wanted) -> More | None:
    """What the article has more of than is picked, so that a part is not taken for the whole."""
    if extract.more_steps or has_more_steps(reading.text, picked):
        return "steps"
    if left := left_out(reading, extract, wanted):
        return left
    rows = {(block.start, len(block.parts)) for block in extract.blocks if block.kind == "table"}
    shown = {(block.start, len(block.parts)) for block in picked if block.kind == "table"}
    return None if shown <= rows else "rows"


def _ended(text: str, picked: list[Block]) -> list[Block]:
    """Without a last sentence that announces what was left out."""
    last = without_announcement(text, picked[-1])
    return [*picked[:-1], last] if last else picked[:-1] or picked


def _marked(markdown: str, number: int) -> str:
    """With the source's marker after the last words that can carry one: never inside a table or a code block."""
    carrying = [block for block in blocks(markdown) if _carries_marker(markdown, block)]
    if not carrying:
        return f"{markdown}\n\n[{number}]"
    end = carrying[-1].end
    return f"{markdown[:end]} [{number}]{markdown[end:]}"


def _carries_marker(markdown: str, block: Block) -> bool:
    if block.kind in ("list", "steps"):
        return not re.search(r"```|~~~|^\s*\|", block.parts[-1].of(markdown), re.M)
    return block.kind in ("paragraph", "quotation")


def _quoted(text: str, picked: Sequence[Block], wanted: Wanted) -> Span:
    """The stretch of what is shown that answers best, as it stands in the article."""
    units: list[Span] = []
    for block in picked:
        if block.kind == "heading":
            continue
        whole = block.end - block.start <= QUOTE_CHARACTERS
        if block.kind == "code" or (whole and not block.parts):
            units.append(block)
        else:
            units += block.parts or sentences(text, block)
    return max(units or list(picked), key=lambda unit: (wanted.cover(unit.of(text)), -unit.start))
