"""The answerer without a generative model: quotes the sentences, steps or table rows that answer. Pure.

An article's section is the unit of choice, its blocks the unit of trimming. What is shown stands in the article
word for word, but for images and links that lead nowhere outside of it. Steps stay whole, a table's rows keep their
header, a list keeps the line that introduces it, and a sentence keeps the one it leans on.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.llm.blocks import Block, Span, blocks, sentences
from assistant.llm.sections import (
    WHOLE_PARAGRAPH_CHARACTERS,
    Section,
    announces,
    cleaned,
    heading_words,
    introduces,
    prior,
    sections,
    size,
    without_announcement,
)
from assistant.llm.wanted import Wanted, wanted_in

MAX_SOURCES = 3
BUDGET_CHARACTERS = 1_200
WHOLE_TABLE_ROWS = 4
# Of the best row of a long table: rows from here on are shown with it.
ROW_SHARE = 0.3
QUOTE_CHARACTERS = 400
# Of a section: how its passage stands in the retrieval, how much of the question it holds, and how much its headings.
RANK_WEIGHT = 0.8
COVER_WEIGHT = 0.15
HEADING_WEIGHT = 0.3
OWN_HEADING_WEIGHT = 0.15
# A further section must answer nearly as well as the first, and add much of what the question asks.
FURTHER_SECTION_SHARE = 0.9
FURTHER_SECTION_ADDS = 0.3
# What answers says at least so much that the question does not.
ADDED_TERMS = 3

_LEANING = re.compile(
    r"^[\"'(*_]*(?:this|that|these|those|it|they|he|she|then|otherwise|however|but|and|or|so|also|"
    r"in (?:this|that) case|if (?:so|not)|"
    r"else|instead|therefore|for example|in addition|alternatively|note)\b",
    re.I,
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
    language: str = "en"


@dataclass(frozen=True)
class Quotation:
    """A cited passage: index of its reading, and words that stand verbatim in its text, from `start` on."""

    reading: int
    quote: str
    start: int


@dataclass(frozen=True)
class Composition:
    """An answer in Markdown with [n] markers; quotation n - 1 backs [n]."""

    text: str
    quotations: tuple[Quotation, ...]


@dataclass(frozen=True)
class _Scored:
    reading: int
    section: Section
    score: float
    covered: frozenset[str]


def compose(question: str, readings: Sequence[Reading], budget: int = BUDGET_CHARACTERS) -> Composition | None:
    """The answer that these readings hold, best first; None when none of them holds a word to quote."""
    wanted = wanted_in(question, [(reading.text, reading.language) for reading in readings])
    ranked = sorted(_sections(question, readings, wanted), key=lambda section: -section.score)
    chosen = list(_chosen(ranked, wanted))
    parts: list[str] = []
    quotations: list[Quotation] = []
    for section in chosen:
        reading = readings[section.reading]
        own = wanted.in_language(reading.language)
        picked = _trim(reading.text, section.section, own, budget if not parts else budget // 2)
        shown = _shown(reading.text, picked)
        if not shown:
            continue
        number = len(quotations) + 1
        parts.append(_marked(shown, number))
        quoted = _quoted(reading.text, picked, own)
        quotations.append(Quotation(section.reading, quoted.of(reading.text), quoted.start))
    return Composition("\n\n".join(parts), tuple(quotations)) if parts else None


def _sections(question: str, readings: Sequence[Reading], wanted: Wanted) -> Iterator[_Scored]:
    """Every section of the articles that were found, scored; an article counts for its best passage."""
    best = max((reading.score for reading in readings), default=0.0) or 1.0
    seen: set[str] = set()
    for index, reading in enumerate(readings):
        if reading.text in seen:
            continue
        seen.add(reading.text)
        own = wanted.in_language(reading.language)
        passages = [(other, r) for other, r in enumerate(readings) if r.text == reading.text]
        for section in sections(reading.text):
            heading, body = section.heading, section.blocks
            found = next(((i, r) for i, r in passages if body[0].start < r.end and body[-1].end > r.start), None)
            rank = found[1].score / best if found else 0.75 * reading.score / best
            held = own.terms(Span(body[0].start, body[-1].end).of(reading.text))
            named = own.terms(f"{reading.title} {heading}")
            score = (
                RANK_WEIGHT * rank
                + COVER_WEIGHT * own.share(held | named)
                + HEADING_WEIGHT * own.share(named)
                + OWN_HEADING_WEIGHT * own.cover(heading)
                + prior(question, reading.text, section)
            )
            yield _Scored(found[0] if found else index, section, score, held & own.asked)


def _chosen(ranked: Sequence[_Scored], wanted: Wanted) -> Iterator[_Scored]:
    """The best section, and up to two more that answer nearly as well and say something of the question it does not."""
    if not ranked:
        return
    yield ranked[0]
    covered, count = ranked[0].covered, 1
    for section in ranked[1:]:
        adds = wanted.share(section.covered - covered) >= FURTHER_SECTION_ADDS
        if count < MAX_SOURCES and adds and section.score >= FURTHER_SECTION_SHARE * ranked[0].score:
            covered, count = covered | section.covered, count + 1
            yield section


def _trim(text: str, section: Section, wanted: Wanted, budget: int) -> list[Block]:
    """The blocks to show, in order: all when they fit, else the best one and what belongs to it."""
    telling = [block for block in section.blocks if block.kind == "quotation" or not announces(text, block)]
    body = telling if any(block.kind != "quotation" for block in telling) else list(section.blocks)
    if size(body) <= budget:
        return _ended(text, [_of_rows(text, block, wanted) for block in body])
    groups = _groups(text, body)
    values = [_value(text, group, wanted) for group in groups]
    best = max(range(len(groups)), key=lambda index: (values[index], -index))
    low, high = best, best + 1
    used = size(groups[best])
    while True:
        # Grow towards the better neighbour while it fits: what stands next to the answer explains it.
        sides = [i for i in (low - 1, high) if 0 <= i < len(groups) and used + size(groups[i]) <= budget]
        if not sides:
            break
        side = max(sides, key=lambda index: values[index])
        low, high, used = min(low, side), max(high, side + 1), used + size(groups[side])
    kept = [block for group in groups[low:high] for block in group]
    return _ended(text, [_shortened(text, block, wanted, budget) for block in kept])


def _ended(text: str, picked: list[Block]) -> list[Block]:
    """Without a last sentence that announces what was left out."""
    last = without_announcement(text, picked[-1])
    return [*picked[:-1], last] if last else picked[:-1] or picked


def _value(text: str, group: Sequence[Block], wanted: Wanted) -> float:
    """How well blocks answer: by the words they share with the question, if they add any of their own."""
    held = wanted.terms(" ".join(block.of(text) for block in group))
    kinds = {block.kind for block in group}
    covered = wanted.share(held)
    if kinds <= {"quotation", "code"} or len(held - wanted.asked) < ADDED_TERMS:
        return 0.2 * covered - 0.4
    return covered + (0.3 if "steps" in kinds else 0.0)


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
    structured = block.kind in ("steps", "list", "table", "code", "quotation")
    leans = block.kind == "paragraph" and bool(_LEANING.match(block.of(text)))
    return before.kind == "heading" or introduces(text, before) or (structured and before.kind == "paragraph") or leans


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


def _shortened(text: str, block: Block, wanted: Wanted, budget: int) -> Block:
    if block.kind == "paragraph" and block.end - block.start > WHOLE_PARAGRAPH_CHARACTERS:
        span = _best_sentences(text, block, wanted, min(budget, WHOLE_PARAGRAPH_CHARACTERS))
        return replace(block, start=span.start, end=span.end)
    return _of_rows(text, block, wanted)


def _of_rows(text: str, block: Block, wanted: Wanted) -> Block:
    """A long table by its rows that answer; any other block as it is."""
    if block.kind == "table" and len(block.parts) > WHOLE_TABLE_ROWS:
        return replace(block, parts=_best_rows(text, block, wanted))
    return block


def _best_sentences(text: str, block: Block, wanted: Wanted, budget: int) -> Span:
    """The best run of whole sentences; a sentence that leans on the one before it brings it along."""
    all_sentences = sentences(text, block)
    scores = [wanted.cover(s.of(text)) for s in all_sentences]
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


def _best_rows(text: str, block: Block, wanted: Wanted) -> tuple[Span, ...]:
    scores = [wanted.cover(row.of(text)) for row in block.parts]
    best = max(scores)
    if best == 0:
        return block.parts
    return tuple(row for row, score in zip(block.parts, scores, strict=True) if score >= ROW_SHARE * best)


def _shown(text: str, picked: Sequence[Block]) -> str:
    shown = (cleaned(_rendered(text, block)) if block.kind != "code" else block.of(text) for block in picked)
    return "\n\n".join(part.strip("\n") for part in shown if part.strip())


def _rendered(text: str, block: Block) -> str:
    if block.kind == "table" and block.head and block.parts:
        return "\n".join([block.head.of(text), *(row.of(text) for row in block.parts)])
    if block.kind == "heading":
        return f"**{heading_words(block.of(text))}**"
    return block.of(text)


def _marked(markdown: str, number: int) -> str:
    """With the source's marker after the last words that can carry one: never inside a table or a code block."""
    carrying = [block for block in blocks(markdown) if _carries_marker(markdown, block)]
    if not carrying:
        return f"{markdown}\n\n[{number}]"
    end = carrying[-1].end
    return f"{markdown[:end]} [{number}]{markdown[end:]}"


def _carries_marker(markdown: str, block: Block) -> bool:
    if block.kind in ("list", "steps"):
        return not re.search(r"```|~~~|^\s*\|", block.parts[-1].of(markdown), re.M)
    return block.kind in ("paragraph", "quotation")


def _quoted(text: str, picked: Sequence[Block], wanted: Wanted) -> Span:
    """The stretch of what is shown that answers best, as it stands in the article."""
    units: list[Span] = []
    for block in picked:
        if block.kind == "heading":
            continue
        whole = block.end - block.start <= QUOTE_CHARACTERS
        if block.kind == "code" or (whole and not block.parts):
            units.append(block)
        else:
            units += block.parts or sentences(text, block)
    return max(units, key=lambda unit: (wanted.cover(unit.of(text)), -unit.start))
