"""An article's sections as an answer uses them: what is content, and what only announces or points to it. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.llm.blocks import KEPT_TEXTS, Block, Span, blocks, sentences
from assistant.llm.cleaning import LINK_WITHIN, cleaned
from assistant.llm.cues import cues
from assistant.terms import terms

WHOLE_PARAGRAPH_CHARACTERS = 420
# Of a list's characters, links into its own article: from here on it is a table of contents.
CONTENTS_SHARE = 0.6

_ANY_LINK = re.compile(r"(?<!!)\[[^\]\[]+\]\([^)\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^}\n]*\})?|<?https?://[^\s>]+>?")
_FOOTNOTE = re.compile(r"^\[\^[^\]]+\]:")
# The words that number a step, in the twelve languages; some need no space behind them.
STEP_WORDS = (
    r"(?:(?:step|schritt|étape|paso|passo|passaggio|etapa|stap|krok|steg|шаг)\s+|(?:步[骤驟]|ステップ|手順)\s*)"
)
_STEP_HEADING = re.compile(rf"^(?:(?:check\s+)?\d+[.):]?\s|{STEP_WORDS}\d+[.):：]?(?!\d))", re.I)


@dataclass(frozen=True)
class Section:
    """A heading's words, and the blocks under it that say something, in order."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class _Part:
    """A heading's words, itself and its level, and the blocks right under it."""

    heading: str
    head: Block | None
    level: int
    blocks: list[Block]


def sections(text: str) -> Iterator[Section]:
    """The sections that have content; those headed "1. ...", "2. ..." are the steps of one procedure and stay one.

    What has a heading within such a step belongs to it.
    """
    for parts in _procedures(text):
        if len(parts) > 1:
            steps = tuple(block for part in parts for block in ([part.head] if part.head else []) + part.blocks)
            yield Section(" ".join(part.heading for part in parts), steps)
        else:
            yield Section(parts[0].heading, tuple(parts[0].blocks))


def section_at(text: str, stretch: Span) -> tuple[Block, ...]:
    """The blocks of the section that a stretch is in; none where none is."""
    found = (section.blocks for section in sections(text))
    return next((run for run in found if run[0].start < stretch.end and stretch.start < run[-1].end), ())


def is_step_heading(markdown: str) -> bool:
    """Whether a heading is a numbered step of a procedure."""
    return bool(_STEP_HEADING.match(heading_words(markdown)))


def announces(text: str, block: Block, language: str) -> bool:
    """Whether a block only says what the article will say: "Learn how to", and lists of links to its own sections."""
    shown = block.of(text)
    if block.kind in ("list", "steps"):
        linked = sum(len(match.group()) for match in LINK_WITHIN.finditer(shown))
        return linked >= CONTENTS_SHARE * len(shown)
    if block.kind == "quotation":
        return True  # a note beside the answer
    return block.kind == "paragraph" and cues(language).announces(shown) and len(shown) < WHOLE_PARAGRAPH_CHARACTERS


def without_announcement(text: str, block: Block) -> Block | None:
    """The paragraph without a last sentence that announces what is not shown; None when nothing is left."""
    if not introduces(text, block):
        return block
    whole = sentences(text, block)
    return replace(block, end=whole[-2].end) if len(whole) > 1 else None


def points(text: str, block: Block, language: str) -> bool:
    """Whether a block says no more than where else to look."""
    if block.kind not in ("paragraph", "list"):
        return False
    shown = cleaned(block.of(text))
    said = set(terms(_ANY_LINK.sub("", shown), language))
    return bool(_ANY_LINK.search(shown)) and said <= cues(language).pointing


def refers_to_above(text: str, run: Sequence[Block], language: str) -> bool:
    """Whether blocks begin with words on what stands before them ("The above methods ..."), but for a note."""
    first = next((block for block in run if block.kind not in ("quotation", "heading")), None)
    return first is not None and cues(language).is_on_above(first.of(text))


def _procedures(text: str) -> Iterator[list[_Part]]:
    """Numbered parts in a row with the parts within them, where there are several; every other part alone."""
    run: list[_Part] = []
    for part in _split(text):
        if run and not is_step_heading(part.heading) and part.level <= max(run[0].level, 1):
            yield from _together(run)
            run = []
        if run or is_step_heading(part.heading):
            run.append(part)
        else:
            yield [part]
    yield from _together(run)


def _together(run: list[_Part]) -> list[list[_Part]]:
    return [run] if sum(is_step_heading(part.heading) for part in run) > 1 else [[part] for part in run]


def _split(text: str) -> Iterator[_Part]:
    """Runs of blocks under one heading; runs without content are left out."""
    part = _Part("", None, 0, [])
    for block in blocks(text):
        if block.kind == "heading":
            if part.blocks:
                yield part
            part = _Part(heading_words(block.of(text)), block, heading_level(text, block), [])
        elif cleaned(block.of(text)).strip():
            if block.kind not in ("rule", "html") and not _FOOTNOTE.match(block.of(text)):
                part.blocks.append(block)
        elif part.blocks and (kept := without_announcement(text, part.blocks[-1])) != part.blocks[-1]:
            part.blocks[-1:] = [kept] if kept else []  # what it announced was an image
    if part.blocks:
        yield part


def heading_level(text: str, heading: Block) -> int:
    """How deep a heading is, 1 to 6; 0 for one without the marks that say so."""
    shown = heading.of(text)
    return len(shown) - len(shown.lstrip("#"))


def headings_over(text: str, start: int, *, marked: bool = False) -> tuple[Block, ...]:
    """The headings over what begins at `start`, from the outermost to its own; if asked, without lines of capitals."""
    paths = _paths(text, marked)
    place = bisect_right(paths, start, key=lambda path: path[-1].start)
    return paths[place - 1] if place else ()


@lru_cache(maxsize=KEPT_TEXTS)
def _paths(text: str, marked: bool) -> tuple[tuple[Block, ...], ...]:
    """Each heading behind those over it, in order. Kept, as every stretch of an article is asked for its own."""
    paths: list[tuple[Block, ...]] = []
    headings = (block for block in blocks(text) if block.kind == "heading")
    for heading in (heading for heading in headings if not marked or _is_marked(text, heading)):
        over, level = paths[-1] if paths else (), heading_level(text, heading)
        paths.append((*(above for above in over if heading_level(text, above) < level), heading))
    return tuple(paths)


def _is_marked(text: str, heading: Block) -> bool:
    """Whether Markdown says that it is a heading, by marks before it or by a line below."""
    return heading_level(text, heading) > 0 or "\n" in heading.of(text)


def heading_words(markdown: str) -> str:
    """A heading without its marks and its explicit anchor."""
    return re.sub(r"\s*\{[^}\n]*\}\s*$", "", markdown.strip("#= \n-*"))


def introduces(text: str, block: Block) -> bool:
    """Whether a paragraph ends by announcing what follows it."""
    return block.kind == "paragraph" and block.of(text).rstrip("*_ ").endswith((":", "："))


def size(group: Sequence[Block]) -> int:
    """Characters of the blocks together."""
    return sum(block.end - block.start for block in group)


def extent(run: Sequence[Block]) -> int:
    """Characters from the first block's beginning to the last one's end."""
    return run[-1].end - run[0].start
