"""The fence of a turn: however many claim it while messages join it, no two hold the same attempt."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from assistant.answering import turns
from assistant.conversations import services
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
