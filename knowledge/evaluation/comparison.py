"""Two kept runs over the same questions, figure by figure. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.evaluation.resampling import (
    Columns,
    Difference,
    Estimate,
    Figure,
    difference,
    estimate,
    groups_of,
    rows_of,
)
from knowledge.evaluation.runs import Run


class NotComparable(Exception):
    """The runs are of two kinds, or the data differ; the message says what."""


@dataclass(frozen=True)
class Compared:
    """One figure of both runs, and the second less the first."""

    first: Estimate
    second: Estimate
    difference: Difference


@dataclass(frozen=True)
class Comparison:
    """Both runs with every figure by name, over the questions that both could run; `left_out` are the others' ids."""

    first: Run
    second: Run
    figures: Mapping[str, Compared]
    left_out: Sequence[str] = ()

    @property
    def questions(self) -> int:
        """How many questions the figures are of."""
        return len(self.first.ids) - len(self.left_out)

    def as_json(self) -> dict[str, Any]:
        """The object of `evaluate compare --json`."""
        return {
            "first": described(self.first),
            "second": described(self.second),
            "questions": self.questions,
            "left_out": list(self.left_out),
            "figures": {name: asdict(compared) for name, compared in self.figures.items()},
        }


def compare(first: Run, second: Run, figures: Mapping[str, Figure]) -> Comparison:
    """Every figure of both with its interval, and their paired difference. Raises NotComparable.

    Questions of one conversation are drawn together. One that either run could not run is left out of both: those are
    mostly the harder ones, and without them the run that failed would look better.
    """
    check_comparable(first, second)
    if set(first.columns) != set(second.columns):
        raise NotComparable(f"{first.name} and {second.name} hold other figures: they come of versions too far apart")
    ran = _ran(first.arrays()) & _ran(second.arrays())
    if not ran.any():
        raise NotComparable(f"{first.name} and {second.name} have no question that both could run")
    before, after = (rows_of(run.arrays(), np.flatnonzero(ran)) for run in (first, second))
    groups = groups_of([id for id, both in zip(first.ids, ran, strict=True) if both])
    return Comparison(
        first,
        second,
        {
            name: Compared(
                estimate(figure, before, groups),
                estimate(figure, after, groups),
                difference(figure, before, after, groups),
            )
            for name, figure in figures.items()
        },
        [id for id, both in zip(first.ids, ran, strict=True) if not both],
    )


def _ran(columns: Columns) -> NDArray[np.bool_]:
    """Of each question whether anything at all is known: nothing is of one that could not be run."""
    nothing: NDArray[np.bool_] = np.all([np.isnan(column) for column in columns.values()], axis=0)
    return ~nothing


def check_comparable(first: Run, second: Run) -> None:
    """Raises NotComparable unless both measured the same thing on the same data."""
    if first.kind != second.kind:
        raise NotComparable(f"{first.name} measured {first.kind}, {second.name} measured {second.kind}")
    parts = [part for part in {**first.data, **second.data} if first.data.get(part) != second.data.get(part)]
    if parts or list(first.ids) != list(second.ids):
        differ = " and the ".join(parts or ["questions"])
        raise NotComparable(f"{first.name} and {second.name} were measured on other data: the {differ} differ")


def described(run: Run) -> dict[str, Any]:
    """What a run is, without its figures."""
    return {"name": run.name, "kind": run.kind, "date": run.date, "commit": run.commit, "settings": dict(run.settings)}
