"""The stretches of articles that could be an answer, and how likely each is the best one. Pure.

A linear model over features that anyone can check by eye. Its weights stand in extracts.json, which
`benchmarks/train_extracts.py` learns on real questions with experts' answers: listwise softmax regression (ListNet,
Cao et al. 2007) towards the words that a stretch shares with the expert's answer.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from assistant.llm.blocks import Block, Span
from assistant.llm.cues import HeadingClass, cues
from assistant.llm.density import density
from assistant.llm.portions import Portion, portions
from assistant.llm.sections import (
    Section,
    announces,
    extent,
    points,
    refers_to_above,
    sections,
)
from assistant.llm.tables import answering, read_of
from assistant.llm.wanted import Wanted

# About the length of an expert's answer, in characters: what is longer or shorter has to be better.
USUAL_CHARACTERS = 300
# Of a run of more than one portion.
MAX_CHARACTERS = 1_200
MAX_PORTIONS = 16
# What answers says at least so much that neither the question nor the title does.
ADDED_TERMS = 3
# Above any difference of learned scores: what says nothing, or is about methods that stand above it, answers only where
# nothing else is there. A note beside something says nothing; one that is all that a heading stands over says it all.
IDLE_PENALTY = 20.0
_MARKED_HEADING = re.compile(r"^#{1,6} |^(?:=+|-+)$", re.M)
# What a link leads to is not read; its words are.
_ADDRESS = re.compile(r"\]\([^)\s]*(?:\s+\"[^\"]*\")?\)|<?https?://[^\s>]+>?")
# Thai and Lao have no mark for it: they put a space there, and between no words.
_SENTENCE_END = re.compile(r"[.!?。！？؟۔।።։။។](?:\s|[)\]\"*_]|$)|[\u0e00-\u0eff]\s+(?=[\u0e00-\u0eff])")
_ASKS = ("?", "？", "؟")


@dataclass(frozen=True)
class Reading:
    """A retrieved passage where it stands: [start, end) of its article's text.

    `log_odds` says how far the ranking puts it below the best passage; 0 for that. `blanks` is white space that stands
    for what is withheld of the article, in order. `links` holds the relative addresses in the text that lead to other
    articles, each with that of their page.
    """

    text: str
    start: int
    end: int
    title: str
    log_odds: float
    language: str = "en"
    blanks: tuple[Span, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Extract:
    """Neighbouring blocks of one section, with the learned score, a log-odds; as chosen, with what belongs to them.

    `reading` is the index of the passage that they belong to, `article` that of the first passage of its article.
    `more_steps` when further steps of the article follow the ones that were taken in.
    """

    reading: int
    article: int
    blocks: tuple[Block, ...]
    covered: frozenset[str]
    features: Mapping[str, float]
    score: float
    more_steps: bool = False

    @property
    def start(self) -> int:
        """Where it begins in the article's text."""
        return self.blocks[0].start

    @property
    def end(self) -> int:
        """Where it ends in the article's text."""
        return self.blocks[-1].end


@lru_cache(maxsize=1)
def weights() -> Mapping[str, float]:
    """The learned weight of each feature."""
    loaded = json.loads((Path(__file__).with_name("extracts.json")).read_text(encoding="utf-8"))
    return dict(loaded["weights"])


def extracts(readings: Sequence[Reading], wanted: Wanted) -> list[Extract]:
    """Every run of up to MAX_PORTIONS and MAX_CHARACTERS, of every section of the articles found, best first.

    A single portion may be longer. Ties go to the better article, then to what stands first.
    """
    found: list[Extract] = []
    marked = any(_MARKED_HEADING.search(reading.text) for reading in readings)
    odds = [math.exp(reading.log_odds) for reading in readings]
    for text in dict.fromkeys(reading.text for reading in readings):
        passages = tuple((i, r) for i, r in enumerate(readings) if r.text == text)
        article = _Article(text, passages, sum(odds[i] for i, _ in passages) / sum(odds), marked)
        own = wanted.in_language(passages[0][1].language)
        for section in sections(text):
            found += _of_section(own, article, section)
    return sorted(found, key=lambda extract: -extract.score)


def named(heading: str, wanted: Wanted) -> float:
    """How nearly a heading is the question: Dice's coefficient of their terms."""
    return _dice(wanted.terms(heading), wanted.asked)


def _dice(some: frozenset[str], others: frozenset[str]) -> float:
    return 2 * len(some & others) / (len(some) + len(others) or 1)


@dataclass(frozen=True)
class _Article:
    text: str
    passages: tuple[tuple[int, Reading], ...]
    share: float
    marked: bool  # see _features

    @property
    def title(self) -> str:
        return self.passages[0][1].title

    def passage(self, start: int, end: int) -> tuple[int, float] | None:
        """Index and log-odds of the best passage that shares text with [start, end)."""
        shared = [(i, r.log_odds) for i, r in self.passages if start < r.end and end > r.start]
        return max(shared, key=lambda pair: (pair[1], -pair[0]), default=None)


