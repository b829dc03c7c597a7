"""The answerer without a generative model: quotes the sentences, steps or table rows that answer. Pure.

An article's section is the unit of choice, its blocks the unit of trimming. What is shown stands in the article
word for word, but for images and links that lead nowhere outside of it. Steps stay whole, a table's rows keep their
header, a list keeps the line that introduces it, and a sentence keeps the one it leans on.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.llm.blocks import Block, Span, blocks, sentences
from assistant.terms import terms

MAX_SOURCES = 3
BUDGET_CHARACTERS = 1_200
WHOLE_PARAGRAPH_CHARACTERS = 420
WHOLE_TABLE_ROWS = 8
QUOTE_CHARACTERS = 400
# A further section must answer nearly as well as the first, and add much of what the question asks.
FURTHER_SECTION_SHARE = 0.9
FURTHER_SECTION_ADDS = 0.3

_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)\s]*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])(?:\{[^}\n]*\})?")
_LINK = re.compile(r"(?<!!)\[([^\]\[]+)\]\((?!https?://|mailto:)[^)\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^}\n]*\})?")
_ANSWERING = re.compile(
    r"\b(?:answer|solution|resol\w+|remed\w+|fix\w*|workaround|how to|steps?|instructions?)\b", re.I
)
_ASIDE = re.compile(
    r"\b(?:related|see also|further|references?|read more|next steps|change history|applies to|affected products|"
    r"acknowledge?ments?|cross reference|(?:still )?need (?:more )?help|resources|"
    r"learn more|additional (?:resources|reading))\b",
    re.I,
)
_ANNOUNCING = re.compile(r"^(?:learn (?:how|what|why|about|more)|(?:in )?this (?:article|guide|page)|find out)\b", re.I)
_FOOTNOTE = re.compile(r"^\[\^[^\]]+\]:")
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]+\](?:\([^)]*\))?")
_LINK_WITHIN = re.compile(r"(?:[*+-]|\d+[.)])\s+\[[^\]]+\]\(#[^)]*\)")
_LEANING = re.compile(
    r"^[\"'(*_]*(?:this|that|these|those|it|they|he|she|then|otherwise|however|but|and|or|so|also|"
    r"in (?:this|that) case|if (?:so|not)|"
    r"else|instead|therefore|for example|in addition|alternatively|note)\b",
    re.I,
)
_HOW_TO = re.compile(
    r"\b(?:how|steps?|set ?up|install|configure|change|reset|create|delete|remove|update|enable|fix)\b", re.I
)


@dataclass(frozen=True)
class Reading:
    """A retrieved passage where it stands: [start, end) of its article's text. `score` is the retrieval's, 0..1."""

    text: str
    start: int
    end: int
    title: str
    heading: str
    score: float


@dataclass(frozen=True)
class Quotation:
    """A cited passage: index of its reading, and words that stand verbatim in the article."""

    reading: int
    quote: str


@dataclass(frozen=True)
class Composition:
    """An answer in Markdown with [n] markers; quotation n - 1 backs [n]."""

    text: str
    quotations: tuple[Quotation, ...]


@dataclass(frozen=True)
class _Section:
    reading: int
    title: str
    heading: str
    blocks: tuple[Block, ...]
    score: float
    covered: frozenset[str]


def compose(question: str, readings: Sequence[Reading], budget: int = BUDGET_CHARACTERS) -> Composition | None:
    """The answer that these readings hold, best first; None when none of them holds a word to quote."""
    wanted = Rarity.of(readings)
    asked = frozenset(terms(question))
    ranked = sorted(_sections(question, readings, asked, wanted), key=lambda section: -section.score)
    chosen = list(_chosen(ranked, asked, wanted))
    parts: list[str] = []
    quotations: list[Quotation] = []
    for section in chosen:
        reading = readings[section.reading]
        picked = _trim(reading.text, section, asked, wanted, budget if not parts else budget // 2)
        shown = _shown(reading.text, picked)
        if not shown:
            continue
        number = len(quotations) + 1
        parts.append(_marked(shown, number))
        quotations.append(Quotation(section.reading, _quote(reading.text, picked, asked, wanted)))
    return Composition("\n\n".join(parts), tuple(quotations)) if parts else None


@dataclass(frozen=True)
class Rarity:
    """How much a term tells, learnt from the readings themselves: the rarer among their parts, the more."""

    parts: int
    counts: Counter[str]

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> "Rarity":
        counts: Counter[str] = Counter()
        parts = 0
        for text in {reading.text for reading in readings}:
            for part in re.split(r"\n\s*\n", text):
                counts.update(set(terms(part)))
                parts += 1
        return cls(parts, counts)

    def weight(self, term: str) -> float:
        count = self.counts[term]
        return math.log(1 + (self.parts - count + 0.5) / (count + 0.5))

    def cover(self, asked: frozenset[str], held: frozenset[str]) -> float:
        """Share of the question's weight that the held terms carry, 0..1; terms that no reading has count nothing."""
        whole = sum(self.weight(term) for term in asked if self.counts[term])
        return sum(self.weight(term) for term in asked & held) / whole if whole else 0.0


