"""A passage as it reads, with the stretches marked that an answer shows. Pure."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.conversations.rendering import render_markdown

# Stand for a mark's ends while Markdown is read: punctuation, so that emphasis beside them stays emphasis.
_OPEN, _CLOSE = "\u2045", "\u2046"
_ENDS = re.compile(f"[{_OPEN}{_CLOSE}]")
# What makes a line a list item, a heading, a quotation, a table's row or code only at the line's beginning or end.
_LEAD = re.compile(r"(?:\s+|(?:[-*+>|]|\d{1,9}[.)]|#{1,6})[ \t]+|(?:`{3,}|~{3,})[^\n]*\n)*")
_TAIL = re.compile(r"(?:\s|\||(?<=\n)(?:`{3,}|~{3,}))*\Z")
_TAG = re.compile(r"""(<(?:"[^"]*"|[^">])*>)""")


@dataclass(frozen=True)
class Piece:
    """A stretch of a passage, with the number it is quoted by, if it is."""

    text: str
    cited_as: int | None


def marked(pieces: Sequence[Piece]) -> str:
    """The pieces as sanitised HTML; as they were written where Markdown does not keep the ends of what is quoted."""
    if not any(_ENDS.search(piece.text) for piece in pieces):
        fenced = [_fenced(piece) for piece in pieces]
        rendered = render_markdown("".join(fenced), images=False)
        if _ENDS.findall(rendered) == _ENDS.findall("".join(fenced)):
            quoted = (piece.cited_as for piece, text in zip(pieces, fenced, strict=True) if _OPEN in text)
            return "".join(_with_marks(rendered, quoted))
    return f"<p>{''.join(_as_written(piece) for piece in pieces)}</p>"


def _fenced(piece: Piece) -> str:
    """With its ends marked within the line that it begins or ends, if it says anything."""
    if piece.cited_as is None:
        return piece.text
    lead, tail = _LEAD.match(piece.text), _TAIL.search(piece.text)
    start, end = lead.end() if lead else 0, tail.start() if tail else len(piece.text)
    if start >= end:
        return piece.text
    return f"{piece.text[:start]}{_OPEN}{piece.text[start:end]}{_CLOSE}{piece.text[end:]}"


def _with_marks(rendered: str, quoted: Iterator[int | None]) -> Iterator[str]:
    """The HTML with the words between the ends marked, each stretch between two tags by itself."""
    number: int | None = None
    for part in _TAG.split(rendered):
        if part.startswith("<"):
            yield part
            continue
        for words in re.split(f"([{_OPEN}{_CLOSE}])", part):
            if words == _OPEN:
                number = next(quoted)
            elif words == _CLOSE:
                number = None
            else:
                yield _mark(words, number) if number is not None and words.strip() else words


def _as_written(piece: Piece) -> str:
    text = html.escape(piece.text).replace("\n", "<br>")
    return text if piece.cited_as is None else _mark(text, piece.cited_as)


def _mark(words: str, number: int) -> str:
    return f'<mark title="Quoted as [{number}]">{words}</mark>'
