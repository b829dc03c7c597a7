"""Conversations read through the API."""

from dataclasses import replace

import pytest

from assistant.answering import turns
from assistant.conversations import services
from tests.api.conftest import Caller
from tests.cast import client_id, make_answer, make_visitor, make_widget

pytestmark = pytest.mark.django_db


def test_sources_come_in_the_order_of_their_numbers(caller: Caller) -> None:
    visitor = make_visitor(make_widget())
    accepted = services.accept_message(None, visitor.session, client_id(), "How?")
    answer = make_answer("First this [1], then that [2].")
    held = turns.claim(accepted.turn_id, "a worker")
    sources = (replace(answer.sources[0], n=2), answer.sources[0])
    services.record_answer(held.turn_id, held.attempt, replace(answer, sources=sources))
    read = caller.call("GET", f"conversations/{accepted.message_event.conversation_id}").json()
    assert [source["n"] for source in read["messages"][-1]["sources"]] == [1, 2]
    assert set(read["messages"][-1]["sources"][0]) == {"n", "article", "title", "url", "heading", "quote", "score"}
