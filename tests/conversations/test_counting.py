"""Counted once, when it is stored, and with what it ended in."""

import pytest
from prometheus_client import REGISTRY

from assistant.answering import turns
from assistant.conversations import services
from assistant.states import Decision
from tests.cast import client_id, make_answer, make_visitor, make_widget

pytestmark = pytest.mark.django_db


def counted(name, **labels):
    return REGISTRY.get_sample_value(f"answerdesk_{name}", labels) or 0


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def begin(visitor):
    accepted = services.accept_message(None, visitor.session, client_id(), "How do I open the settings?")
    return accepted.message_event.conversation, turns.claim(accepted.turn_id, "test")


def test_a_repeated_message_is_counted_once(committed):
    visitor, same, before = make_visitor(make_widget()), client_id(), counted("messages_total", role="customer")
    with committed():
        first = services.accept_message(None, visitor.session, same, "Hello")
        services.accept_message(first.message_event.conversation, visitor.session, same, "Hello")
    assert counted("messages_total", role="customer") == before + 1


def test_an_answer_counts_its_decision_and_times(committed):
    answer = make_answer()
    done, timed = counted("turns_total", decision="answer", outcome="done"), counted("turn_seconds_count")
    with committed():
        _, held = begin(make_visitor(make_widget()))
        services.record_answer(held.turn_id, held.attempt, answer)
        services.record_answer(held.turn_id, held.attempt, answer)  # fenced: the turn has its outcome
    assert counted("turns_total", decision="answer", outcome="done") == done + 1
    assert counted("turn_seconds_count") == timed + 1


def test_turns_that_were_not_answered_count_without_latency(committed):
    timed = counted("turn_first_token_seconds_count")
    outcomes = {"failed": "escalate", "cancelled": "none"}
    ended = {name: counted("turns_total", decision=decided, outcome=name) for name, decided in outcomes.items()}
    with committed():
        _, held = begin(make_visitor(make_widget()))
        services.give_up(held.turn_id, held.attempt, "every attempt failed", {})
        conversation, _ = begin(make_visitor(make_widget()))
        services.request_handoff(conversation, client_id())
    for outcome, before in ended.items():
        assert counted("turns_total", decision=outcomes[outcome], outcome=outcome) == before + 1
    assert counted("turn_first_token_seconds_count") == timed


def test_what_is_fenced_out_is_not_counted(committed):
    abstained = counted("turns_total", decision="abstain", outcome="done")
    with committed():
        _, held = begin(make_visitor(make_widget()))
        assert not services.record_answer(held.turn_id, held.attempt + 1, make_answer(decision=Decision.ABSTAIN))
    assert counted("turns_total", decision="abstain", outcome="done") == abstained
