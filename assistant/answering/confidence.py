"""How sure we are that these passages answer this question: a pure reading of the retrieval, 0..1.

Two questions, each read by a logistic over a few features that anyone can check by eye: is this a subject of the help
centre at all, and does one of its articles stand out as the answer? Nearness alone tells strangers' questions from
customers', but not what is answered from what is only near (docs/decisions/021). The confidence is calibrated on their
product (Platt 1999, the line with one bend). Everything fitted stands in calibration.json: see
`benchmarks/calibrate_confidence.py`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.terms import terms
from knowledge.languages import is_other_language, language_of_message
from knowledge.retrieval import Passage
from knowledge.terms import language_of

DEFAULT_MODEL = "local"
# Of a passage that the reranker did not look at, or could not: as far below the best as makes no difference.
UNRANKED_LOG_ODDS = -9.0
# Above these log-odds of the product, confidence rises faster.
BEND = -1.0
TRANSLATED = ", translated"
# Share of the rarity of what is asked; sums of floats.
ALL_NAMED = 0.999


@dataclass(frozen=True)
class Reading:
    """Confidence with what it was read from; at the threshold or above, an answer is given.

    `features` hold the measured ones, and the two readings that the confidence is made of: subject and answer, 0..1.
    """

    confidence: float
    threshold: float
    features: Mapping[str, float]

    @property
    def answerable(self) -> bool:
        return self.confidence >= self.threshold


@lru_cache
def calibration(embedding_model: str = DEFAULT_MODEL, *, translated: bool = False) -> Mapping[str, Any]:
    """What was fitted with this embedding model: "subject", "answer" and the "confidence" of their product, each
    {"weights": {feature: weight}, "bias"}, and the recommended "threshold".

    What a cosine means differs by model; those of an unknown one are read as `local`'s. A model that reads other
    languages has weights of its own for questions in another than the passages': they share no words.
    """
    loaded: Mapping[str, Any] = json.loads((Path(__file__).parent / "calibration.json").read_text(encoding="utf-8"))
    names = [embedding_model + TRANSLATED] * translated + [embedding_model, DEFAULT_MODEL]
    fitted: Mapping[str, Any] = next(loaded[name] for name in names if name in loaded)
    return fitted


def read(question: str, passages: Sequence[Passage], embedding_model: str = DEFAULT_MODEL) -> Reading:
    """The confidence that the passages, found with this model, hold the answer; 0 without passages."""
    fitted = calibration(embedding_model, translated=is_translated(question, passages))
    if not passages:
        return Reading(0.0, fitted["threshold"], {})
    features = measure(question, passages)
    subject, answer = _probability(fitted["subject"], features), _probability(fitted["answer"], features)
    confidence = _probability(fitted["confidence"], of_product(subject * answer))
    both = {"subject": round(subject, 4), "answer": round(answer, 4)}
    return Reading(round(confidence, 4), fitted["threshold"], {**features, **both})


def is_translated(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question is plainly in another language than the best passage."""
    return bool(passages) and is_other_language(language_of(passages[0].locale), language_of_message(question))


def measure(question: str, passages: Sequence[Passage]) -> dict[str, float]:
    """The features, each about 0..1.

    dense: highest cosine; fused: highest score of the retrieval, which knows what share of the question's rare
    terms a passage could hold; standing: the best article's share of the odds that the reranker gives; cover: share of
    the question's terms in the best passage, its title and headings; cover_all: share that any passage holds; missing:
    share of their rarity that no passage holds by itself, more in a short question, which says nothing twice; named: 1
    where a title, or a passage's headings, say all that is asked, else 0.
    """
    asked = set(terms(question, language_of(passages[0].locale)))
    held = [set(terms(" ".join([p.title, *p.heading_path, p.text]), language_of(p.locale))) for p in passages]
    best = max((len(asked & h) for h in held), default=0)
    anywhere = len(asked & set().union(*held))
    count = max(len(asked), 1)
    held_of_rarity = max((best / count if p.cover is None else p.cover for p in passages), default=0.0)
    return {
        "dense": max((p.dense or 0.0 for p in passages), default=0.0),
        "fused": max((p.score for p in passages), default=0.0),
        "standing": standing(passages),
        "cover": best / count,
        "cover_all": anywhere / count,
        "missing": max(0.0, 1 - held_of_rarity) / count**0.5,
        "named": float(any((p.named or 0.0) >= ALL_NAMED for p in passages)),
    }


def standing(passages: Sequence[Passage]) -> float:
    """The best article's share of the odds of all the passages' articles, 0..1: 1 when it stands alone."""
    odds: dict[int, float] = {}
    for passage in passages:
        log_odds = UNRANKED_LOG_ODDS if passage.log_odds is None else passage.log_odds
        odds[passage.document_id] = odds.get(passage.document_id, 0.0) + math.exp(log_odds)
    return max(odds.values()) / sum(odds.values())


def of_product(product: float) -> dict[str, float]:
    """The features of both readings' product, 0..1, that it is calibrated by: its log-odds, and how far beyond BEND."""
    kept = min(max(product, 1e-9), 1 - 1e-9)
    log_odds = math.log(kept / (1 - kept))
    return {"log_odds": log_odds, "beyond": max(log_odds - BEND, 0.0)}


def _probability(model: Mapping[str, Any], features: Mapping[str, float]) -> float:
    return _logistic(model["bias"] + sum(weight * features[name] for name, weight in model["weights"].items()))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
