"""The protocol's frames, one journey for each promise: messages, turns, handoff, contact, feedback, stop."""

import asyncio
import uuid

import pytest

from assistant.conversations import services
from assistant.events.threads import in_thread
from assistant.models import Completion, Message, Turn
from tests.cast import make_agent
from tests.contract.client import connected, opened
from tests.contract.conftest import ARTICLES

QUESTION = "How do I reset the blue kettle?"


async def test_a_question_gets_one_cited_answer(server, widget):
    async with opened(server.address, widget.key) as (client, welcome):
        assert welcome["seq"] == 0
        assert welcome["status"] == "assistant"
        assert welcome["settings"]["name"] == widget.name
        asked = await client.say(QUESTION)
        assert asked["seq"] == 1
        answer = (await client.answer(asked["message"]["turn"]))["message"]
    assert answer["decision"] == "answer"
    assert answer["sources"][0]["article"].startswith("kettle")
    assert f"[{answer['sources'][0]['n']}]" in answer["text"]
    assert "<p>" in answer["html"]
    assert answer["client_id"] is None
    assert answer["created_at"].endswith("Z")
    assert [frame["seq"] for frame in client.durable] == [1, 2]
    types = [frame["type"] for frame in client.received]
    assert types.index("answer.started") > types.index("message.created")
    assert "answer.delta" not in types[types.index("message.created", types.index("answer.started")) :]


async def test_deltas_carry_offsets_that_join_to_the_shown_text(server, widget, model):
    model.set(token=0.01)
    async with opened(server.address, widget.key) as (client, _):
        asked = await client.say(QUESTION)
        await client.answer(asked["message"]["turn"])
    text = ""
    for delta in client.of("answer.delta"):
        assert delta["offset"] in (len(text), 0)
        text = text[: delta["offset"]] + delta["text"]
    assert text


async def test_a_customers_text_is_kept_exactly_and_escaped_in_html(server, widget):
    text = " <b>5 < 6</b>\r\n\U0001f600 *x* \u202e"
    async with opened(server.address, widget.key) as (client, _):
        message = (await client.say(text))["message"]
    assert message["text"] == text
    assert "<b>" not in message["html"]
    assert await in_thread(lambda: Message.objects.get(pk=message["id"]).text) == text


async def test_a_repeat_is_answered_on_this_connection_alone_with_the_first_seq(server, widget):
    client_id = str(uuid.uuid4())
    async with opened(server.address, widget.key) as (client, welcome):
        first = await client.say(QUESTION, client_id)
        await client.answer(first["message"]["turn"])
        resume = {"session": welcome["session"], "conversation": welcome["conversation"], "after": 2}
        async with opened(server.address, widget.key, **resume) as (other, _):
            await client.send("message.send", client_id=client_id, text="something else, much too long " * 400)
            again = await client.until("message.created")
            assert again == first
            await other.send("ping")
            assert (await other.next())["type"] == "pong"


async def test_events_reach_every_connection_of_the_conversation(server, widget):
    async with opened(server.address, widget.key) as (one, welcome):
        await one.say("hello")
        resume = {"session": welcome["session"], "conversation": welcome["conversation"], "after": 0}
        async with opened(server.address, widget.key, **resume) as (two, _):
            said = await two.say(QUESTION)
            assert (await one.until("message.created", seq=said["seq"])) == said


async def test_resuming_replays_exactly_what_follows(server, widget):
    async with opened(server.address, widget.key) as (client, welcome):
        for _ in range(3):
            asked = await client.say(QUESTION)
            await client.answer(asked["message"]["turn"])
    resume = {"session": welcome["session"], "conversation": welcome["conversation"]}
    for after, expected in ((0, [1, 2, 3, 4, 5, 6]), (4, [5, 6]), (6, []), (99, [1, 2, 3, 4, 5, 6])):
        async with opened(server.address, widget.key, **resume, after=after) as (again, back):
            assert back["seq"] == 6
            await again.send("ping")
            await again.until("pong")
            assert [frame["seq"] for frame in again.durable] == expected


