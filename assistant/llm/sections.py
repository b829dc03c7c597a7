"""An article's sections as an answer uses them: what is content, and what only announces or points to it. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from assistant.llm.blocks import Block, blocks, sentences
from assistant.terms import terms

HeadingClass = Literal["aside", "cause", "answer", "problem", "topic"]
WHOLE_PARAGRAPH_CHARACTERS = 420
# Of a list's characters, links into its own article: from here on it is a table of contents.
CONTENTS_SHARE = 0.6

_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)\s]*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])(?:\{[^}\n]*\})?")
_LINK_WITHIN = re.compile(r"(?<!!)\[([^\]\[]+)\]\((?!https?://|mailto:)[^)\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^}\n]*\})?")
_ANY_LINK = re.compile(r"(?<!!)\[[^\]\[]+\]\([^)\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^}\n]*\})?|<?https?://[^\s>]+>?")
_FOOTNOTE = re.compile(r"^\[\^[^\]]+\]:")
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]+\](?:\([^)]*\))?")
# In this order: a heading counts for the first that it matches.
_HEADINGS: dict[HeadingClass, re.Pattern[str]] = {
    "aside": re.compile(
        r"\b(?:related|see also|further|references?|read more|next steps|change history|applies to|affected products|"
        r"acknowledge?ments?|cross reference|(?:still )?need (?:more )?help|resources|"
        r"learn more|additional (?:resources|reading))\b",
        re.I,
    ),
    "cause": re.compile(r"\b(?:causes?|reasons?|why)\b", re.I),
    "answer": re.compile(
        r"\b(?:answer|solution|resol\w+|remed\w+|fix\w*|workaround|mitigat\w+|troubleshoot\w*|how to|steps?|"
        r"procedure|instructions?)\b",
        re.I,
    ),
    "problem": re.compile(
        r"\b(?:problem|symptoms?|question|abstract|summary|overview|introduction|background|environment|diagnos\w*|"
        r"understand\w*|types of|what is|supported)\b",
        re.I,
    ),
}
_ANNOUNCING = re.compile(r"^(?:learn (?:how|what|why|about|more)|(?:in )?this (?:article|guide|page)|find out)\b", re.I)
_POINTING = frozenset(
    terms("see read check visit refer link article page information details instructions learn related click follow")
)
_STEP_HEADING = re.compile(r"^(?:step\s+)?\d+[.):]?\s", re.I)
_HOW_TO = re.compile(
    r"\b(?:how|steps?|set ?up|install|configure|change|reset|create|delete|remove|update|upgrade|enable|disable|fix|"
    r"cancel|close|add|edit|rename|move|export|import|connect|download|upload|restore|recover|verify|unsubscribe|"
    r"what (?:can|should) i do|can(?:no|'|’)t|doesn['’]?t|won['’]?t|not \w+ing|fail\w*|error)\b",
    re.I,
)


@dataclass(frozen=True)
class Section:
    """A heading's words, and the blocks under it that say something, in order."""

    heading: str
    blocks: tuple[Block, ...]


def sections(text: str) -> Iterator[Section]:
    """The sections that have content; those headed "1. ...", "2. ..." are the steps of one procedure and stay one."""
    for numbered, run in groupby(_split(text), key=lambda part: bool(_STEP_HEADING.match(part[0]))):
        parts = list(run)
        if numbered and len(parts) > 1:
            steps = tuple(block for _, head, body in parts for block in ([head, *body] if head else body))
            yield Section(" ".join(name for name, _, _ in parts), steps)
        else:
            yield from (Section(name, tuple(body)) for name, _, body in parts)


def heading_class(heading: str) -> HeadingClass:
    """What a heading says that its section is: an aside, a cause, the problem, the answer; else "topic"."""
    for name, pattern in _HEADINGS.items():
        if pattern.search(heading):
            return name
    return "topic"


def is_how_to(question: str) -> bool:
    """Whether a question asks how something is done, or what to do about a fault."""
    return bool(_HOW_TO.search(question))


def is_step_heading(markdown: str) -> bool:
    """Whether a heading is a numbered step of a procedure."""
    return bool(_STEP_HEADING.match(heading_words(markdown)))


def announces(text: str, block: Block) -> bool:
    """Whether a block only says what the article will say: "Learn how to", and lists of links to its own sections."""
    shown = block.of(text)
    if block.kind == "list":
        linked = sum(len(match.group()) for match in _LINK_WITHIN.finditer(shown))
        return linked >= CONTENTS_SHARE * len(shown)
    if block.kind == "quotation":
        return True  # a note beside the answer
    return block.kind == "paragraph" and bool(_ANNOUNCING.match(shown)) and len(shown) < WHOLE_PARAGRAPH_CHARACTERS


def cleaned(markdown: str) -> str:
    """Without images, and without links that only lead somewhere inside the article."""
    plain = _FOOTNOTE_MARK.sub("", _LINK_WITHIN.sub(r"\1", _IMAGE.sub("", markdown)))
    return re.sub(r"\n[ \t]*\n(?:[ \t]*\n)+", "\n\n", plain)


def without_announcement(text: str, block: Block) -> Block | None:
    """The paragraph without a last sentence that announces what is not shown; None when nothing is left."""
    if not introduces(text, block):
        return block
    whole = sentences(text, block)
    return replace(block, end=whole[-2].end) if len(whole) > 1 else None


def points(text: str, block: Block) -> bool:
    """Whether a block says no more than where else to look."""
    if block.kind not in ("paragraph", "list"):
        return False
    shown = cleaned(block.of(text))
    return bool(_ANY_LINK.search(shown)) and not set(terms(_ANY_LINK.sub("", shown))) - _POINTING


def _split(text: str) -> Iterator[tuple[str, Block | None, list[Block]]]:
    """Runs of blocks under one heading, with its words and itself; runs without content are left out."""
    heading, head, body = "", None, list[Block]()
    for block in blocks(text):
        if block.kind == "heading":
            if body:
                yield heading, head, body
            heading, head, body = heading_words(block.of(text)), block, []
        elif cleaned(block.of(text)).strip():
            if block.kind not in ("rule", "html") and not _FOOTNOTE.match(block.of(text)):
                body.append(block)
        elif body and (kept := without_announcement(text, body[-1])) != body[-1]:
            body[-1:] = [kept] if kept else []  # what it announced was an image
    if body:
        yield heading, head, body


def heading_words(markdown: str) -> str:
    """A heading without its marks and its explicit anchor."""
    return re.sub(r"\s*\{[^}\n]*\}\s*$", "", markdown.strip("#= \n-*"))


def introduces(text: str, block: Block) -> bool:
    """Whether a paragraph ends by announcing what follows it."""
    return block.kind == "paragraph" and block.of(text).rstrip("*_ ").endswith((":", "："))


def size(group: Sequence[Block]) -> int:
    """Characters of the blocks together."""
    return sum(block.end - block.start for block in group)
