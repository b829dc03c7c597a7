"""Asking through the API: the shape of the contract, within the key's collection."""

import uuid

import pytest

from assistant.conversations.services import accept_message
from assistant.models import Conversation, Message
from tests.api.conftest import Caller
from tests.cast import client_id, make_visitor, make_widget

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How long may I return a drone?"


def add_article(caller: Caller, **fields: str) -> None:
    text = "## Returns\n\nYou may return a drone within 30 days. Pack it in its box."
    caller.call("POST", "articles", {"id": "returns", "title": "Returning a drone", "text": text, **fields})


def test_an_answer_comes_with_its_source_and_is_kept(caller: Caller) -> None:
    add_article(caller)
    response = caller.call("POST", "ask", {"question": QUESTION})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {
        "decision", "reason", "answer", "confidence", "sources", "model", "timings_ms", "turn", "conversation",
    }  # fmt: skip
    assert body["decision"] == "answer"
    assert "30 days" in body["answer"]
    assert body["sources"][0]["article"] == "returns"
    assert body["sources"][0]["quote"] in "You may return a drone within 30 days. Pack it in its box."
    assert body["model"] is None
    assert body["timings_ms"]["first_token"] == body["timings_ms"]["total"]
    kept = Message.objects.filter(conversation=body["conversation"]).order_by("seq")
    assert [message.role for message in kept] == ["customer", "assistant"]
    assert str(kept[1].turn_id) == body["turn"]
    read = caller.call("GET", f"conversations/{body['conversation']}").json()
    assert [message["text"] for message in read["messages"]] == [QUESTION, body["answer"]]


def test_a_conversation_is_continued_within_its_collection_only(caller: Caller, lab_caller: Caller) -> None:
    add_article(caller)
    first = caller.call("POST", "ask", {"question": QUESTION}).json()["conversation"]
    again = caller.call("POST", "ask", {"question": QUESTION, "conversation": first}).json()
    assert again["conversation"] == first
    foreign = lab_caller.call("POST", "ask", {"question": QUESTION, "conversation": first})
    absent = lab_caller.call("POST", "ask", {"question": QUESTION, "conversation": str(uuid.uuid4())})
    assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert Conversation.objects.count() == 1


def test_a_customers_conversation_is_not_continued_in_their_name(caller: Caller) -> None:
    accepted = accept_message(None, make_visitor(make_widget()).session, client_id(), "Hello")
    theirs = str(accepted.message_event.conversation_id)
    foreign = caller.call("POST", "ask", {"question": QUESTION, "conversation": theirs})
    absent = caller.call("POST", "ask", {"question": QUESTION, "conversation": str(uuid.uuid4())})
    assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert Message.objects.filter(conversation=theirs).count() == 1


@pytest.mark.parametrize("path", ["", "nothing", "nothing/at/all", "ask/more", "articles/"])
def test_an_unknown_address_is_told_in_json_to_who_has_a_key(caller: Caller, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        missing = caller.call(method, path)
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
        refused = Caller("ak_wrong").call(method, path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorised")
        assert refused["WWW-Authenticate"] == "Bearer"


def test_another_method_than_an_address_takes_is_refused_in_json(caller: Caller) -> None:
    refused = caller.call("DELETE", "ask")
    assert (refused.status_code, refused.json()["error"]["code"], refused["Allow"]) == (405, "not_allowed", "POST")
    assert caller.call("PATCH", "articles").json()["error"]["message"] == "This address takes GET, POST alone."


def test_a_key_for_one_collection_is_not_answered_from_another(caller: Caller, lab_caller: Caller) -> None:
    add_article(caller)
    assert lab_caller.call("POST", "ask", {"question": QUESTION}).json()["sources"] == []
    assert lab_caller.call("POST", "ask", {"question": QUESTION, "collection": "default"}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"question": " "}, {"question": "x" * 8001}, {"question": "\x00"}, {"question": "\ud800"}, {"question": 1},
     {"question": "Hi", "agent": True}, {"question": "Hi", "collection": "../x"}],
)  # fmt: skip
def test_bad_questions_are_refused_and_nothing_is_kept(caller: Caller, body: dict[str, object]) -> None:
    response = caller.call("POST", "ask", body)
    assert response.status_code == 422
    assert set(response.json()["error"]) == {"code", "message"}
    assert not Conversation.objects.exists()


def test_an_unknown_conversation_is_not_found(caller: Caller) -> None:
    assert caller.call("POST", "ask", {"question": "Hi", "conversation": "nonsense"}).status_code == 404