@pytest.mark.timeout(600)
async def test_a_long_history_is_replayed_whole(server, widget, whole):
    async with opened(server.address, widget.key) as (client, welcome):
        await client.say("hello")
        await client.send("handoff.request", client_id=str(uuid.uuid4()), reason=None)
        await client.until("conversation.updated", status="waiting")
    agent = await in_thread(make_agent, f"agent-{uuid.uuid4()}")
    await in_thread(fill, welcome["conversation"], agent, 5_000 if whole else 450)
    resume = {"session": welcome["session"], "conversation": welcome["conversation"]}
    async with opened(server.address, widget.key, **resume) as (again, back):
        while not again.durable or again.durable[-1]["seq"] < back["seq"]:
            await again.next()
    assert [frame["seq"] for frame in again.durable] == list(range(1, back["seq"] + 1))


def fill(conversation, agent, count):
    for number in range(count):
        services.reply(conversation, agent, str(uuid.uuid4()), f"{number} " + "long " * 500)


async def test_a_message_before_the_outcome_joins_the_turn(server, widget, model):
    model.set(first=3.0)
    async with opened(server.address, widget.key) as (client, _):
        first = await client.say(QUESTION)
        second = await client.say("It is the blue one.")
        assert second["message"]["turn"] == first["message"]["turn"]
        await client.answer(first["message"]["turn"])
        model.reset()
        third = await client.say("thanks")
        assert third["message"]["turn"] not in (None, first["message"]["turn"])
        await client.answer(third["message"]["turn"])
    outcomes = [f for f in client.durable if f["type"] == "message.created" and f["message"]["role"] == "assistant"]
    assert len(outcomes) == 2


async def test_stopping_ends_the_turn_at_once_with_one_message(server, widget, model):
    model.set(first=20.0)
    async with opened(server.address, widget.key) as (client, _):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.started", turn=turn)
        await client.send("answer.stop", turn=turn)
        stopped = (await client.answer(turn))["message"]
        assert stopped["stopped"] is True
        assert stopped["decision"] is None
        assert stopped["text"]
        for ignored in (turn, "unknown", str(uuid.uuid4())):
            await client.send("answer.stop", turn=ignored)
        await client.send("ping")
        assert (await client.next())["type"] == "pong"


async def test_what_is_stopped_keeps_the_sources_of_what_was_shown(server, widget, model):
    model.set(token=0.4)
    async with opened(server.address, widget.key) as (client, _):
        turn = (await client.say(QUESTION))["message"]["turn"]
        while "[1]" not in (await client.until("answer.delta", turn=turn))["text"]:
            pass
        await client.send("answer.stop", turn=turn)
        stopped = (await client.answer(turn))["message"]
    assert stopped["stopped"] is True
    assert "[1]" in stopped["text"]
    assert [source["n"] for source in stopped["sources"]] == [1]
    assert stopped["sources"][0]["quote"] in ARTICLES[stopped["sources"][0]["article"]][1]
    assert await calls_of(turn) == ["cancelled"]


async def calls_of(turn):
    """How the turn's calls of models ended, once each has."""
    for _ in range(200):
        ended = await in_thread(list, Completion.objects.filter(turn=turn).values_list("outcome", flat=True))
        if ended and "started" not in ended:
            return ended
        await asyncio.sleep(0.05)
    return ended


async def test_coming_back_in_the_middle_announces_the_turn_after_the_replay(server, widget, model):
    model.set(first=4.0)
    async with opened(server.address, widget.key) as (client, welcome):
        turn = (await client.say(QUESTION))["message"]["turn"]
        resume = {"session": welcome["session"], "conversation": welcome["conversation"]}
        async with opened(server.address, widget.key, **resume) as (again, _):
            types = [(await again.next())["type"] for _ in range(3)]
            assert types == ["message.created", "answer.started", "answer.delta"]
            assert again.received[-1]["offset"] == 0
            assert (await again.answer(turn))["seq"] == 2


async def test_asking_for_a_person_ends_the_running_turn(server, widget, model):
    model.set(first=20.0)
    request = str(uuid.uuid4())
    async with opened(server.address, widget.key) as (client, _):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.started")
        await client.send("handoff.request", client_id=request, reason="a person, please")
        updated = await client.until("conversation.updated")
        assert (updated["status"], updated["turn"], updated["client_id"]) == ("waiting", turn, request)
        notice = await client.until("message.created")
        assert notice["message"]["role"] == "system"
        assert (await client.say("still there?"))["message"]["turn"] is None
        again = str(uuid.uuid4())
        await client.send("handoff.request", client_id=again, reason=None)
        unchanged = await client.until("conversation.updated", client_id=again)
        assert (unchanged["status"], unchanged["turn"]) == ("waiting", None)
        back = str(uuid.uuid4())
        await client.send("handoff.cancel", client_id=back)
        assert (await client.until("conversation.updated", client_id=back))["status"] == "assistant"
    assert (await in_thread(Turn.objects.get, pk=turn)).status == "cancelled"


