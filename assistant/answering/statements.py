"""A model's text as statements: sentences with the passages they cite, in the paragraphs that they stand in. Pure.

A sentence without a citation belongs to the next one of its paragraph or list item. Items, table rows and code without
any belong to the citation of the line that introduces them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.answering.claims import read
from assistant.answering.sanitising import may_be_cut, uncited
from assistant.answers import CITATION
from assistant.llm.blocks import Span, sentences

_BREAK = re.compile(
    r"\n[ \t]*\n\s*(?=[^\s\[]|\[(?!\d{1,3}\]))|\n(?=[ \t]*(?:[-*+•][ \t]+\S|\d{1,3}[.)][ \t]+\S|#{1,6}[ \t]|\||>))"
    r"|(?<=\|)[ \t]*\n(?=[^\s|\[])"
)
_MARKER = re.compile(r"\s*(?:(?:[-*+•]|\d{1,3}[.)]|#{1,6}|>)[ \t]+)*")
_LEADING = re.compile(r"(?:\[\d{1,3}\](?!\()[ \t]*[,;]?[ \t]*)+\.?\s*")
# Citations that a full stop, the end of a paragraph, or after a full stop that of a line follows: they are all.
_CLOSED = re.compile(
    r"\[\d{1,3}\][ \t]*(?:[.!?…。！？]+\s*|\n[ \t]*\n\s*)$"
    r"|[.!?…。！？][\"'”’)*_]*[ \t]*(?:\[\d{1,3}\][ \t]*)+\n\s*$"
)
_PAIRED = ("**", "*", "_", '"')
_QUOTED = (("“", "”"), ("«", "»"))
_RUN = re.compile(rf"{CITATION.pattern}(?:[ \t]*(?:[,;][ \t]*)*{CITATION.pattern})*")
_FENCE = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[ \t]*(?:\n|\Z)", re.M | re.S)
_FENCE_OPENS = re.compile(r"^[ \t]*(?:```|~~~)", re.M)
# A line that ends so is said, and is no debris of a list of words.
SAID = re.compile(r"[.!?:…。！？：][\s*_\"'”’)]*$")
# Subject, auxiliary and verb: "You can cancel". What is backed and has fewer may be the rest of a line all the same.
FEWEST_OF_A_SENTENCE = 3
_LEADS_ON = re.compile(r"\b(?:and|at|by|for|from|of|or|the|to|with)\W*$", re.I)
# After a citation without a full stop, only what begins like a sentence is one.
_AFTER_CITATION = re.compile(r"(?<=\d\])\s+(?=[^\s\[a-z,;.:)–-])")


@dataclass(frozen=True)
class Statement:
    """A sentence with the white space and the list marker around it; `cited` are numbers of passages."""

    before: str
    text: str
    after: str
    cited: tuple[int, ...]
    code: bool = False

    @property
    def said(self) -> str:
        """The sentence without its citations."""
        return self.text if self.code else " ".join(uncited(self.text).split())

    @property
    def introduces(self) -> bool:
        return uncited(self.text).rstrip(" *_").endswith(":")


def statements(text: str, introduced: tuple[int, ...] = ()) -> tuple[list[Statement], tuple[int, ...]]:
    """The statements in order, which joined are the text, and what the next line is introduced by.

    `introduced`: the passages that the line before this text cites, when it introduces what follows.
    """
    found: list[Statement] = []
    for paragraph, code in _paragraphs(text):
        here = [_code(paragraph, introduced)] if code else list(_sentences(paragraph, introduced))
        if here[-1].introduces and here[-1].cited:
            introduced = here[-1].cited
        elif not (code or _is_item(paragraph)):
            introduced = ()
        found += here
    return found, introduced


def complete(text: str) -> int:
    """Up to where a text that goes on can be read for sure: the end of a cited sentence or a paragraph; 0 if none.

    The first such place: whoever reads from place to place reads the same, in whatever pieces the text comes.
    """
    fences = list(_FENCE_OPENS.finditer(text))
    known = text[: fences[-1].start()] if len(fences) % 2 else text
    at = 0
    paragraphs = _paragraphs(known)
    for index, (paragraph, code) in enumerate(paragraphs):
        last = index == len(paragraphs) - 1 and len(known) == len(text)
        for end in [*([] if code else _cited_ends(paragraph, last)), *([] if last else [len(paragraph)])]:
            if may_be_cut(text[: at + end]):
                return at + end
        at += len(paragraph)
    return 0


def _cited_ends(paragraph: str, growing: bool) -> Iterator[int]:
    """Where cited sentences end within a paragraph, before its end."""
    pieces = _pieces(paragraph, _marked(paragraph))
    if growing and _is_closed(paragraph):
        pieces.append("")
    elif growing and pieces[-1].lstrip().startswith("["):
        return  # it may be a citation of the sentence before
    end = _marked(paragraph)
    for piece in pieces[:-1]:
        end += len(piece)
        if CITATION.search(piece):
            yield end


def is_fragment(statement: Statement, *, backed: bool) -> bool:
    """Whether it is what is left of a line, as where its link was taken out: "Read more", "Read more at."

    That is one word of content among function words, ending like no sentence. An item of a list and a table's row may
    be as short, and so may what denies something. `backed`, by a passage that it cites, it is one only when it leads
    on to nothing, or has too few words to be a sentence.
    """
    said = statement.said
    claims = read(said)
    alone = len(claims.held) == 1 and len(claims.words) > 1 and not (claims.numbers or claims.names or claims.codes)
    listed = statement.before.strip(" #>\n") or said.startswith("|")
    if not alone or statement.code or listed or claims.negations:
        return False
    if _LEADS_ON.search(said):
        return True
    return not SAID.search(said) and not (backed and len(claims.words) >= FEWEST_OF_A_SENTENCE)


def cited_in(text: str) -> tuple[int, ...]:
    """The numbers that a text cites, each once, in order."""
    return tuple(dict.fromkeys(int(number) for number in CITATION.findall(text)))


def rendered(group: Sequence[Statement], kept: Sequence[Statement], needed: Sequence[int]) -> str:
    """The kept sentences of a group, citing what they rest on, within the white space of the whole group."""
    *others, last = kept
    text = _RUN.sub(lambda run: _with_needed(run[0], needed), last.text).rstrip()
    present = {int(number) for number in CITATION.findall(text)}
    missing = "".join(f"[{number}]" for number in needed if number not in present)
    if missing and last.code:
        text = f"{text}\n\n{missing}"
    elif missing and text.endswith("|"):
        text = f"{text[:-1].rstrip()} {missing} |"
    elif missing:
        text = f"{text} {missing}"
    after = group[-1].after if "\n" in group[-1].after else last.after
    return group[0].before + "".join(s.text + s.after for s in others) + text + after


def _with_needed(run: str, needed: Sequence[int]) -> str:
    """Citations in a row, without those that are not needed."""
    numbers = CITATION.findall(run)
    kept = [number for number in numbers if int(number) in needed]
    return run if len(kept) == len(numbers) else "".join(f"[{number}]" for number in kept)


def joined(found: Sequence[Statement]) -> str:
    """Their text, with the white space and the markers around them."""
    return "".join(s.before + s.text + s.after for s in found)


def _code(paragraph: str, introduced: tuple[int, ...]) -> Statement:
    return Statement("", paragraph, "", introduced, code=True)


def _sentences(paragraph: str, introduced: tuple[int, ...]) -> Iterator[Statement]:
    start = _marked(paragraph)
    pieces = _pieces(paragraph, start)
    cited = [cited_in(piece) for piece in pieces]
    inherited = introduced if _is_item(paragraph) and not any(cited) else ()
    for index, piece in enumerate(pieces):
        text = piece.rstrip()
        own = next((numbers for numbers in cited[index:] if numbers), inherited)
        yield Statement(paragraph[:start] if index == 0 else "", text, piece[len(text) :], own)


def _marked(paragraph: str) -> int:
    """Where the text of a paragraph begins, after its list marker."""
    marker = _MARKER.match(paragraph)
    return marker.end() if marker else 0


def _pieces(paragraph: str, start: int) -> list[str]:
    """Sentences with the white space and the citations after them; a table's row is one."""
    if paragraph.lstrip().startswith("|"):
        return [paragraph[start:]]
    starts = {span.start for span in sentences(paragraph, Span(start, len(paragraph)))} - {start}
    starts |= {match.end() for match in _AFTER_CITATION.finditer(paragraph, start)}
    moved = {_after_citations(paragraph, place) for place in starts}
    cuts = [start, *sorted(place for place in moved if start < place < len(paragraph)), len(paragraph)]
    return [paragraph[a:b] for a, b in pairwise(cuts)]


