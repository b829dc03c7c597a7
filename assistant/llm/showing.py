"""What is shown of an article's blocks, with the stretches of the article that its words were cut from. Pure.

Inserted are white space between the stretches and the bold marks around a heading; all else stands in them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.llm.blocks import Block, Span
from assistant.llm.cleaning import kept
from assistant.llm.sections import heading_words


@dataclass(frozen=True)
class Shown:
    """Markdown, and where its words stand in the article: in order, none within another."""

    markdown: str
    spans: tuple[Span, ...]


def shown(text: str, picked: Iterable[Block]) -> Shown:
    """The blocks one below the other; blocks that say nothing are left out."""
    parts = [part for part in (_block(text, block) for block in picked) if part.markdown.strip()]
    return Shown("\n\n".join(part.markdown for part in parts), tuple(span for part in parts for span in part.spans))


def outside(blanks: Sequence[Span], spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans without what is blank; both in order."""
    left: list[Span] = []
    for span in spans:
        start = span.start
        for blank in blanks:
            if start < blank.end and blank.start < span.end:
                left.append(Span(start, blank.start))
                start = blank.end
        left.append(Span(start, span.end))
    return tuple(span for span in left if span.start < span.end)


def _block(text: str, block: Block) -> Shown:
    if block.kind == "code":
        return _cut(text, [block])
    if block.kind == "heading":
        words = _cut(text, kept(text, _words_of(text, block)))
        return Shown(f"**{words.markdown}**" if words.markdown.strip() else "", words.spans)
    if block.kind == "table" and block.head and block.parts:
        lines = [_cut(text, kept(text, line)) for line in (block.head, *block.parts)]
        return Shown("\n".join(line.markdown for line in lines), tuple(span for line in lines for span in line.spans))
    return _cut(text, kept(text, block))


def _cut(text: str, spans: Sequence[Span]) -> Shown:
    return Shown("".join(span.of(text) for span in spans), tuple(Span(span.start, span.end) for span in spans))


def _words_of(text: str, heading: Block) -> Span:
    """Where a heading's words stand, without its marks and its anchor."""
    words = heading_words(heading.of(text))
    start = text.find(words, heading.start, heading.end)
    return Span(start, start + len(words))
