"""Of a long table the rows that answer, with those that they lean on: that name their group, or begin them. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.llm.blocks import Block, Span
from assistant.llm.sections import heading_words
from assistant.llm.wanted import Wanted

WHOLE_TABLE_ROWS = 4
# Of rows that answer alike, and of a table too long to show whole: what is shown at most.
ROWS_CHARACTERS = 1_200
WHOLE_TABLE_CHARACTERS = 3_000
# A word in more than this share of the rows tells none from the others.
COMMON_SHARE = 0.5

_HEADING = re.compile(r"^#{1,6} .*$", re.M)
_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class _Row:
    """A row; what of the question it holds with the rows that it leans on, and its first cell alone."""

    span: Span
    leans_on: tuple[Span, ...]
    held: frozenset[str]
    key: frozenset[str]

    def gives_way_to(self, other: "_Row") -> bool:
        """Whether the other says all that this one does of the question, and more of it, or in its first cell."""
        return self.held < other.held or (self.held == other.held and len(self.key) < len(other.key))


def answering(text: str, block: Block, wanted: Wanted, title: str) -> Block:
    """A long table by its rows that answer; any other block as it is."""
    if block.kind != "table" or len(block.parts) <= WHOLE_TABLE_ROWS:
        return block
    rows = list(_rows(text, block, _of_rows(text, block, wanted, title)))
    told = [row for row in rows if row.held and not any(row.gives_way_to(other) for other in rows)]
    if told:
        return replace(block, parts=_fitting(told))
    if block.end - block.start <= WHOLE_TABLE_CHARACTERS:
        return block
    return replace(block, parts=_fitting(rows))


def read_of(text: str, blocks: Sequence[Block], shown: Mapping[Block, Block]) -> str:
    """What there is to read of neighbouring blocks, the tables by the rows that are `shown` of them."""
    told: list[str] = []
    end = blocks[0].start
    for block in blocks:
        kept = shown.get(block, block) if block.kind == "table" else block
        lines = [block] if kept == block or kept.head is None else [kept.head, *kept.parts]
        told += [text[end : block.start], "\n".join(line.of(text) for line in lines)]
        end = block.end
    return "".join(told)


def _of_rows(text: str, block: Block, wanted: Wanted, title: str) -> Wanted:
    """What is asked of a row: the words of the title, the heading and the head say which table; most rows' none."""
    headings = [heading_words(heading) for heading in _HEADING.findall(text, 0, block.start)[-1:]]
    named = wanted.terms(" ".join([title, *headings, block.head.of(text) if block.head else ""]))
    held = Counter(term for row in block.parts for term in wanted.terms(row.of(text)))
    common = {term for term, rows in held.items() if rows > COMMON_SHARE * len(block.parts)}
    return replace(wanted, asked=wanted.asked - named - common)


def _rows(text: str, block: Block, wanted: Wanted) -> Iterator[_Row]:
    """The rows that say something by themselves, in order: not those that only name a group of others."""
    group: Span | None = None
    first: Span | None = None
    for span in block.parts:
        key, *others = _cells(span.of(text))
        if key and len(others) > 1 and not any(others):
            group, first = span, None
            continue
        first = span if key else first
        leans_on = tuple(above for above in (group, first) if above and above != span)
        named = " ".join([group.of(text) if group else "", _cells(first.of(text))[0] if first else ""])
        held = wanted.terms(f"{named} {span.of(text)}") & wanted.asked
        yield _Row(span, leans_on, held, wanted.terms(named) & wanted.asked)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _BETWEEN_CELLS.split(row.strip().removeprefix("|").removesuffix("|"))]


def _fitting(rows: Sequence[_Row]) -> tuple[Span, ...]:
    """The rows with those that they lean on, as many as fit; at least the first."""
    kept: dict[Span, None] = {}
    for row in rows:
        more = kept | dict.fromkeys((*row.leans_on, row.span))
        if kept and sum(span.end - span.start for span in more) > ROWS_CHARACTERS:
            break
        kept = more
    return tuple(sorted(kept, key=lambda span: span.start))
