"""What figures over questions are worth: bootstrap intervals, and paired tests of two runs over the same questions.

A figure is any function of columns that hold one number a question, so that a mean, a share of sums and an area under
a curve are treated alike: questions are drawn again, with all that is known of them, and the figure is computed anew.
Pure; the drawing is seeded, so that the same columns always give the same bounds.
"""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
SEED = 1
BOUNDS = (2.5, 97.5)
TURN_MARK = "<::>"

Floats = NDArray[np.float64]
# By name one number a question, all in the same order; nan where it is not known.
Columns = Mapping[str, Floats]
# nan where the columns cannot give it.
Figure = Callable[[Columns], float]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % bounds; None for what cannot be given."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Difference(Estimate):
    """Of two runs, the second less the first; `p` is how likely one as large is when the runs are equal."""

    p: float | None


def groups_of(ids: Sequence[str]) -> list[str] | None:
    """What each question belongs to, where ids are written CONVERSATION<::>TURN, as those of mtrag; else None."""
    return [id.partition(TURN_MARK)[0] for id in ids] if any(TURN_MARK in id for id in ids) else None


def estimate(figure: Figure, columns: Columns, groups: Sequence[str] | None = None) -> Estimate:
    """The figure with bounds by the percentile bootstrap (Efron 1979).

    `groups` names what each question belongs to, such as its conversation: such questions are drawn together.
    """
    value = figure(columns)
    return Estimate(_known(value), *_bounds(lambda rows: figure(rows_of(columns, rows)), columns, groups))


def difference(figure: Figure, first: Columns, second: Columns, groups: Sequence[str] | None = None) -> Difference:
    """Of the figure over the same questions, row by row the same ones.

    Bounds by drawing questions with both of their results; `p`, two-sided, by swapping results between the runs
    question by question (Fisher's randomisation test; for search, Smucker, Allan and Carterette 2007).
    """

    def gap(rows: NDArray[np.int64]) -> float:
        return figure(rows_of(second, rows)) - figure(rows_of(first, rows))

    low, high = _bounds(gap, first, groups)
    return Difference(_known(figure(second) - figure(first)), low, high, _chance(figure, first, second, groups))


def mean_of(name: str) -> Figure:
    """The mean of a column over the questions where it is known."""
    return lambda columns: float(np.nanmean(columns[name])) if not np.isnan(columns[name]).all() else math.nan


def share_of(part: str, whole: str) -> Figure:
    """The sum of one column as a share of the sum of another."""

    def share(columns: Columns) -> float:
        total = float(np.nansum(columns[whole]))
        return float(np.nansum(columns[part])) / total if total else math.nan

    return share


def percentile_of(name: str, percent: int) -> Figure:
    """A percentile of a column over the questions where it is known."""
    return lambda columns: (
        float(np.nanpercentile(columns[name], percent)) if not np.isnan(columns[name]).all() else math.nan
    )


def _bounds(
    statistic: Callable[[NDArray[np.int64]], float], columns: Columns, groups: Sequence[str] | None
) -> tuple[float | None, float | None]:
    from scipy import stats  # half a second that only an evaluation has to wait for

    members = _members(columns, groups)
    if len(members) < 2:
        return None, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # of draws that cannot give the figure
        drawn = stats.bootstrap(
            (np.arange(len(members)),),
            lambda picked: statistic(_together(members, picked)),
            n_resamples=RESAMPLES,
            vectorized=False,
            method="percentile",
            rng=np.random.default_rng(SEED),
        ).bootstrap_distribution
    known = drawn[~np.isnan(drawn)]
    if not known.size:
        return None, None
    low, high = np.percentile(known, BOUNDS)
    return float(low), float(high)


def _chance(figure: Figure, first: Columns, second: Columns, groups: Sequence[str] | None) -> float | None:
    from scipy import stats

    members = _members(first, groups)
    count = len(next(iter(first.values()))) if first else 0
    if len(members) < 2 or math.isnan(figure(second) - figure(first)):
        return None
    both = {name: np.concatenate([first[name], second[name]]) for name in first}
    # Each group's rows in the first run, and in the second.
    rows = [*members, *(member + count for member in members)]

    def gap(mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> float:
        return figure(rows_of(both, _together(rows, theirs))) - figure(rows_of(both, _together(rows, mine)))

    numbers = np.arange(len(members))
    found = stats.permutation_test(
        (numbers, numbers + len(members)),
        gap,
        permutation_type="samples",
        n_resamples=RESAMPLES,
        vectorized=False,
        rng=np.random.default_rng(SEED),
    )
    return float(found.pvalue)


def _members(columns: Columns, groups: Sequence[str] | None) -> list[NDArray[np.int64]]:
    """The rows that are drawn together."""
    count = len(next(iter(columns.values()))) if columns else 0
    if groups is None:
        return [np.array([row]) for row in range(count)]
    of_group: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        of_group.setdefault(group, []).append(row)
    return [np.array(rows) for rows in of_group.values()]


def _together(members: Sequence[NDArray[np.int64]], picked: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([members[index] for index in picked])


def rows_of(columns: Columns, rows: NDArray[np.int64]) -> Columns:
    """Of each column the numbers at these places, in their order."""
    return {name: column[rows] for name, column in columns.items()}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
