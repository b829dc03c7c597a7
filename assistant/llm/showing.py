"""What is shown of an article's blocks, with the stretches of the article that its words were cut from. Pure.

Inserted are white space between the stretches and the bold marks around a heading, and before it the title of its
article where one is named; all else stands in them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from assistant.llm.blocks import Block, Span
from assistant.llm.cleaning import kept
from assistant.llm.sections import heading_words


@dataclass(frozen=True)
class Shown:
    """Markdown, and where its words stand in the article: in order, none within another."""

    markdown: str
    spans: tuple[Span, ...]


def shown(text: str, picked: Iterable[Block], followed: Collection[str] = ()) -> Shown:
    """The blocks one below the other; blocks that say nothing are left out.

    Links to the addresses that are `followed` stay, as the article has them.
    """
    return _below_each_other(text, (_block(text, block, followed) for block in picked), "\n\n")


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


def _block(text: str, block: Block, followed: Collection[str]) -> Shown:
    if block.kind == "code":
        return _cut(text, [block])
    if block.kind == "heading":
        words = _cut(text, kept(text, _words_of(text, block)))
        return Shown(f"**{words.markdown}**" if words.markdown.strip() else "", words.spans)
    if block.kind == "table" and block.head and block.parts:
        return _below_each_other(
            text, (_cut(text, kept(text, line, followed)) for line in (block.head, *block.parts)), "\n"
        )
    return _cut(text, kept(text, block, followed))


def _below_each_other(text: str, parts: Iterable[Shown], between: str) -> Shown:
    """The parts that say something; stretches between which the article has nothing else either are one."""
    told = Shown("", ())
    for part in parts:
        if part.markdown.strip():
            told = _below(text, told, part, between) if told.markdown else part
    return told


def _below(text: str, above: Shown, part: Shown, between: str) -> Shown:
    last, first = above.spans[-1], part.spans[0]
    # Around a heading's words stand marks that the article does not have there.
    bare = above.markdown.endswith(last.of(text)) and part.markdown.startswith(first.of(text))
    joined: tuple[Span, ...] = (last, first)
    if bare and text[last.end : first.start] == between:
        joined = (Span(last.start, first.end),)
    return Shown(f"{above.markdown}{between}{part.markdown}", (*above.spans[:-1], *joined, *part.spans[1:]))


def _cut(text: str, spans: Sequence[Span]) -> Shown:
    return Shown("".join(span.of(text) for span in spans), tuple(Span(span.start, span.end) for span in spans))


def _words_of(text: str, heading: Block) -> Span:
    """Where a heading's words stand, without its marks and its anchor."""
    words = heading_words(heading.of(text))
    start = text.find(words, heading.start, heading.end)
    return Span(start, start + len(words))
