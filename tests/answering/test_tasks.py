from typing import Any

from assistant.answering import tasks
from assistant.conversations import services
from assistant.llm import openai
from assistant.models import Turn
from tests.cast import client_id, make_visitor, make_widget


def test_an_answer_in_a_worker_leaves_no_client_open(shop: None, model_server: Any) -> None:
    visitor = make_visitor(make_widget("shop"))
    services.accept_message(None, visitor.session, client_id(), "How do I reset my board?")
    open_before = set(openai._clients)
    tasks.answer_turn(str(Turn.objects.get().pk))
    assert Turn.objects.get().status == "done"
    assert model_server.requests
    assert set(openai._clients) <= open_before
