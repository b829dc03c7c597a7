"""Figures of a ranking of articles, where they are wanted thousands of times; reports use `knowledge.evaluation`."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def figures(ranking: Sequence[str], wanted: Sequence[str]) -> tuple[float, float]:
    """recall@5 and nDCG@10 of articles, best first; one that comes again counts by its first place."""
    order, relevant = list(dict.fromkeys(ranking)), set(wanted)
    gain = sum(1 / math.log2(place + 2) for place, article in enumerate(order[:10]) if article in relevant)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(relevant))))
    return len(relevant & set(order[:5])) / len(relevant), gain / ideal


def changed(old: Floats, new: Floats, groups: Sequence[str]) -> str:
    """Both means of a figure, one number a question, and their paired difference with its interval and p."""
    from benchmarks.evaluation.tables import change
    from knowledge.evaluation.resampling import difference, mean_of

    told = change(difference(mean_of("figure"), {"figure": old}, {"figure": new}, groups))
    return f"{old.mean():.3f} -> {new.mean():.3f}, {told}"
