"""One score of two: how near in meaning, and how much of the question's rare words. Pure.

The constants stand in fusion.json, which `benchmarks/train_fusion.py` writes.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from knowledge.retrieval.query import Candidate

LEARNED: dict[str, float] = json.loads(Path(__file__).with_name("fusion.json").read_text(encoding="utf-8"))

DENSE_WEIGHT = LEARNED["DENSE_WEIGHT"]
# How much the nearness of the article's title counts beside that of the chunk.
TITLE_WEIGHT = LEARNED["TITLE_WEIGHT"]
# The most that words count for, in standard deviations: that a text shares one word of a short question says little,
# even when it is the only one.
LEXICAL_CAP = LEARNED["LEXICAL_CAP"]
LEXICAL_CAP_PER_TERM = LEARNED["LEXICAL_CAP_PER_TERM"]
# With less of the question's words known to the collection, what a text shares of them counts less in proportion:
# of a question in another language only a stray word is shared.
FULL_OVERLAP = 0.5
# Of one standard deviation: decides between equals, and against nothing that answers clearly better.
LOCALE_BONUS = 0.5


class Scored(NamedTuple):
    """A chunk with its raw scores: cosine of its own, BM25, and cosine of its article's title.

    The cosines are None when no vector of the question was to be had.
    """

    chunk_id: int
    document_id: int
    dense: float | None
    lexical: float
    title: float | None
    preferred_locale: bool


def fuse(scored: Sequence[Scored], best_lexical: float, term_count: int, overlap: float = 1.0) -> tuple[Candidate, ...]:
    """Candidates, best first; ties go to the older chunk. `term_count` is how many different terms the question has.

    `overlap` is the share of their rarity that the collection holds at all.
    Their order is that of z-scores, which say how far a chunk stands out in meaning and in words among the others;
    nearness of the title is counted on top, in the same unit as that of the chunk.
    Their level is that of the best one's cosine and share of the best possible BM25 score, which mean the same
    for every question: so a score also tells a good find from the best of a bad lot.
    """
    if not scored:
        return ()
    standing = _standing(scored, term_count, overlap)
    level = max(_level(chunk, best_lexical) for chunk in scored)
    candidates = (
        Candidate(chunk.chunk_id, chunk.document_id, round(level * position, 6), chunk.dense, chunk.lexical)
        for chunk, position in zip(scored, _positions(standing), strict=True)
    )
    return tuple(sorted(candidates, key=lambda candidate: (-candidate.score, candidate.chunk_id)))


def _standing(scored: Sequence[Scored], term_count: int, overlap: float) -> list[float]:
    lexical = capped(standardised([chunk.lexical for chunk in scored]), term_count)
    chunks, titles = [chunk.dense or 0.0 for chunk in scored], [chunk.title or 0.0 for chunk in scored]
    unit = deviation(chunks)
    dense = standardised(chunks, unit)
    named = standardised(titles, unit)
    weight = 0.0 if scored[0].dense is None else 1 - (1 - DENSE_WEIGHT) * trust(overlap)
    return [
        weight * (near + TITLE_WEIGHT * title) + (1 - weight) * shared + (LOCALE_BONUS if chunk.preferred_locale else 0)
        for chunk, near, title, shared in zip(scored, dense, named, lexical, strict=True)
    ]


def trust(overlap: float) -> float:
    """How much shared words say, 0..1, where the collection holds this share of the question's rarity."""
    return min(1.0, overlap / FULL_OVERLAP)


def capped(distances: Sequence[float], term_count: int) -> list[float]:
    """Distances of BM25 from its mean, cut off where they say no more for a question of so many terms."""
    cap = LEXICAL_CAP + LEXICAL_CAP_PER_TERM * term_count
    return [min(distance, cap) for distance in distances]


def standardised(values: Sequence[float], unit: float | None = None) -> list[float]:
    """Distance from the mean in units, by default standard deviations; all 0 where the unit is 0."""
    mean = fmean(values)
    unit = deviation(values) if unit is None else unit
    return [(value - mean) / unit if unit > 1e-9 else 0.0 for value in values]


def deviation(values: Sequence[float]) -> float:
    """The population's standard deviation; `statistics.pstdev` is exact to the last digit, at many times the cost."""
    mean = fmean(values)
    return math.sqrt(fmean([(value - mean) ** 2 for value in values]))


def _level(chunk: Scored, best_lexical: float) -> float:
    share = min(1.0, chunk.lexical / best_lexical) if best_lexical > 0 else 0.0
    if chunk.dense is None:
        return share
    return DENSE_WEIGHT * max(0.0, chunk.dense) + (1 - DENSE_WEIGHT) * share


def _positions(standing: Sequence[float]) -> list[float]:
    """1 for the best and 0 for the last."""
    lowest, highest = min(standing), max(standing)
    return [(stands - lowest) / (highest - lowest) if highest > lowest else 1.0 for stands in standing]
