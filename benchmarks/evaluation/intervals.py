"""Intervals of shares: Wilson's for a count and for what no resampling tells apart, resampled ones for the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a share of a count needs no Django
    from knowledge.evaluation.resampling import Columns, Estimate, Figure


def share(hits: int, whole: int) -> str:
    """A share in per cent with its 95 % Wilson interval; of none, what three in n bounds."""
    if not whole:
        return "none measured"
    low, high = wilson(hits, whole)
    high = min(3 / whole, 1.0) if hits == 0 else high
    return f"{hits / whole:.1%} ({low:.1%} to {high:.1%}) of {whole}"


def clustered(hits: Sequence[bool], groups: Sequence[str]) -> str:
    """A share with its 95 % interval, where cases of one group (rewordings of a question) are no independent ones.

    Groups are drawn together; where each case is a group of its own the interval is Wilson's.
    """
    import numpy as np

    from knowledge.evaluation.resampling import mean_of

    if len(set(groups)) == len(hits):
        return share(sum(hits), len(hits))
    found = estimated(mean_of("hit"), {"hit": np.array(hits, dtype=float)}, groups)
    assert found.value is not None and found.low is not None and found.high is not None  # noqa: PT018
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%}) of {len(hits)}"


def estimated(figure: Figure, columns: Columns, groups: Sequence[str] | None = None) -> Estimate:
    """`resampling.estimate` of a figure of 0 to 1 that every question has.

    Where it is 0 or 1 whatever is drawn, which tells nothing of how sure that is, the bounds are Wilson's of as many
    cases as there are groups.
    """
    from knowledge.evaluation.resampling import estimate

    found = estimate(figure, columns, groups)
    count = len(next(iter(columns.values()))) if groups is None else len(set(groups))
    if found.value not in (0.0, 1.0) or found.low != found.high or not count:
        return found
    return replace(found, **dict(zip(("low", "high"), wilson(int(found.value) * count, count), strict=True)))


def wilson(hits: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927)."""
    p, n = hits / whole, whole
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)
