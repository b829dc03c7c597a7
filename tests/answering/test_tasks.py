from typing import Any

from assistant.answering import tasks
from assistant.conversations import services
from assistant.llm import openai
from assistant.models import Turn
from tests.cast import client_id, make_visitor, make_widget


def test_the_answers_of_a_worker_share_the_clients_of_one_loop(shop: None, model_server: Any) -> None:
    answered(model_server)
    open_before = set(openai._clients)
    answered(model_server)
    assert set(openai._clients) <= open_before


def answered(model_server: Any) -> None:
    """One turn that a worker answers with the model."""
    asked = len(model_server.requests)
    visitor = make_visitor(make_widget("shop"))
    services.accept_message(None, visitor.session, client_id(), "How do I reset my board?")
    turn = Turn.objects.latest("created_at")
    tasks.answer_turn(str(turn.pk))
    turn.refresh_from_db()
    assert turn.status == "done"
    assert len(model_server.requests) > asked
