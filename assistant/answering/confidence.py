"""How sure we are that these passages answer this question: a pure reading of the retrieval, 0..1.

A logistic over a few features that anyone can check by eye. Its weights stand in calibration.json, which
`benchmarks/calibrate_confidence.py` fits on real questions, answerable and not.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.terms import terms
from knowledge.languages import language_of_message
from knowledge.retrieval import Passage
from knowledge.terms import language_of

DEFAULT_MODEL = "local"
TRANSLATED = ", translated"


@dataclass(frozen=True)
class Reading:
    """Confidence with what it was read from; at the threshold or above, an answer is given."""

    confidence: float
    threshold: float
    features: Mapping[str, float]

    @property
    def answerable(self) -> bool:
        return self.confidence >= self.threshold


@lru_cache
def calibration(embedding_model: str = DEFAULT_MODEL, *, translated: bool = False) -> Mapping[str, Any]:
    """The weights fitted with this embedding model: {"weights": {feature: weight}, "bias", "threshold"}.

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
    score = fitted["bias"] + sum(weight * features[name] for name, weight in fitted["weights"].items())
    return Reading(round(1 / (1 + math.exp(-score)), 4), fitted["threshold"], features)


def is_translated(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question is plainly in another language than the best passage."""
    language = language_of_message(question)
    return bool(passages) and language not in (None, language_of(passages[0].locale))


def measure(question: str, passages: Sequence[Passage]) -> dict[str, float]:
    """The features, each about 0..1.

    dense: highest cosine; fused: highest score of the retrieval, which knows what share of the question's rare
    terms a passage could hold; cover: share of the question's terms in the best passage, its title and headings;
    cover_all: share that any passage holds; length: of the question, since long ones cover less of themselves.
    """
    asked = set(terms(question, language_of(passages[0].locale)))
    held = [set(terms(" ".join([p.title, *p.heading_path, p.text]), language_of(p.locale))) for p in passages]
    best = max((len(asked & h) for h in held), default=0)
    anywhere = len(asked & set().union(*held))
    count = max(len(asked), 1)
    return {
        "dense": max((p.dense or 0.0 for p in passages), default=0.0),
        "fused": max((p.score for p in passages), default=0.0),
        "cover": best / count,
        "cover_all": anywhere / count,
        "length": min(math.log1p(count) / 5, 1.0),
    }