def _sections(question: str, readings: Sequence[Reading], asked: frozenset[str], rarity: Rarity) -> Iterator[_Section]:
    """Every section of the articles that were found, scored; an article counts for its best passage."""
    best = max((reading.score for reading in readings), default=0.0) or 1.0
    seen: set[str] = set()
    for index, reading in enumerate(readings):
        if reading.text in seen:
            continue
        seen.add(reading.text)
        passages = [(other, r) for other, r in enumerate(readings) if r.text == reading.text]
        for heading, body in _split(reading.text):
            found = next(((i, r) for i, r in passages if body[0].start < r.end and body[-1].end > r.start), None)
            rank = found[1].score / best if found else 0.75 * reading.score / best
            held = frozenset(terms(Span(body[0].start, body[-1].end).of(reading.text)))
            named = frozenset(terms(f"{reading.title} {heading}"))
            score = (
                0.6 * rank
                + 0.3 * rarity.cover(asked, held | named)
                + 0.15 * rarity.cover(asked, frozenset(terms(heading)))
                + _prior(question, reading.text, heading, body)
            )
            yield _Section(found[0] if found else index, reading.title, heading, tuple(body), score, held & asked)


def _prior(question: str, text: str, heading: str, body: Sequence[Block]) -> float:
    """What a section's form says: asides answer rarely, announcements never, steps answer a how-to."""
    if all(block.kind == "code" or _announces(text, block) for block in body):
        return -0.5
    if _ASIDE.search(heading):
        return -0.4
    how_to = bool(_HOW_TO.search(question)) and any(block.kind == "steps" for block in body)
    return (0.15 if how_to else 0.0) + (0.1 if _ANSWERING.search(heading) else 0.0)


def _announces(text: str, block: Block) -> bool:
    """Whether a block only says what the article will say: "Learn how to", and lists of links to its own sections."""
    shown = block.of(text)
    if block.kind == "list":
        return all(_LINK_WITHIN.fullmatch(part.of(text).strip()) for part in block.parts)
    if block.kind == "quotation":
        return True  # a note beside the answer
    return block.kind == "paragraph" and bool(_ANNOUNCING.match(shown)) and len(shown) < WHOLE_PARAGRAPH_CHARACTERS


def _split(text: str) -> Iterator[tuple[str, list[Block]]]:
    """Runs of blocks under one heading, with the heading's words; runs without content are left out."""
    heading, body = "", list[Block]()
    for block in blocks(text):
        if block.kind != "heading":
            telling = _cleaned(block.of(text)).strip() and not _FOOTNOTE.match(block.of(text))
            if block.kind not in ("rule", "html") and telling:
                body.append(block)
            continue
        if body:
            yield heading, body
        heading, body = block.of(text).strip("#= \n-*"), []
    if body:
        yield heading, body


def _chosen(ranked: Sequence[_Section], asked: frozenset[str], rarity: Rarity) -> Iterator[_Section]:
    """The best section, and up to two more that answer nearly as well and say something of the question it does not."""
    if not ranked:
        return
    yield ranked[0]
    covered, count = ranked[0].covered, 1
    for section in ranked[1:]:
        adds = rarity.cover(asked, section.covered - covered) >= FURTHER_SECTION_ADDS
        if count < MAX_SOURCES and adds and section.score >= FURTHER_SECTION_SHARE * ranked[0].score:
            covered, count = covered | section.covered, count + 1
            yield section


def _trim(text: str, section: _Section, asked: frozenset[str], rarity: Rarity, budget: int) -> list[Block]:
    """The blocks to show, in order: all when they fit, else the best one and what belongs to it."""
    telling = [block for block in section.blocks if block.kind == "quotation" or not _announces(text, block)]
    body = telling if any(block.kind != "quotation" for block in telling) else list(section.blocks)
    if _size(body) <= budget:
        return body
    groups = _groups(text, body)
    values = [_value(text, group, asked, rarity) for group in groups]
    best = max(range(len(groups)), key=lambda index: (values[index], -index))
    low, high = best, best + 1
    size = _size(groups[best])
    while True:
        # Grow towards the better neighbour while it fits: what stands next to the answer explains it.
        sides = [i for i in (low - 1, high) if 0 <= i < len(groups) and size + _size(groups[i]) <= budget]
        if not sides:
            break
        side = max(sides, key=lambda index: values[index])
        low, high, size = min(low, side), max(high, side + 1), size + _size(groups[side])
    kept = [block for group in groups[low:high] for block in group]
    return [_shortened(text, block, asked, rarity, budget) for block in kept]


def _size(group: Sequence[Block]) -> int:
    return sum(block.end - block.start for block in group)


def _value(text: str, group: Sequence[Block], asked: frozenset[str], rarity: Rarity) -> float:
    held = frozenset(terms(" ".join(block.of(text) for block in group)))
    kinds = {block.kind for block in group}
    return (
        rarity.cover(asked, held)
        + (0.3 if "steps" in kinds else 0.0)
        - (0.4 if kinds <= {"quotation", "code"} else 0.0)
    )


