from collections import Counter

import numpy as np
import pytest

from assistant.llm import health
from benchmarks import tail, tail_served
from benchmarks.load import Figures, Shares
from tests.llm.clock import run

MESSAGES = 40


@pytest.mark.parametrize("way", tail.WAYS)
def test_every_message_has_its_outcome_in_a_row_as_wide_as_its_head(way):
    of = tail.simulated("flaky", seed=7)
    answered, opened = run(tail.asked(way, of, MESSAGES, seed=7))
    health.seen.clear()
    assert len(answered) == MESSAGES
    assert all(each.first <= each.outcome <= tail.TURN_SECONDS for each in answered)
    assert any(each.by_model for each in answered)
    line = tail.row(way, answered, opened)
    assert line.startswith(f"| {way} |")
    assert line.count("|") == len(tail.COLUMNS) + 1


def test_what_is_drawn_by_a_seed_is_the_same_again_and_a_rest_is_heeded():
    def asked(rest):
        kinds = run(tail.asked("retries", tail.simulated("flaky", 7, rest), 200, seed=7))[0]
        health.seen.clear()
        return kinds

    assert asked(None) == asked(None)
    told, resting = asked(None), asked(30.0)
    assert sum(len(each.kinds) for each in resting) < sum(len(each.kinds) for each in told)


def test_models_that_are_gone_leave_the_passages():
    answered, _ = run(tail.asked("hedging and a fallback", tail.Gone, MESSAGES, seed=7))
    health.seen.clear()
    assert not any(each.by_model for each in answered)
    assert max(each.outcome for each in answered) == 16


def test_of_a_flaky_model_with_a_fallback_most_answer_soon_and_few_calls_are_made_twice():
    answered, _ = run(tail.asked("hedging and a fallback", tail.simulated("flaky", seed=7), 2_000, seed=7))
    health.seen.clear()
    middle, high = np.percentile([each.first for each in answered], [50, 95])
    calls = [kind for each in answered for kind in each.kinds]
    assert high <= 3 * middle
    assert max(each.outcome for each in answered) <= 45
    assert sum(each.by_model for each in answered) >= 0.99 * len(answered)  # the rest are quotations
    assert calls.count("hedge") <= 0.15 * len(answered)
    assert len(calls) <= 1.35 * len(answered)


def test_of_the_product_a_row_holds_the_first_sign_too_and_what_was_not_answered():
    figures = Figures([0.01], [0.02, 0.04], [0.8, 2.4], [1.5, 3.0], Counter(answer=2, handoff=1))
    cells = tail_served.row("hedging", figures, Shares(answers=2, by_model=1, asked=3, calls=4, hedges=1)).split(" | ")
    assert len(cells) == len(tail_served.COLUMNS)
    assert cells[1:3] == ["30 / 39 / 40", "1.60 / 2.32 / 2.38"]
    assert cells[6:10] == ["50.00 %", "50.00 %", "33.3 %", "33.3 %"]
    assert cells[10] == "1 handoff |"
