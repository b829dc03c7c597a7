"""The structure of Markdown as spans of its own text, so that whatever is taken from it stays verbatim. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["heading", "paragraph", "list", "steps", "table", "code", "quotation", "rule", "html"]
_KINDS: dict[str, Kind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "steps",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "blockquote_open": "quotation",
    "hr": "rule",
    "html_block": "html",
}
_CAPITALS = regex.compile(r"\p{Lu}[\p{Lu}0-9 /()&,'’-]{3,58}:?")
# A new sentence begins with a capital, a digit, or a letter of a script that has no capitals. Marks that end nothing
# but sentences need no white space behind them in scripts that have none between words.
_SENTENCE_END = regex.compile(
    r"(?:[.!?…؟۔।॥։።][\"'”’»“)\]*_`]*|:(?=\n))\s+(?=(?:[\"'“‘„¿¡(\[*_`]|«\s?)*[\p{Lu}\p{Lt}\p{Lo}\p{N}])"
    r"|[。！？｡]+[」』）】”’\"')]*\s*(?=\S)|[ ]{2,}\n|\n(?=\s*[*•–-]\s)"
)
_ABBREVIATION = regex.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|no|nr|fig|st|mr|mrs|ms|dr|inc|ltd|ver|v|bzw|usw|ca|evtl|ggf|vgl|abb|tel|inkl|"
    r"exkl|zzgl|max|mind|p\.ej|ej|sr|sra|art|pág|núm|p\.ex|ex|mme|cf|es|ecc|sig|np|tzn|itd|bijv|t\.ex|bl\.a|"
    r"напр|рис|стр|тел|руб)|\b\p{L}|\b(?:am|vom|bis|zum|ab|der|den|dem)\s+\d{1,2})\.$",
    regex.I,
)
# Texts whose blocks are kept: an answer looks at those of its few articles again and again.
KEPT_TEXTS = 16
# The longest of them, with the white space within.
_ABBREVIATION_LENGTH = 10


@dataclass(frozen=True)
class Span:
    """Code points [start, end) of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The stretch of the text that this span marks."""
        return text[self.start : self.end]


@dataclass(frozen=True)
class Block(Span):
    """A top-level block. `parts` are a list's items, a table's body rows; `head` a table's header and rule lines."""

    kind: Kind
    parts: tuple[Span, ...] = ()
    head: Span | None = None
    number: int = 1  # of a list of steps: its first step's number


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    return parser.disable(["inline", "text_join"])  # what stands within a block is not looked at


def blocks(text: str) -> list[Block]:
    """The top-level blocks of a Markdown text, in order; their spans hold no surrounding blank lines."""
    return list(_blocks(text))


@lru_cache(maxsize=KEPT_TEXTS)
def _blocks(text: str) -> tuple[Block, ...]:
    lines = _line_starts(text)
    tokens = _parser().parse(text)
    found: list[Block] = []
    for index, token in enumerate(tokens):
        if token.level == 0 and token.type in _KINDS and token.map:
            found += _made_of(token, tokens[index + 1 :], text, lines)
    return tuple(found)


def code_lines(text: str) -> list[tuple[str, Span]]:
    """The lines of the code blocks, also of those within lists, with where each stands: raw but for white space behind.

    What a list or a fence is indented by is no part of a line; blank lines are left out.
    """
    starts = _line_starts(text)
    found: list[tuple[str, Span]] = []
    for token in _parser().parse(text):
        if token.type not in ("fence", "code_block") or not token.map:
            continue
        first = token.map[0] + (token.type == "fence")
        for number, line in enumerate(token.content.split("\n"), start=first):
            if line.strip():
                found.append((line.rstrip(), _trimmed(text, starts[number], starts[number + 1])))
    return found


def sentences(text: str, span: Span) -> list[Span]:
    """The sentences of a paragraph, in order; together they cover it but for the white space between them."""
    found, start = [], span.start
    for match in _SENTENCE_END.finditer(text, span.start, span.end):
        if _ABBREVIATION.search(text[max(start, match.start() - _ABBREVIATION_LENGTH) : match.start() + 1]):
            continue
        end = match.start() + len(match.group().rstrip())
        if text[start:end].strip():
            found.append(_trimmed(text, start, end))
            start = match.end()
    if text[start : span.end].strip():
        found.append(_trimmed(text, start, span.end))
    return found


def _made_of(token: Token, following: Sequence[Token], text: str, lines: list[int]) -> list[Block]:
    span = _of_lines(token, text, lines)
    if span.start == span.end:  # Python counts more characters as white space than Markdown does
        return []
    kind = _KINDS[token.type]
    if kind == "paragraph":
        return _split_capitals(span, text)
    if kind in ("list", "steps"):
        inside = (t for t in _inside(following, token.level) if t.type == "list_item_open" and t.level == 1)
        items = tuple(_of_lines(t, text, lines) for t in inside)
        return [Block(span.start, span.end, kind, items, number=int(token.attrGet("start") or 1))]
    if kind == "table":
        return [_table(span, following, text, lines)]
    if token.type == "code_block":  # its indentation is what makes it code
        return [Block(text.rfind("\n", 0, span.start) + 1, span.end, kind)]
    return [Block(span.start, span.end, kind)]


def _table(span: Span, following: Sequence[Token], text: str, lines: list[int]) -> Block:
    rows = [_of_lines(t, text, lines) for t in _inside(following, 0) if t.type == "tr_open" and t.map]
    body = tuple(row for row in rows[1:] if row.start < span.end)
    head = _trimmed(text, span.start, body[0].start if body else span.end)
    return Block(span.start, span.end, "table", body, head)


def _split_capitals(span: Span, text: str) -> list[Block]:
    """Plain-text articles write headings as a line of capitals above their paragraph."""
    line_end = text.find("\n", span.start, span.end)
    first = text[span.start : line_end if line_end > 0 else span.end]
    if not _CAPITALS.fullmatch(first.strip()):
        return [Block(span.start, span.end, "paragraph")]
    heading = _trimmed(text, span.start, span.start + len(first))
    if line_end < 0:
        return [Block(heading.start, heading.end, "heading")]
    body = _trimmed(text, line_end, span.end)
    return [Block(heading.start, heading.end, "heading"), Block(body.start, body.end, "paragraph")]


def _inside(following: Sequence[Token], level: int) -> Iterator[Token]:
    for token in following:
        if token.level == level and token.nesting == -1:
            return
        yield token


def _of_lines(token: Token, text: str, lines: list[int]) -> Span:
    assert token.map is not None
    first, after = token.map
    return _trimmed(text, lines[first], lines[min(after, len(lines) - 1)])


def _trimmed(text: str, start: int, end: int) -> Span:
    while end > start and text[end - 1].isspace():
        end -= 1
    stretch = text[start:end]
    start += len(stretch) - len(stretch.lstrip())
    return Span(start, end)


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] = len(text)
    return starts