@dataclass(frozen=True)
class _Head:
    """What is said over a section, read once for all of its runs."""

    kind: HeadingClass
    terms: frozenset[str]
    beyond: float
    title_named: float
    title_terms: frozenset[str]
    odds: float


def _head(wanted: Wanted, article: _Article, section: Section) -> _Head:
    title, terms = wanted.terms(article.title), wanted.terms(section.heading)
    passage = article.passage(section.blocks[0].start, section.blocks[-1].end)
    return _Head(
        cues(wanted.language).heading_class(section.heading),
        terms,
        _dice(terms - title, wanted.asked - title),
        named(article.title, wanted),
        title,
        math.exp(passage[1]) if passage else 0.0,
    )


def _of_section(wanted: Wanted, article: _Article, section: Section) -> Iterator[Extract]:
    text = article.text
    head = _head(wanted, article, section)
    telling = [
        block for block in section.blocks if block.kind == "quotation" or not announces(text, block, wanted.language)
    ]
    body = telling if any(block.kind not in ("quotation", "heading") for block in telling) else section.blocks
    parts = portions(text, body, wanted.language)
    tables = {block: answering(text, block, wanted, article.title) for block in body if block.kind == "table"}
    held = [wanted.terms(read_of(text, part, tables)) for part in parts]
    noted = bool(section.heading) and all(block.kind in ("quotation", "heading") for block in body)
    idle = [not noted and _idle(text, part, wanted.language) for part in parts]
    for first in range(len(parts)):
        said = frozenset[str]()
        for last in range(first, min(first + MAX_PORTIONS, len(parts))):
            run = tuple(block for part in parts[first : last + 1] for block in part)
            if last > first and extent(run) * density(text) > MAX_CHARACTERS:
                break
            said |= held[last]
            begins, ends = first == 0, last == len(parts) - 1
            features = _features(wanted, article, head, run, read_of(text, run, tables), said) | {
                "begins": float(begins),
                "whole": float(begins and ends),
            }
            score = sum(weight * features[name] for name, weight in weights().items())
            if all(idle[first : last + 1]) or (wanted.how and refers_to_above(text, run, wanted.language)):
                score -= IDLE_PENALTY
            passage = article.passage(run[0].start, run[-1].end)
            index = article.passages[0][0]
            yield Extract(passage[0] if passage else index, index, run, said & wanted.asked, features, score)


def _features(
    wanted: Wanted, article: _Article, head: _Head, run: Portion, shown: str, said: frozenset[str]
) -> dict[str, float]:
    """Each about -2..3; `shown` is what there is to read of the run, and `said` are its terms.

    article: its passages' share of the odds of all; section: odds of its best passage against the best of all; cover:
    share of the question's rarity that the run and its heading hold; beyond: how nearly its heading is what the title
    leaves of the question; titled: before the first heading, how nearly the title is the question; both as far as it is
    this article that is asked; length: of what is read, its distance from the usual one, and its square; begins, whole:
    of its section; cause, problem, aside: what the heading says that the section is; how_*, why_*: for questions that
    ask how, or why; asks: it ends in a question itself; no_sentence: words without an end, such as key words; restates:
    it says next to nothing beyond the question and the title; marked_*: where any article found has marked headings,
    which tell more than the lines of capitals of plain text.
    """
    kinds = {block.kind for block in run}
    length = math.log(max(len(_ADDRESS.sub("]", shown)) * density(article.text), 1) / USUAL_CHARACTERS)
    how, why = wanted.how, wanted.why
    steps, answering, cause = "steps" in kinds, head.kind == "answer", head.kind == "cause"
    no_sentence = kinds <= {"paragraph", "heading"} and not _SENTENCE_END.search(shown)
    cover = wanted.share(said | head.terms)
    restates = float(len(said - wanted.asked - head.title_terms) < ADDED_TERMS)
    intro, marked = not head.terms, float(article.marked)
    return {
        "article": article.share,
        "section": head.odds,
        "cover": cover,
        "beyond": head.beyond * article.share,
        "titled": intro * head.title_named * article.share * (not no_sentence),
        "length": length,
        "length_squared": length**2,
        "steps": float(steps),
        "code": float("code" in kinds),
        "cause": float(cause),
        "problem": float(head.kind == "problem"),
        "aside": float(head.kind == "aside"),
        "no_sentence": float(no_sentence),
        "how_steps": float(how and steps),
        "how_answer": float(how and answering),
        "why_cause": float(why and cause),
        "restates": restates,
        "asks": float(shown.rstrip().endswith(_ASKS)),
        "marked_section": head.odds * marked,
        "marked_cover": cover * marked,
        "marked_intro": intro * marked,
    }


def _idle(text: str, part: Portion, language: str) -> bool:
    """Whether it only announces, points elsewhere, or shows code with nothing said of it."""
    return all(
        block.kind == "code" or announces(text, block, language) or points(text, block, language) for block in part
    )