def _groups(text: str, body: Sequence[Block]) -> list[list[Block]]:
    """Blocks that are read together: an introduction with what it introduces, steps with their continuation."""
    groups: list[list[Block]] = []
    for block in body:
        before = groups[-1][-1] if groups else None
        if before is not None and _belongs(text, before, block):
            groups[-1].append(block)
        else:
            groups.append([block])
    return _with_continued_steps(groups)


def _belongs(text: str, before: Block, block: Block) -> bool:
    introduces = before.kind == "paragraph" and before.of(text).rstrip().endswith(":")
    structured = block.kind in ("steps", "list", "table", "code", "quotation")
    leans = block.kind == "paragraph" and bool(_LEANING.match(block.of(text)))
    return introduces or (structured and before.kind == "paragraph") or leans


def _with_continued_steps(groups: list[list[Block]]) -> list[list[Block]]:
    """Steps that an image or a code block interrupted go on with a number above one: they are one procedure."""
    joined: list[list[Block]] = []
    for group in groups:
        continued = next((block.number > 1 for block in group if block.kind == "steps"), False)
        first = next((i for i, g in enumerate(joined) if any(b.kind == "steps" for b in g)), None)
        if continued and first is not None:
            joined[first:] = [[block for g in [*joined[first:], group] for block in g]]
        else:
            joined.append(group)
    return joined


def _shortened(text: str, block: Block, asked: frozenset[str], rarity: Rarity, budget: int) -> Block:
    if block.kind == "paragraph" and block.end - block.start > WHOLE_PARAGRAPH_CHARACTERS:
        span = _best_sentences(text, block, asked, rarity, min(budget, WHOLE_PARAGRAPH_CHARACTERS))
        return replace(block, start=span.start, end=span.end)
    if block.kind == "table" and len(block.parts) > WHOLE_TABLE_ROWS:
        return replace(block, parts=_best_rows(text, block, asked, rarity))
    return block


def _best_sentences(text: str, block: Block, asked: frozenset[str], rarity: Rarity, budget: int) -> Span:
    """The best run of whole sentences; a sentence that leans on the one before it brings it along."""
    all_sentences = sentences(text, block)
    scores = [rarity.cover(asked, frozenset(terms(s.of(text)))) for s in all_sentences]
    low = high = max(range(len(all_sentences)), key=lambda i: (scores[i], -i))
    while low > 0 and _LEANING.match(all_sentences[low].of(text)):
        low -= 1
    while high + 1 < len(all_sentences):
        nxt = all_sentences[high + 1]
        fits = nxt.end - all_sentences[low].start <= budget
        if not fits and not _LEANING.match(nxt.of(text)):
            break
        high += 1
    return Span(all_sentences[low].start, all_sentences[high].end)


def _best_rows(text: str, block: Block, asked: frozenset[str], rarity: Rarity) -> tuple[Span, ...]:
    scores = [rarity.cover(asked, frozenset(terms(row.of(text)))) for row in block.parts]
    best = max(scores)
    if best == 0:
        return block.parts
    return tuple(row for row, score in zip(block.parts, scores, strict=True) if score >= 0.7 * best)


def _shown(text: str, picked: Sequence[Block]) -> str:
    shown = (_cleaned(_rendered(text, block)) if block.kind != "code" else block.of(text) for block in picked)
    return "\n\n".join(part.strip("\n") for part in shown if part.strip())


def _rendered(text: str, block: Block) -> str:
    if block.kind == "table" and block.head and block.parts:
        return "\n".join([block.head.of(text), *(row.of(text) for row in block.parts)])
    return block.of(text)


def _cleaned(markdown: str) -> str:
    """Without images, and without links that only lead somewhere inside the article."""
    plain = _FOOTNOTE_MARK.sub("", _LINK.sub(r"\1", _IMAGE.sub("", markdown)))
    return re.sub(r"\n[ \t]*\n(?:[ \t]*\n)+", "\n\n", plain)


def _marked(markdown: str, number: int) -> str:
    """With the source's marker after its last words; never inside a table or a code block."""
    last = blocks(markdown)[-1]
    nested = last.kind in ("list", "steps") and re.search(r"```|~~~|^\s*\|", last.parts[-1].of(markdown), re.M)
    separator = " " if last.kind in ("paragraph", "list", "steps", "quotation") and not nested else "\n\n"
    return f"{markdown}{separator}[{number}]"


def _quote(text: str, picked: Sequence[Block], asked: frozenset[str], rarity: Rarity) -> str:
    """The stretch of what is shown that answers best, as it stands in the article."""
    units: list[Span] = []
    for block in picked:
        whole = block.end - block.start <= QUOTE_CHARACTERS
        if block.kind == "code" or (whole and not block.parts):
            units.append(block)
        else:
            units += block.parts or sentences(text, block)
    best = max(units, key=lambda unit: (rarity.cover(asked, frozenset(terms(unit.of(text)))), -unit.start))
    return best.of(text)
