"""From the assistant to a person and back, as the customer and the agent see it, each over their own socket."""

import re
import uuid
from collections.abc import Iterator

import httpx
import pytest
from websockets.sync.client import connect

from tests.journeys.customers import calling, in_conversation
from tests.product import Product
from tests.realtime_clients import Speaker

pytestmark = pytest.mark.services


@pytest.fixture
def agent(product: Product) -> Iterator[httpx.Client]:
    """The demo's agent, logged in; sends the token that forms need."""
    with httpx.Client(base_url=product.base_url, follow_redirects=True, timeout=30) as browser:
        browser.get("/desk/login/")
        name, password = product.agent
        fields = {"username": name, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        assert browser.post("/desk/login/", data=fields).url.path == "/desk/"
        browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
        yield browser


@pytest.fixture
def desk(product: Product, agent: httpx.Client) -> Iterator[Speaker]:
    """The agent's socket."""
    cookie = {"Cookie": f"sessionid={agent.cookies['sessionid']}"}
    with connect(product.desk_url, origin=product.base_url, additional_headers=cookie) as socket:  # type: ignore[arg-type]
        yield Speaker(socket)


def test_a_conversation_goes_to_a_person_and_back(product: Product, agent: httpx.Client, desk: Speaker) -> None:
    with in_conversation(product) as customer:
        conversation = customer.heard[0]["conversation"]
        desk.say(type="hello", conversation=None, after=0)
        desk.hear("welcome")
        asked_for = str(uuid.uuid4())
        customer.send("thanks")
        customer.say(type="handoff.request", client_id=asked_for, reason="a bill is wrong")
        customer.hear("conversation.updated", lambda frame: frame["client_id"] == asked_for)
        desk.hear(
            "conversation.changed", lambda frame: (frame["conversation"], frame["status"]) == (conversation, "waiting")
        )
        assert "A bill is wrong" in agent.get(f"/desk/c/{conversation}/").text
        assert agent.post(f"/desk/c/{conversation}/take-over/").status_code == 200
        taken = customer.hear("conversation.updated", lambda frame: frame["status"] == "agent")
        desk.say(type="message.send", client_id=str(uuid.uuid4()), conversation=conversation, text="I look **now**.")
        reply = customer.hear("message.created", lambda frame: frame["message"]["role"] == "agent")["message"]
        assert (reply["text"], reply["author"]) == ("I look **now**.", taken["agent"])
        assert "<strong>now</strong>" in reply["html"]
        assert agent.post(f"/desk/c/{conversation}/notes/", data={"text": "owes us nothing"}).status_code == 200
        assert customer.send("Good.")["message"]["turn"] is None
        assert agent.post(f"/desk/c/{conversation}/hand-back/").status_code == 200
        customer.hear("conversation.updated", lambda frame: frame["status"] == "assistant")
        turn = customer.send("How do I upload articles?")["message"]["turn"]
        assert customer.answer(turn)["message"]["sources"]
        assert agent.post(f"/desk/c/{conversation}/resolve/").status_code == 200
        customer.hear("conversation.updated", lambda frame: frame["status"] == "resolved")
    durable = [frame for frame in customer.heard if frame["type"] in ("message.created", "conversation.updated")]
    assert [frame["seq"] for frame in durable] == list(range(1, len(durable) + 1))
    assert "owes us nothing" not in str(customer.heard)


def test_the_desk_socket_is_for_agents_who_are_logged_in(product: Product) -> None:
    with connect(product.desk_url, origin=product.base_url) as socket:  # type: ignore[arg-type]
        assert Speaker(socket).closed_with() == 4401


def test_another_conversation_opens_to_nobody_else(product: Product) -> None:
    with in_conversation(product) as customer:
        customer.send("My name is Ann.")
        mine = customer.heard[0]["conversation"]
    with calling(product) as stranger:
        session = stranger.hello(product.widget)["session"]
    with calling(product) as stranger:
        refused = stranger.hello(product.widget, session=session, conversation=mine)
        absent = stranger.hello(product.widget, session=session, conversation=str(uuid.uuid4()))
        assert refused["code"] == "not_found"
        assert refused == absent
    assert not re.search("Ann", str(stranger.heard))
