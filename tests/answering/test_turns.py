"""The fence of a turn: however many claim it while messages join it, no two hold the same attempt."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from assistant.answering import runner, turns
from assistant.conversations import services
from assistant.models import Turn
from tests.cast import client_id, make_visitor, make_widget

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_two_claims_hold_the_same_attempt():
    visitor = make_visitor(make_widget())
    first = services.accept_message(None, visitor.session, client_id(), "one")
    conversation, turn_id = first.message_event.conversation, first.turn_id

    def work(number: int) -> list[int]:
        attempts = []
        for _ in range(30):
            if number == 0:
                services.accept_message(conversation, visitor.session, client_id(), "and another thing")
            elif held := turns.claim(turn_id, f"worker {number}"):
                attempts.append(held.attempt)
        connection.close()
        return attempts

    with ThreadPoolExecutor(max_workers=6) as threads:
        held = sorted(attempt for attempts in threads.map(work, range(6)) for attempt in attempts)
    assert held
    assert held == sorted(set(held))


def test_of_turns_that_died_twice_one_at_a_time_has_its_last_attempt_here():
    visitor = make_visitor(make_widget())
    turn_id = services.accept_message(None, visitor.session, client_id(), "one").turn_id
    for number in range(2):
        held = turns.claim(turn_id, f"owner {number}", even_last=False)
        turns.release(held, failed=True)
    runner.last_attempts.add("another turn")
    try:
        asyncio.run(runner.run(turn_id, "here"))
    finally:
        runner.last_attempts.clear()
    assert Turn.objects.get(pk=turn_id).status == "queued"
    assert turns.claim(turn_id, "elsewhere").attempt == 3
