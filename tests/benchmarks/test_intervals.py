"""Intervals of shares: of rewordings of a question, and where every case is alike."""

import numpy as np
import pytest

from benchmarks.evaluation.intervals import clustered, estimated, share, wilson
from benchmarks.evaluation.parity import Outcome, Pair, _row
from knowledge.evaluation.resampling import estimate, mean_of


def bounds(cell: str) -> tuple[float, float]:
    low, _, high = cell.partition("(")[2].partition(")")[0].partition(" to ")
    return float(low.rstrip("%")), float(high.rstrip("%"))


def test_rewordings_of_a_question_are_drawn_together() -> None:
    hits = [question % 5 > 0 for question in range(60) for _ in range(20)]
    low, high = bounds(clustered(hits, [str(n // 20) for n in range(1_200)]))
    apart = bounds(share(sum(hits), len(hits)))
    assert high - low > 3 * (apart[1] - apart[0])
    assert low < 80 < high


def test_one_wording_of_a_question_each_is_a_count() -> None:
    assert clustered([True, False, True], ["a", "b", "c"]) == share(2, 3)
    assert clustered([], []) == "none measured"


def test_where_all_are_alike_there_are_as_many_cases_as_questions() -> None:
    low, high = bounds(clustered([True] * 1_200, [str(n // 20) for n in range(1_200)]))
    assert (low, high) == (round(100 * wilson(60, 60)[0], 1), 100)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_share_without_spread_has_wilsons_bounds(value: float) -> None:
    columns = {"brought": np.full(25, value)}
    found = estimated(mean_of("brought"), columns)
    assert (found.value, found.low, found.high) == (value, *wilson(int(25 * value), 25))
    assert found.high - found.low > 0.1
    two = estimated(mean_of("brought"), columns, ["a"] * 12 + ["b"] * 13)
    assert (two.low, two.high) == wilson(int(2 * value), 2)


def test_any_other_figure_has_its_resampled_bounds() -> None:
    columns = {"brought": np.array([1.0] * 20 + [0.0] * 5)}
    assert estimated(mean_of("brought"), columns) == estimate(mean_of("brought"), columns)


def test_a_wording_that_is_not_answered_has_not_the_same_source() -> None:
    answered, other, unanswered = Outcome("answer", ("a", "b")), Outcome("answer", ("b",)), Outcome("abstain", ())
    pairs = [Pair("typo", answered, each, (str(n), "")) for n, each in enumerate((answered, other, unanswered))]
    pairs.append(Pair("typo", unanswered, answered, ("3", "")))
    decided, first, any_same, both = _row("typo", pairs).strip("| ").split(" | ")[1:]
    assert decided == share(2, 4)
    assert first == share(1, 3)
    assert any_same == share(2, 3)
    assert both == share(1, 2)
