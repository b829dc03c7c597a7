"""Who may wait when everybody is at work, and what those are told who may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import admission, dispatch, turns
from assistant.answering.admission import Waiting, full, seconds_in_line
from assistant.conversations.notices import notices
from assistant.models import Turn
from tests.cast import make_visitor, make_widget
from tests.conversations.saying import ask, frames

COUNT = st.integers(0, 1000)


@given(COUNT, COUNT, COUNT)
def test_each_bound_holds_by_itself_and_none_is_no_bound(all, of_widget, of_visitor):
    before = Waiting(all, of_widget, of_visitor)
    assert bool(full(before, Waiting(300, 200, 5))) == (all >= 300 or of_widget >= 200 or of_visitor >= 5)
    assert not full(before, Waiting(0, 0, 0))


def test_the_estimate_grows_with_the_place_and_shrinks_with_those_at_work():
    assert seconds_in_line(1, 100, 5.0) == 6
    assert seconds_in_line(100, 100, 5.0) == 10
    assert seconds_in_line(3, 0, 5.0) == 20


@pytest.fixture
def bounds(db, settings):
    settings.QUEUE_TURNS, settings.QUEUE_TURNS_A_WIDGET, settings.QUEUE_TURNS_A_VISITOR = 4, 3, 2


def queued(widget, visitor=None):
    """A question that finds no free slot; its turn and its conversation."""
    accepted, conversation = ask(visitor or make_visitor(widget))
    dispatch.queue_turn(str(accepted.turn_id))
    return Turn.objects.get(pk=accepted.turn_id), conversation


def test_the_queue_is_bounded_for_a_visitor_a_widget_and_in_all(bounds):
    widget, other = make_widget(), make_widget()
    visitor = make_visitor(widget)
    assert [queued(widget, visitor)[0].status for _ in range(3)] == ["queued", "queued", "failed"]
    assert [queued(widget)[0].status for _ in range(2)] == ["queued", "failed"]
    assert [queued(other)[0].status for _ in range(2)] == ["queued", "failed"]
    assert [place.position for place in admission.line()] == [1, 2, 3, 4]


def test_a_free_slot_goes_to_another_widget_before_it_goes_to_the_same_again(db):
    busy, other = make_widget(), make_widget()
    first, second, third = [queued(busy)[0].pk for _ in range(3)]
    late = queued(other)[0].pk
    assert turns.oldest_in_line(9) == [first, late, second, third]
    assert turns.oldest_in_line(2) == [first, late]


def test_who_finds_the_queue_full_is_told_and_a_person_is_asked(bounds):
    widget = make_widget()
    for _ in range(3):
        queued(widget)
    turn, conversation = queued(widget)
    said, updated, notice = frames(conversation)
    assert (said["type"], updated["status"], updated["turn"]) == ("message.created", "waiting", str(turn.id))
    assert (turn.decision, turn.reason) == ("escalate", "the queue was full")
    assert turn.explanation["basis"] == {"rule": "turns that may wait, of a widget", "value": 3, "threshold": 3}
    assert notice["message"]["role"] == "system"
    assert notice["message"]["text"] == " ".join(notices()["en"][key] for key in ("overloaded", "nobody_there_no_mail"))


def test_who_was_let_in_is_never_turned_away(bounds, settings):
    waiting, _ = queued(make_widget())
    settings.QUEUE_TURNS = 1
    handed_over, _ = ask(make_visitor(make_widget()))
    turns.release(turns.claim(handed_over.turn_id, "a process that goes down"), failed=False)
    for turn in (waiting.id, handed_over.turn_id):
        dispatch.queue_turn(str(turn))
        assert Turn.objects.get(pk=turn).status == "queued"
