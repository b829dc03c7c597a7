"""What may become of a request to a provider, drawn by a seed: how slow it is, and what goes wrong. Pure."""

import random
from collections.abc import Callable
from typing import NamedTuple

SLOWEST = 10.0


class Drawn(NamedTuple):
    """A fault of `faults.py`, "" for none, in the middle of the text or at once; and how many times the usual wait."""

    fault: str = ""
    midway: bool = False
    factor: float = 1.0


def calm(drawing: random.Random) -> Drawn:
    """Nothing happens."""
    return Drawn()


def spread(drawing: random.Random) -> Drawn:
    """One to ten times the usual wait: Pareto of exponent 1.5, cut off at ten, where three in a hundred are."""
    return Drawn(factor=min(SLOWEST, drawing.paretovariate(1.5)))


def flaky(drawing: random.Random) -> Drawn:
    """5 % 429, 3 % 529, 3 % stall, 3 % reset, 3 % malformed, 10 % ten times as slow; the rest nearly as usual."""
    kinds = ["429", "529", "stall", "reset", "malformed", "slow", ""]
    (kind,) = drawing.choices(kinds, [5, 3, 3, 3, 3, 10, 73])
    factor = SLOWEST if kind == "slow" else drawing.uniform(0.8, 1.2)
    return Drawn("" if kind == "slow" else kind, drawing.random() < 0.5, factor)


WEATHERS: dict[str, Callable[[random.Random], Drawn]] = {"": calm, "spread": spread, "flaky": flaky}


def draw(weather: str, seed: int, number: int) -> Drawn:
    """What becomes of the request of this number; the same every time."""
    return WEATHERS[weather](random.Random(f"{seed} {number}"))
