import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from knowledge.evaluation.resampling import Difference, Estimate, difference, estimate, mean_of, share_of

MEAN = mean_of("x")


def columns(values):
    return {"x": np.array(values, dtype=float)}


def scattered(size, mean=0.5):
    return np.random.default_rng(7).normal(mean, 0.2, size)


def test_bounds_of_a_mean_are_those_of_theory():
    values = scattered(400)
    found = estimate(MEAN, columns(values))
    margin = 1.96 * values.std() / math.sqrt(len(values))
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((values.mean() - margin, values.mean() + margin), abs=0.003)


def test_the_paired_test_agrees_with_students():
    before = scattered(60)
    after = before + np.random.default_rng(8).normal(0.03, 0.1, 60)
    found = difference(MEAN, columns(before), columns(after))
    assert found.p == pytest.approx(stats.ttest_rel(before, after).pvalue, abs=0.02)
    assert found.value == pytest.approx((after - before).mean())
    assert found.low < found.value < found.high


def test_what_is_better_for_every_question_is_told_from_chance():
    found = difference(MEAN, columns(scattered(50)), columns(scattered(50) + 0.01))
    assert (found.low, found.high) == pytest.approx((0.01, 0.01))
    assert found.p < 0.01


def test_equal_runs_do_not_differ():
    assert difference(MEAN, columns(scattered(30)), columns(scattered(30))) == Difference(0.0, 0.0, 0.0, 1.0)


def test_questions_that_belong_together_are_drawn_together():
    values, groups = np.repeat(scattered(20), 10), [str(index // 10) for index in range(200)]
    alone, together = estimate(MEAN, columns(values)), estimate(MEAN, columns(values), groups)
    assert together.value == alone.value
    assert together.high - together.low > 2 * (alone.high - alone.low)
    other = values + np.repeat(np.random.default_rng(9).normal(0.02, 0.1, 20), 10)
    alone, together = (difference(MEAN, columns(values), columns(other), belongs) for belongs in (None, groups))
    assert together.p > alone.p


def test_what_is_not_known_is_left_out_and_nothing_known_gives_nothing():
    assert estimate(MEAN, columns([math.nan, 1, 1])).value == 1
    assert estimate(MEAN, columns([math.nan, math.nan])) == Estimate(None, None, None)
    assert estimate(MEAN, columns([0.5])) == Estimate(0.5, None, None)
    assert estimate(MEAN, columns([])) == Estimate(None, None, None)
    assert difference(MEAN, columns([math.nan] * 3), columns([1, 2, 3])) == Difference(None, None, None, None)


def test_a_share_is_of_sums_and_not_a_mean_of_shares():
    counted = {"part": np.array([1.0, 0.0]), "whole": np.array([1.0, 3.0])}
    assert share_of("part", "whole")(counted) == 0.25
    assert math.isnan(share_of("part", "whole")({"part": np.zeros(2), "whole": np.zeros(2)}))


@settings(max_examples=10)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_bounds_hold_the_mean_and_stay_within_the_values(values):
    found = estimate(MEAN, columns(values))
    assert min(values) - 1e-9 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= max(values) + 1e-9