async def test_an_agent_takes_over_replies_hands_back_and_resolves(server, widget, model):
    model.set(first=20.0)
    agent = await in_thread(make_agent, f"agent-{uuid.uuid4()}")
    async with opened(server.address, widget.key) as (client, welcome):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.started")
        await in_thread(services.take_over, welcome["conversation"], agent)
        taken = await client.until("conversation.updated")
        assert (taken["status"], taken["turn"], taken["agent"]["name"]) == ("agent", turn, agent.public_name)
        await in_thread(services.reply, welcome["conversation"], agent, str(uuid.uuid4()), "Hello **you**")
        reply = (await client.until("message.created"))["message"]
        assert (reply["role"], reply["author"]["name"]) == ("agent", agent.public_name)
        assert "<strong>you</strong>" in reply["html"]
        await in_thread(services.add_note, welcome["conversation"], agent, "a private remark")
        await in_thread(services.hand_back, welcome["conversation"], agent)
        assert (await client.until("conversation.updated"))["status"] == "assistant"
        await in_thread(services.resolve, welcome["conversation"], agent)
        assert (await client.until("conversation.updated"))["status"] == "resolved"
        model.reset()
        reopened = await client.say("one more thing")
        before = client.durable[-2]
        assert (before["type"], before["status"]) == ("conversation.updated", "assistant")
        await client.answer(reopened["message"]["turn"])
    assert "private remark" not in str(client.received)
    assert [frame["seq"] for frame in client.durable] == list(range(1, len(client.durable) + 1))


async def test_a_welcome_tells_that_an_address_is_kept_and_not_which(server, widget):
    async with opened(server.address, widget.key) as (client, welcome):
        assert welcome["contact_saved"] is False
        await client.say("hi")
        await client.send("contact.send", client_id=str(uuid.uuid4()), email="ada@example.org")
        await client.until("contact.saved")
    resume = {"session": welcome["session"], "conversation": welcome["conversation"]}
    async with opened(server.address, widget.key, **resume) as (_, back):
        assert back["contact_saved"] is True
        assert "ada@example.org" not in str(back)


async def test_a_contact_and_a_rating_are_acknowledged(server, widget):
    async with opened(server.address, widget.key) as (client, _):
        client_id = str(uuid.uuid4())
        await client.send("contact.send", client_id=client_id, email="ada@example.org")
        assert (await client.until("contact.saved"))["client_id"] == client_id
        await client.send("contact.send", client_id=client_id, email="not an address")
        assert (await client.until("error"))["code"] == "bad_frame"
        asked = await client.say(QUESTION)
        answer = await client.answer(asked["message"]["turn"])
        for rating in (1, -1):
            await client.send("feedback.send", message=answer["message"]["id"], rating=rating, comment=None)
            saved = await client.until("feedback.saved")
            assert (saved["message"], saved["rating"]) == (answer["message"]["id"], rating)
        for missing in (asked["message"]["id"], str(uuid.uuid4()), "x"):
            await client.send("feedback.send", message=missing, rating=1, comment=None)
            assert (await client.until("error"))["code"] == "not_found"


@pytest.mark.parametrize("text", ["", "  \n ", "a\x00", "\ud800"])
async def test_text_that_cannot_be_kept_is_a_bad_frame(server, widget, text):
    client_id = str(uuid.uuid4())
    async with opened(server.address, widget.key) as (client, _):
        await client.send("message.send", client_id=client_id, text=text)
        error = await client.next()
        assert (error["type"], error["code"], error["client_id"]) == ("error", "bad_frame", client_id)
        assert (await client.say("fine", client_id))["seq"] == 1


async def test_length_counts_code_points(server, widget):
    async with opened(server.address, widget.key) as (client, _):
        await client.say("\U0001f600" * 8000)
        await client.send("message.send", client_id=str(uuid.uuid4()), text="x" * 8001)
        assert (await client.until("error"))["code"] == "too_long"


async def test_unanswered_connection_without_origin_is_accepted(server, widget):
    async with connected(server.address) as client:
        assert (await client.hello(widget.key))["type"] == "welcome"
