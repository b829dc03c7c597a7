"""Two kept runs over the same questions, figure by figure. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from knowledge.evaluation.resampling import Difference, Estimate, Figure, difference, estimate, groups_of
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
    """Both runs with every figure by name."""

    first: Run
    second: Run
    figures: Mapping[str, Compared]

    def as_json(self) -> dict[str, Any]:
        """The object of `evaluate compare --json`."""
        return {
            "first": described(self.first),
            "second": described(self.second),
            "questions": len(self.first.ids),
            "figures": {name: asdict(compared) for name, compared in self.figures.items()},
        }


def compare(first: Run, second: Run, figures: Mapping[str, Figure]) -> Comparison:
    """Every figure of both with its interval, and their paired difference. Raises NotComparable.

    Questions of one conversation are drawn together.
    """
    check_comparable(first, second)
    if set(first.columns) != set(second.columns):
        raise NotComparable(f"{first.name} and {second.name} hold other figures: they come of versions too far apart")
    before, after, groups = first.arrays(), second.arrays(), groups_of(first.ids)
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
    )


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
