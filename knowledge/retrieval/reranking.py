"""A second look at the best candidates: a linear model over features that anyone can check by eye. Pure.

The weights stand in reranker.json. `benchmarks/train_reranker.py` learns them by listwise softmax regression (the
top-one form of ListNet, Cao et al. 2007) on real questions with known articles.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from knowledge.bm25 import best_possible
from knowledge.retrieval.fusion import capped, standardised, trust
from knowledge.retrieval.query import Candidate

# Candidates looked at again: more changed no figure, and each costs a third of a millisecond.
RERANKED = 30
# As a weight of the model, which was learned where every article was in one language.
LOCALE_WEIGHT = 0.5
# Of articles with one title the one written last; by hand and as little as that, as no set to learn from has dates.
FRESHNESS_WEIGHT = 0.5
DEFAULT_MODEL = "local"
# How fast the scores fall below the best one: an answer is quoted from further articles only when they come near it.
STEEPNESS = 3
# A word further away than this says nothing of the one before it.
NEAR_TERMS = 16


@dataclass(frozen=True)
class Contender:
    """A candidate with its words as term ids in order: of its title, its headings, and all that is embedded of it.

    `written_at` is the date that its article gives itself.
    """

    candidate: Candidate
    title: float
    title_terms: frozenset[int]
    heading_terms: frozenset[int]
    terms: Sequence[int]
    ordinal: int
    preferred_locale: bool
    written_at: datetime | None = None


@lru_cache
def version(embedding_model: str = DEFAULT_MODEL) -> str:
    """The first digits of the hash of what was learned: changes with any weight."""
    return hashlib.sha256(json.dumps(dict(weights(embedding_model)), sort_keys=True).encode()).hexdigest()[:12]


@lru_cache
def weights(embedding_model: str = DEFAULT_MODEL) -> Mapping[str, float]:
    """The weight of each feature, learned with this embedding model; an unknown model's cosines are read as `local`'s.

    What a cosine means differs by model: those of `local-multilingual` all lie near each other.
    """
    loaded = json.loads((Path(__file__).parent / "reranker.json").read_text(encoding="utf-8"))
    return dict((loaded.get(embedding_model) or loaded[DEFAULT_MODEL])["weights"])


def rerank(
    contenders: Sequence[Contender],
    rarity: Mapping[int, float],
    overlap: float = 1.0,
    embedding_model: str = DEFAULT_MODEL,
) -> list[Candidate]:
    """The candidates, best first, with their features; ties go to the older chunk.

    `rarity` is the inverse document frequency of each of the question's terms, in their order; `overlap` the share of
    it that the collection holds. The new scores lie between the lowest and the highest of the old ones: their level
    goes on meaning the same for every question.
    """
    if not contenders:
        return []
    measured = measure(contenders, rarity, overlap)
    learned = weights(embedding_model)
    newest = _newest(contenders)
    marks = [
        _mark(contender, features, learned) + (FRESHNESS_WEIGHT if contender.candidate.document_id in newest else 0.0)
        for contender, features in zip(contenders, measured, strict=True)
    ]
    old = [contender.candidate.score for contender in contenders]
    low, high, lowest, span = min(old), max(old), min(marks), max(marks) - min(marks)
    order = sorted(range(len(marks)), key=lambda index: (-marks[index], contenders[index].candidate.chunk_id))
    return [
        replace(
            contenders[index].candidate,
            score=round(low + (high - low) * ((marks[index] - lowest) / span if span else 1.0) ** STEEPNESS, 6),
            features=measured[index],
            log_odds=round(marks[index] - max(marks), 4),
        )
        for index in order
    ]


def _mark(contender: Contender, features: Mapping[str, float], learned: Mapping[str, float]) -> float:
    mark = sum(weight * features[name] for name, weight in learned.items())
    return mark + (LOCALE_WEIGHT if contender.preferred_locale else 0.0)


def _newest(contenders: Sequence[Contender]) -> set[int]:
    """The articles that were written after another one of the same title: its next edition, as far as we can tell.

    A translation of the article is none, where one of the two is in the customer's language.
    """
    editions: dict[tuple[frozenset[int], bool], dict[int, datetime]] = {}
    for contender in contenders:
        if contender.title_terms and contender.written_at:
            editions.setdefault((contender.title_terms, contender.preferred_locale), {})[
                contender.candidate.document_id
            ] = contender.written_at
    written_twice = (dates for dates in editions.values() if len(set(dates.values())) > 1)
    return {document for dates in written_twice for document, date in dates.items() if date == max(dates.values())}


def measure(
    contenders: Sequence[Contender], rarity: Mapping[int, float], overlap: float = 1.0
) -> list[dict[str, float]]:
    """The features of each contender, all about -3..3.

    fused: the score of the first look, for comparison only; *_z: distance from the mean of the contenders in standard
    deviations, BM25's scaled down where little of the question overlaps; dense, title: cosines; lexical: share of the
    best possible BM25 score; *_cover: share of the question's rarity that the part holds; title_precision: share of the
    title that was asked for; proximity: how close together words stand that are neighbours in the question; ordinal:
    place in the article; next_best, best_gap: the article's second-best and best chunk against this one.
    """
    asked, total = set(rarity), sum(rarity.values()) or 1.0
    best_lexical = best_possible(rarity) or 1.0
    dense = [contender.candidate.dense or 0.0 for contender in contenders]
    titles = [contender.title for contender in contenders]
    lexical = [contender.candidate.lexical or 0.0 for contender in contenders]
    of_document: dict[int, list[float]] = {}
    for contender, cosine in zip(contenders, dense, strict=True):
        of_document.setdefault(contender.candidate.document_id, []).append(cosine)
    shared = [trust(overlap) * distance for distance in capped(standardised(lexical), len(rarity))]
    standing = zip(standardised(dense), standardised(titles), shared, strict=True)

    def cover(terms: set[int] | frozenset[int]) -> float:
        return sum(rarity[term] for term in asked & terms) / total

    measured = []
    for contender, (dense_z, title_z, lexical_z) in zip(contenders, standing, strict=True):
        cosine = contender.candidate.dense or 0.0
        siblings = sorted(of_document[contender.candidate.document_id], reverse=True)
        measured.append(
            {
                "fused": contender.candidate.score,
                "dense_z": dense_z,
                "title_z": title_z,
                "lexical_z": lexical_z,
                "dense": cosine,
                "title": contender.title,
                "lexical": (contender.candidate.lexical or 0.0) / best_lexical,
                "cover": cover(set(contender.terms)),
                "title_cover": cover(contender.title_terms),
                "title_precision": len(asked & contender.title_terms) / max(len(contender.title_terms), 1),
                "heading_cover": cover(contender.heading_terms),
                "proximity": proximity(contender.terms, rarity),
                "ordinal": math.log1p(contender.ordinal),
                "next_best": siblings[1] - cosine if len(siblings) > 1 else 0.0,
                "best_gap": siblings[0] - cosine,
            }
        )
    return measured


def proximity(terms: Sequence[int], rarity: Mapping[int, float]) -> float:
    """How near to each other neighbours in the question stand in the text, 0..1, weighted by the commoner's rarity."""
    places: dict[int, list[int]] = {}
    for place, term in enumerate(terms):
        if term in rarity:
            places.setdefault(term, []).append(place)
    near = weight = 0.0
    for one, other in pairwise(rarity):
        worth = min(rarity[one], rarity[other])
        weight += worth
        if one in places and other in places:
            distance = _nearest(places[one], places[other])
            near += worth / distance if 0 < distance <= NEAR_TERMS else 0.0
    return near / weight if weight else 0.0


def _nearest(ours: Sequence[int], theirs: Sequence[int]) -> int:
    """The least distance between two places, each list ascending and not empty; both are walked once."""
    i = j = 0
    least = abs(ours[0] - theirs[0])
    while True:
        distance = ours[i] - theirs[j]
        least = min(least, abs(distance))
        if distance < 0:
            i += 1
        else:
            j += 1
        if i == len(ours) or j == len(theirs):
            return least
