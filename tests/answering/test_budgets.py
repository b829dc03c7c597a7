"""What a turn's clock asks for: never two things that contradict, and always an end."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.budgets import Action, Budgets, Progress, due

BUDGETS = Budgets(first_sign=1, slow_notice=4, hand_over=20)
DEADLINE = 45
seconds = st.floats(0, 100)
progresses = st.builds(
    Progress, seconds, seconds, seconds, st.floats(-100, 100), st.booleans(), st.booleans(), st.none() | seconds
)


@given(progresses)
def test_no_two_actions_contradict(progress: Progress) -> None:
    actions = due(BUDGETS, progress)
    assert len(set(actions)) == len(actions)
    assert not {Action.SIGN, Action.NOTICE} <= set(actions)
    assert (Action.GIVE_UP in actions) == (progress.left <= 0)
    if Action.GIVE_UP in actions:
        assert actions == (Action.GIVE_UP,)
    if progress.heard:
        assert Action.HAND_OVER not in actions


@given(st.lists(st.tuples(st.floats(0.01, 5), st.sampled_from(["nothing", "heard", "shown"])), max_size=40))
def test_whatever_comes_the_turn_ends_and_no_silence_is_left_unexplained(steps: list[tuple[float, str]]) -> None:
    now, told, last_shown, heard, signed = 0.0, None, None, False, False
    for pause, event in [*steps, *[(1.0, "nothing")] * 50]:
        now += pause
        if event != "nothing":
            heard = True
        if event == "shown":
            last_shown, told = now, None
        quiet = now - (last_shown or 0)
        noticed = None if told is None else now - told
        actions = due(BUDGETS, Progress(now, now, quiet, DEADLINE - now, signed, heard, noticed))
        if actions == (Action.GIVE_UP,):
            assert now >= DEADLINE
            return
        signed = signed or Action.SIGN in actions
        told = now if Action.NOTICE in actions else told
        assert quiet < BUDGETS.slow_notice or (told is not None and now - told < BUDGETS.slow_notice)
    raise AssertionError("the turn never ended")


@pytest.mark.parametrize(
    ("waited", "changes", "expected"),
    [
        (0.5, {}, ()),
        (1, {}, (Action.SIGN,)),
        (1, {"signed": True}, ()),
        (4, {"signed": True}, (Action.NOTICE,)),
        (4, {"noticed": 1}, ()),
        (8, {"noticed": 4}, (Action.NOTICE,)),
        (20, {"noticed": 1}, (Action.HAND_OVER,)),
        (20, {"noticed": 1, "heard": True}, ()),
        (45, {"left": 0}, (Action.GIVE_UP,)),
    ],
)
def test_each_budget_has_its_moment(waited: float, changes: dict[str, object], expected: tuple[Action, ...]) -> None:
    progress = replace(Progress(waited, waited, waited, DEADLINE - waited), **changes)
    assert due(BUDGETS, progress) == expected


def test_a_turn_that_changed_hands_is_explained_at_once_and_tried_anew() -> None:
    assert due(BUDGETS, Progress(waited=12, worked=0, quiet=12, left=33)) == (Action.NOTICE,)
