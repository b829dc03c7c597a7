"""Cuts an article's normalised text into chunks that follow its structure. Pure.

A chunk stays within one section. Blocks are packed up to the budget; a table, a code block or a list is
cut only when it alone is over the budget, and then between its rows, lines or items.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it.token import Token

from knowledge.markdown import Heading, block_reader, headings, plain_text, readable

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

CHUNKER = "structure-1"
# Tokens a chunk may hold: small embedding models read 256, and title and headings are added before.
BUDGET_TOKENS = 220
MAX_HEADING_LENGTH = 200
_PARSER = block_reader()
_ASCII_RUN = re.compile(r"[A-Za-z0-9]+|[^\W_A-Za-z0-9]+|[^\w\s]|_")
_SENTENCE_END = r"(?<=[.!?…؟۔।])\s+|(?<=[。！？｡])"


@dataclass(frozen=True)
class ChunkDraft:
    """A stretch of a text; `text == document_text[start:end]`, offsets are code points."""

    ordinal: int
    heading_path: tuple[str, ...]
    anchor: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class _Span:
    start: int
    end: int


@dataclass(frozen=True)
class _Group:
    """What should stay together, and the units between which it may be cut; `head` names a table's columns."""

    units: tuple[_Span, ...]
    head: str = ""

    @property
    def span(self) -> _Span:
        return _Span(self.units[0].start, self.units[-1].end)


@dataclass
class _Section:
    heading_path: tuple[str, ...]
    anchor: str
    groups: list[_Group]


def estimate_tokens(text: str) -> int:
    """About how many tokens an embedding model makes of a text, the addresses of its links left out."""
    return sum(_run_tokens(run) for run in _ASCII_RUN.findall(readable(text)))


def _run_tokens(run: str) -> int:
    return 1 + (len(run) - 1) // 7 if run.isascii() else (len(run) + 1) // 2


def chunk(text: str, title: str) -> list[ChunkDraft]:
    """The chunks of a text in order; every non-blank stretch but headings with a body is in exactly one.

    The title is not part of a heading path: it stands before it wherever chunks are shown or embedded.
    """
    drafts: list[ChunkDraft] = []
    for section in _sections(text, title):
        for span, head in _pack(text, section.groups):
            path = (*section.heading_path, head) if head else section.heading_path
            body = text[span.start : span.end]
            drafts.append(ChunkDraft(len(drafts), path, section.anchor, span.start, span.end, body))
    return drafts


# Sections


def _sections(text: str, title: str) -> list[_Section]:
    lines = _line_starts(text)
    tokens = _PARSER.parse(text)
    marks = {heading.first_line: heading for heading in headings(tokens)}
    ordered = list(marks.values())
    following = {heading.first_line: after for heading, after in pairwise(ordered)}
    sections = [_Section((), "", [])]
    path: list[Heading] = []
    for first, end, block in _blocks(tokens, len(lines) - 1):
        heading = marks.get(first) if block and block[0].type == "heading_open" else None
        if heading is None:
            sections[-1].groups += _groups(text, lines, first, end, block)
            continue
        path = [*(above for above in path if above.level < heading.level), heading]
        names = tuple(name for name in (_clipped(part.title) for part in path) if name and name != title)
        section = _Section(names, heading.anchor, [])
        if _is_leaf(heading, following.get(first), text, lines):
            section.groups += _groups(text, lines, first, end, [])
        sections.append(section)
    return sections


def _is_leaf(heading: Heading, following: Heading | None, text: str, lines: list[int]) -> bool:
    """A heading with neither body nor subsection: its words would otherwise be in no chunk."""
    end = lines[following.first_line] if following else len(text)
    if text[lines[heading.end_line] : end].strip():
        return False
    return following is None or following.level <= heading.level


def _clipped(name: str) -> str:
    return name[:MAX_HEADING_LENGTH]


def _line_starts(text: str) -> list[int]:
    """Where each line starts, and one past the end of the last."""
    return [0, *(found.end() for found in re.finditer("\n", text)), len(text) + 1]


def _blocks(tokens: list[Token], line_count: int) -> Iterator[tuple[int, int, list[Token]]]:
    """Top-level blocks as (first line, end line, tokens), the gaps between them included."""
    line = 0
    for block in _top_level(tokens):
        first, end = block[0].map or (line, line)
        if first > line:
            yield line, first, []
        if end > max(first, line):
            yield max(first, line), end, block
        line = max(line, end)
    if line < line_count:
        yield line, line_count, []


def _top_level(tokens: list[Token]) -> Iterator[list[Token]]:
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


# Groups and units