def _after_citations(paragraph: str, place: int) -> int:
    leading = None if _is_closed(paragraph[:place]) else _LEADING.match(paragraph, place)
    return leading.end() if leading else place


def _is_closed(text: str) -> bool:
    """Whether its last sentence has all its citations, and no quotation or emphasis that they stand in goes on."""
    if not _CLOSED.search(text) or any(text.count(mark) % 2 for mark in _PAIRED):
        return False
    return all(text.count(opening) <= text.count(closing) for opening, closing in _QUOTED)


def _paragraphs(text: str) -> list[tuple[str, bool]]:
    """Paragraphs, items, rows and code with the white space after them, and whether each is code."""
    found: list[tuple[str, bool]] = []
    at = 0
    for fence in _FENCE.finditer(text):
        found += [(part, False) for part in _parted(text[at : fence.start()])]
        found.append((fence.group(), True))
        at = fence.end()
    return found + [(part, False) for part in _parted(text[at:])]


def _parted(text: str) -> list[str]:
    cuts = [0, *(match.end() for match in _BREAK.finditer(text)), len(text)]
    return [text[a:b] for a, b in pairwise(cuts) if a < b]


def _is_item(paragraph: str) -> bool:
    marker = _MARKER.match(paragraph)
    return paragraph.lstrip().startswith("|") or bool(marker and marker.group().strip() not in ("", "#", "##", "###"))
