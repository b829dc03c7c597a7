"""Figures as people read them on a terminal. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from knowledge.evaluation.comparison import Comparison
from knowledge.evaluation.resampling import Columns, Estimate, Figure, estimate

NOT_KNOWN = "-"


def figures_table(
    figures: Mapping[str, Any], measured: Mapping[str, Figure], columns: Columns, groups: Sequence[str] | None
) -> str:
    """One row a figure of `--json`, with its 95 % interval where it is one of the questions."""
    rows = [("figure", "value", "95 % interval")]
    for name, value in _flat(figures).items():
        estimated = estimate(measured[name], columns, groups) if name in measured else None
        rows.append((name, _number(value), _interval(estimated) if estimated else ""))
    return _aligned(rows)


def intervals(
    measured: Mapping[str, Figure], columns: Columns, groups: Sequence[str] | None
) -> dict[str, list[float | None]]:
    """The lower and upper 95 % bound of each figure by its name, "citation.recall" within another; None if unknown."""
    found = {name: estimate(figure, columns, groups) for name, figure in measured.items()}
    return {name: [estimated.low, estimated.high] for name, estimated in found.items()}


def comparison_table(comparison: Comparison) -> str:
    """Both runs, what they were measured with, each figure of both and the second less the first."""
    first, second = comparison.first, comparison.second
    told = [("", first.name, second.name), ("date", first.date, second.date)]
    told.append(("commit", first.commit or NOT_KNOWN, second.commit or NOT_KNOWN))
    told += [
        (name, str(first.settings.get(name)), str(second.settings.get(name)))
        for name in {**first.settings, **second.settings}
        if first.settings.get(name) != second.settings.get(name)
    ]
    rows = [("figure", "first", "95 % interval", "second", "95 % interval", "difference", "95 % interval", "p")]
    for name, found in comparison.figures.items():
        p = NOT_KNOWN if found.difference.p is None else f"{found.difference.p:.3f}"
        rows.append(
            (name, *_cells(found.first), *_cells(found.second), *_cells(found.difference, signed=True), p),
        )
    left_out = f" that both could run, {len(comparison.left_out)} left out of both" if comparison.left_out else ""
    counted = f"{comparison.questions} questions{left_out}; difference: second less first"
    return f"{_aligned(told)}\n\n{_aligned(rows)}\n\n{counted}"


def _flat(figures: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        flat |= {f"{name}.{inner}": held for inner, held in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _cells(estimated: Estimate, *, signed: bool = False) -> tuple[str, str]:
    return _number(estimated.value, signed=signed), _interval(estimated, signed=signed)


def _interval(estimated: Estimate, *, signed: bool = False) -> str:
    if estimated.low is None or estimated.high is None:
        return NOT_KNOWN
    return f"{_number(estimated.low, signed=signed)} to {_number(estimated.high, signed=signed)}"


def _number(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return NOT_KNOWN
    if isinstance(value, int):
        return str(value)
    digits = 4 if abs(value) < 10 else 1
    return f"{value:{'+' if signed else ''}.{digits}f}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
