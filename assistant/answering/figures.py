"""The figures of answers, each a function of columns that hold one number a question. Pure."""

import math
import string
from collections import Counter
from collections.abc import Mapping

import numpy as np

from knowledge.evaluation.resampling import Columns, Figure, Floats, mean_of, percentile_of, share_of

CALIBRATION_BINS = 10
_ARTICLES = frozenset({"a", "an", "the"})
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation, " "))


def token_f1(answer: str, reference: str) -> float:
    """Harmonic mean of precision and recall over words, case, punctuation and English articles aside; 0..1."""
    said, wanted = Counter(_tokens(answer)), Counter(_tokens(reference))
    shared = (said & wanted).total()
    if not said or not wanted:
        return float(said == wanted)
    return 2 * shared / (said.total() + wanted.total())


def auroc(confidence: Floats, truth: Floats) -> float:
    """Chance that a true case has the higher confidence than a false one, ties counting half; nan without both."""
    positive, negative = confidence[truth == 1], np.sort(confidence[truth == 0])
    if not positive.size or not negative.size:
        return math.nan
    below, up_to = np.searchsorted(negative, positive, "left"), np.searchsorted(negative, positive, "right")
    return float((below + up_to).mean() / (2 * negative.size))


def calibration_error(confidence: Floats, truth: Floats) -> float:
    """Mean distance between confidence and truth over ten bins of confidence, weighted by their cases."""
    if not truth.size:
        return math.nan
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return float(np.abs(np.bincount(bins, confidence - truth)).sum()) / truth.size


def _graded(columns: Columns) -> tuple[Floats, Floats]:
    known = ~np.isnan(columns["answerable"]) & ~np.isnan(columns["confidence"])
    return columns["confidence"][known], columns["answerable"][known]


# By the keys of `evaluate answers --json`, nested ones with a dot; assistant.answering.evaluation makes the columns.
FIGURES: Mapping[str, Figure] = {
    "decision_accuracy": mean_of("decided_rightly"),
    "abstention.precision": share_of("withheld_rightly", "withheld"),
    "abstention.recall": share_of("withheld_rightly", "to_withhold"),
    "auroc": lambda columns: auroc(*_graded(columns)),
    "calibration_error": lambda columns: calibration_error(*_graded(columns)),
    "citation.precision": share_of("cited_rightly", "cited"),
    "citation.recall": share_of("cited_rightly", "to_cite"),
    "token_f1": mean_of("token_f1"),
    "latency_ms.p50": percentile_of("latency_ms", 50),
    "latency_ms.p95": percentile_of("latency_ms", 95),
}


def _tokens(text: str) -> list[str]:
    return [word for word in text.lower().translate(_PUNCTUATION).split() if word not in _ARTICLES]
