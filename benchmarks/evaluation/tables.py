"""Figures as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a table needs no Django
    from knowledge.evaluation.resampling import Difference, Estimate


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; cells are text."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def share(value: float | None, signed: bool = False) -> str:
    """A number of about -1..1 to three digits, as `.927` or `+.012`."""
    if value is None:
        return "-"
    digits = f"{abs(value):.3f}"
    sign = "" if not signed and value >= 0 else "-" if value < 0 else "+"
    return sign + (digits[1:] if digits.startswith("0") else digits)


def cell(estimate: Estimate) -> str:
    """The value with its 95 % interval."""
    if estimate.low is None:
        return share(estimate.value)
    return f"{share(estimate.value)} ({share(estimate.low)} to {share(estimate.high)})"


def change(difference: Difference) -> str:
    """A paired difference with its 95 % interval and p."""
    bounds = f"{share(difference.low, signed=True)} to {share(difference.high, signed=True)}"
    return f"{share(difference.value, signed=True)} ({bounds}), p {share(difference.p)}"
