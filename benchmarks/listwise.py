"""Listwise softmax regression (ListNet, Cao et al. 2007): weights that put the wanted ones of a list first. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEPS = 60
# Of a scaled weight: a step that is shorter changes nothing.
LEAST_STEP = 1e-5
TINY = 1e-300
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ranked:
    """One question's candidates: features (candidates, features), and how much the question counts.

    `wanted` gives the share of each candidate that is aimed at, from the scores they have so far.
    """

    features: Floats
    wanted: Callable[[Floats], Floats]
    weight: float


def learn(lists: Sequence[Ranked], scale: Floats, ridge: Floats, expected: Floats) -> Floats:
    """Weights of the features by Newton's method on the ridge-penalised loss; steps that raise it are shortened.

    `scale` is what each feature is divided by for learning; `ridge` says how dearly its scaled weight departs from the
    `expected` one.
    """
    weights = expected.copy()
    for _ in range(STEPS):
        gradient, curvature = ridge * (weights - expected), np.diag(ridge)
        for each in lists:
            x = each.features / scale
            likely = softmax(x @ weights)
            gradient -= each.weight * (x.T @ (each.wanted(x @ weights) - likely))
            mean = x.T @ likely
            curvature += each.weight * ((x.T * likely) @ x - np.outer(mean, mean))
        aims = [each.wanted(each.features / scale @ weights) for each in lists]
        step, before = np.linalg.solve(curvature, gradient), _loss(lists, aims, scale, weights, ridge, expected)
        while _loss(lists, aims, scale, weights - step, ridge, expected) > before and np.abs(step).max() > LEAST_STEP:
            step = step / 2
        weights = weights - step
        if np.abs(step).max() < LEAST_STEP:
            break
    return weights / scale


def _loss(
    lists: Sequence[Ranked], aims: Sequence[Floats], scale: Floats, weights: Floats, ridge: Floats, expected: Floats
) -> float:
    lost = float(ridge @ (weights - expected) ** 2) / 2
    for each, aim in zip(lists, aims, strict=True):
        lost -= each.weight * float(aim @ np.log(softmax(each.features / scale @ weights) + TINY))
    return lost


def softmax(values: Floats) -> Floats:
    """Shares of their exponentials, together 1."""
    odds = np.exp(values - values.max())
    shares: Floats = odds / odds.sum()
    return shares
