"""Our dialect of Markdown: how the normalised text of an article is read, and its headings are named.

Normalised text holds no HTML, no indented code (fences only), no underlined headings and no reference
definitions, and a line break in it is a line break. Chunking and rendering read it with the same rules,
so that the anchor of a chunk is the id of the heading on the page.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_ANCHOR_LENGTH = 180
MAX_NESTING = 50
# What is a space after another begins no match: a line of spaces would be read anew from each of them.
_EXPLICIT_ID = re.compile(r"(?<!\s)\s*\{#([^\s{}]{1,180})\}\s*$")


def reader() -> MarkdownIt:
    """A parser of normalised text, blocks and inlines."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    # "normalize" would count a lone carriage return as a line; "reference" would hide text; "code" and
    # "lheading" would misread plain text, and normalised Markdown writes fences and # headings only.
    parser.disable(["normalize", "reference", "code", "lheading", "html_block"])
    return parser


def block_reader() -> MarkdownIt:
    """The same rules without inlines: cheap, and all that chunking needs."""
    return reader().disable(["inline", "text_join"])


@dataclass(frozen=True)
class Heading:
    """A heading at the top level of a text, with the id it has on the page."""

    level: int
    title: str
    anchor: str
    first_line: int
    end_line: int


def headings(tokens: list[Token]) -> Iterator[Heading]:
    """The top-level headings among block tokens, in order, each with an anchor of its own.

    Ids that the author gave are taken first: links from elsewhere rely on them.
    """
    found = [
        (token, *split_explicit_id(tokens[position + 1].content))
        for position, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]
    taken: dict[str, int] = {}
    explicit = [unique_anchor(name, taken) if name else "" for _, _, name in found]
    for (token, source, _), given in zip(found, explicit, strict=True):
        title = plain_text(source)
        first_line, end_line = token.map or (0, 0)
        yield Heading(int(token.tag[1]), title, given or unique_anchor(slug(title), taken), first_line, end_line)


def split_explicit_id(heading: str) -> tuple[str, str]:
    """The heading without its `{#id}`, and that id or an empty string."""
    found = _EXPLICIT_ID.search(heading)
    return (heading[: found.start()], found.group(1)) if found else (heading, "")


def slug(title: str) -> str:
    """The GitHub-style id of a heading: lower case, punctuation dropped, spaces to hyphens."""
    kept = (letter for letter in title.strip().lower() if _in_slug(letter))
    return "".join("-" if letter.isspace() else letter for letter in kept)[:MAX_ANCHOR_LENGTH]


def _in_slug(letter: str) -> bool:
    return letter in "-_" or letter.isspace() or unicodedata.category(letter)[0] in "LMN"


def unique_anchor(wanted: str, taken: dict[str, int]) -> str:
    """The wanted anchor, numbered when it is already taken; it is then taken too."""
    base = wanted or "section"
    number = taken.get(base, -1) + 1
    anchor = f"{base}-{number}" if number else base
    while anchor in taken:
        number += 1
        anchor = f"{base}-{number}"
    # How far the numbers of a base have come, so that thousands of equal headings are named in one pass.
    taken[base] = number
    taken.setdefault(anchor, 0)
    return anchor


_LINK = re.compile(r"!?\[((?:[^\[\]\\]|\\.)*)\]\([^()\s]*\)")


def readable(text: str) -> str:
    """Markdown without the addresses of its links and images: what is worth embedding and searching."""
    return _LINK.sub(r"\1", text)


_INLINE = reader()


def plain_text(inline: str) -> str:
    """One inline stretch of Markdown as a person reads it: no marks, no addresses, white space single."""
    tokens = _INLINE.parseInline(inline)
    return " ".join("".join(_words(tokens[0].children or [])).split()) if tokens else ""


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.children:
            yield from _words(token.children)
        else:
            yield token.content