def _groups(text: str, lines: list[int], first: int, end: int, block: list[Token]) -> list[_Group]:
    """The group that a block makes; none for blank lines."""
    cuts = [line for line in _cuts(block, first, end) if first < line < end]
    edges = [first, *cuts, end]
    spans = (_trimmed(text, lines[a], lines[b] - 1) for a, b in pairwise(edges))
    units = tuple(span for span in spans if span)
    head = _table_head(text, lines, first) if block and block[0].type == "table_open" else ""
    return [_Group(units, head)] if units else []


def _cuts(block: list[Token], first: int, end: int) -> list[int]:
    """The lines before which an over-long block may be cut."""
    kind = block[0].type if block else ""
    if kind in ("bullet_list_open", "ordered_list_open"):
        return [token.map[0] for token in block if token.type == "list_item_open" and token.level == 1 and token.map]
    if kind == "table_open":
        # The header row stays with its delimiter and the first row.
        return [token.map[0] for token in block if token.type == "tr_open" and token.map][2:]
    if kind == "fence":
        return list(range(first + 2, end - 1))
    if kind == "blockquote_open":
        return [token.map[0] for token in block if token.level == 1 and token.nesting >= 0 and token.map]
    return []


def _table_head(text: str, lines: list[int], first: int) -> str:
    row = text[lines[first] : lines[first + 1] - 1].strip().strip("|")
    cells = (plain_text(cell) for cell in row.split("|"))
    return _clipped(" | ".join(cell for cell in cells if cell))


def _trimmed(text: str, start: int, end: int) -> _Span | None:
    """The span without white space at its ends; None when nothing is left."""
    body = text[start:end]
    inner = body.strip()
    if not inner:
        return None
    start += len(body) - len(body.lstrip())
    return _Span(start, start + len(inner))


# Packing


def _pack(text: str, groups: list[_Group]) -> Iterator[tuple[_Span, str]]:
    """Chunk spans with the table head that a continued table needs as context."""
    current: _Span | None = None
    for group in _with_lead_ins(text, groups):
        joined = _Span(current.start, group.span.end) if current else group.span
        if _fits(text, joined):
            current = joined
            continue
        if current:
            yield current, ""
        current = None
        if _fits(text, group.span):
            current = group.span
        else:
            yield from _cut(text, group)
    if current:
        yield current, ""


def _with_lead_ins(text: str, groups: list[_Group]) -> list[_Group]:
    """A paragraph that ends with a colon joins the list, table or code that it introduces."""
    joined: list[_Group] = []
    for group in groups:
        before = joined[-1] if joined else None
        if before and len(before.units) == 1 and text[before.span.start : before.span.end].endswith((":", "：")):
            first, *rest = group.units
            joined[-1] = _Group((_Span(before.span.start, first.end), *rest), group.head)
        else:
            joined.append(group)
    return joined


def _cut(text: str, group: _Group) -> Iterator[tuple[_Span, str]]:
    """A group over the budget, packed unit by unit; a unit over the budget is split in its turn."""
    current: _Span | None = None
    head = ""
    for unit in group.units:
        joined = _Span(current.start, unit.end) if current else unit
        if _fits(text, joined):
            current = joined
            continue
        if current:
            yield current, head
            head = group.head
        *parts, current = _split(text, unit)
        for part in parts:
            yield part, head
            head = group.head
    if current:
        yield current, head


def _fits(text: str, span: _Span) -> bool:
    # No token is shorter than a character, so a short span need not be counted, nor a huge one.
    length = span.end - span.start
    return length <= BUDGET_TOKENS or (
        length <= BUDGET_TOKENS * 40 and estimate_tokens(text[span.start : span.end]) <= BUDGET_TOKENS
    )


def _split(text: str, unit: _Span) -> list[_Span]:
    """One unit cut at line ends, then sentences, words, characters; at least one span."""
    if _fits(text, unit):
        return [unit]
    spans: list[_Span] = []
    position = unit.start
    for piece in _splitter().split_text(text[unit.start : unit.end]):
        span = _trimmed(text, position, position + len(piece))
        position += len(piece)
        if span:
            spans.append(span)
    return spans


@lru_cache(maxsize=1)
def _splitter() -> "RecursiveCharacterTextSplitter":
    """Splits without overlap and without touching white space, so that pieces add up to the text."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # 30 MB that most processes never need

    return RecursiveCharacterTextSplitter(
        separators=["\n\n", "\n", _SENTENCE_END, r"\s+", ""],
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=BUDGET_TOKENS,
        chunk_overlap=0,
        length_function=estimate_tokens,
    )
