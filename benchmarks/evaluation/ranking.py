"""Figures of a ranking of articles, and how far they can be trusted. Pure."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
Floats = NDArray[np.float64]


def figures(ranking: Sequence[str], wanted: Sequence[str]) -> tuple[float, float]:
    """recall@5 and nDCG@10 of articles, best first; one that comes again counts by its first place."""
    order, relevant = list(dict.fromkeys(ranking)), set(wanted)
    gain = sum(1 / math.log2(place + 2) for place, article in enumerate(order[:10]) if article in relevant)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(relevant))))
    return len(relevant & set(order[:5])) / len(relevant), gain / ideal


def interval(values: Floats, keys: Sequence[str]) -> tuple[Floats, Floats]:
    """95 % bounds of the mean of each column, by resampling the rows that share a key together."""
    groups = [np.array([index for index, key in enumerate(keys) if key == one]) for one in sorted(set(keys))]
    draw = np.random.default_rng(1)
    means = []
    for _ in range(RESAMPLES):
        picked = np.concatenate([groups[index] for index in draw.integers(0, len(groups), len(groups))])
        means.append(values[picked].mean(axis=0))
    low, high = np.quantile(np.array(means), [0.025, 0.975], axis=0)
    return low, high
