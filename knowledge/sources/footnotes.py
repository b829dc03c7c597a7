"""Footnotes to where they are called: an answer quotes a part of an article, and what they say holds there. Pure."""

import re
from functools import partial

from markdown_it.token import Token

from knowledge.sources.fences import fence_after, outside_code

_DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s]{1,80})\]:[ \t]*(.*)$")
# `[^1](address)` is a link, and so is `[^1][name]`; at the start of a line `[^1]:` is a definition.
_CALL = re.compile(
    r"(?<![ \t\n])(?!\A)[ \t]*\[\^([^\]\s]{1,80})\](?!\(|\[(?!\^))|^\[\^([^\]\s]{1,80})\](?![:(\[])", re.M
)
_INLINE = re.compile(r"(?<![ \t])[ \t]*\^\[([^\[\]\n]{1,500})\]")
_CONTINUED = re.compile(r"^(?: {2,}|\t)[ \t]*(?=\S)")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+")
_LINK = re.compile(r"\[[^\[\]]*\]\([^()\s]*\)")
_ADDRESS = re.compile(r"<?(https?://([^\s/<>()]+)[^\s<>()]*)>?")


def taken_out(source: str) -> tuple[str, dict[str, str]]:
    """The source without the definitions of footnotes, and what these say by their names.

    A footnote that nothing calls is a paragraph, or would be lost; but an address alone says nothing.
    """
    if "[^" not in source:
        return source, {}
    notes: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    words: list[str] | None = None
    kept: list[str] = []
    fence = ""
    for line in source.split("\n"):
        before, fence = fence, fence_after(line, fence)
        defined = None if before or fence else _DEFINITION.match(line)
        if defined:
            words = [defined[2]]
            if defined[1] not in notes:
                notes[defined[1]], places[defined[1]] = words, len(kept)
            kept.append("")
        elif words and not fence and _CONTINUED.match(line):
            words.append(line)
        else:
            # After a blank line an indented one still belongs to the note.
            words = None if line.strip() else words
            kept.append(line)
    told = {name: _joined(lines) for name, lines in notes.items()}
    called = {_name(call) for line in kept for call in _CALL.finditer(line)}
    for name in (name for name in told.keys() - called if not _LINK.fullmatch(told[name])):
        kept[places[name]] = f"\n{told[name]}\n"
    return "\n".join(kept), told


def _joined(lines: list[str]) -> str:
    """In one line; the items of a list one after the other."""
    said = lines[0].strip()
    for line in lines[1:]:
        item = _ITEM.match(line) is not None and bool(said) and said[-1] not in ":.;,"
        said += ("; " if item else " ") + " ".join(_ITEM.sub("", line).split())
    address = _ADDRESS.fullmatch(said.strip())
    return f"[{address[2]}]({address[1]})" if address else said.strip()


def _name(call: re.Match[str]) -> str:
    return call[1] or call[2]


class Footnotes:
    """An article's footnotes, each told once: in brackets where it is first called, below a heading that calls it."""

    def __init__(self, notes: dict[str, str]) -> None:
        self._notes = notes
        self._told: set[str] = set()

    def put_in(self, tokens: list[Token]) -> list[Token]:
        """The blocks, not read for their inlines yet, with the footnotes in place of their marks."""
        placed: list[Token] = []
        below: list[str] = []
        for token in tokens:
            placed.append(token)
            if token.type == "inline" and "[" in token.content:
                heads = placed[-2].type == "heading_open"
                token.content = outside_code(token.content, partial(self._told_in, below, heads))
            if token.type == "heading_close" and below:
                placed += _paragraph(" ".join(below), token)
                below.clear()
        return placed

    def _told_in(self, below: list[str], heads: bool, prose: str) -> str:
        def put(note: str) -> str:
            if heads and note:
                below.append(note)
            bare = note if ". " in note else note.removesuffix(".")
            return f" ({bare})" if bare and not heads else ""

        def call(mark: re.Match[str]) -> str:
            return mark.group() if self._is_none(_name(mark)) else put(self._first(_name(mark)))

        marked = _CALL.sub(call, prose)
        return _INLINE.sub(lambda mark: put(mark[1].strip()), marked)

    def _is_none(self, name: str) -> bool:
        """Whether it is a class of characters, such as `[^a-z]`."""
        return name not in self._notes and not name.isdigit()

    def _first(self, name: str) -> str:
        """What the footnote says, the first time it is called."""
        note = "" if name in self._told else _CALL.sub("", self._notes.get(name, "")).strip()
        self._told.add(name)
        return note


def _paragraph(text: str, after: Token) -> list[Token]:
    inline = Token("inline", "", 0, content=text, level=after.level + 1, block=True, children=[])
    opened = Token("paragraph_open", "p", 1, level=after.level, block=True)
    return [opened, inline, Token("paragraph_close", "p", -1, level=after.level, block=True)]
