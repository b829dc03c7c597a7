"""Turns that change hands: the customer sees the delay, then one answer, and an end to failures."""

import asyncio
import uuid

from assistant.answering import queue, runner, turns
from assistant.conversations import desk, services
from assistant.events.threads import in_thread
from assistant.models import Completion, Event, Turn
from tests.cast import client_id, make_agent, make_visitor, make_widget
from tests.contract.client import opened
from tests.contract.conftest import publish_articles
from tests.contract.server import web_process, worker_process
from tests.contract.test_lost_processes import outcomes

QUESTION = "How do I reset the blue kettle?"
SHORT = {"SLOW_NOTICE_SECONDS": "2", "FIRST_TOKEN_BUDGET_SECONDS": "3.1", "HAND_OVER_SECONDS": "3.2"}


async def worker_takes_work():
    for _ in range(240):
        if await in_thread(queue.worker_ready):
            return
        await asyncio.sleep(0.25)
    raise AssertionError("no worker within a minute")


async def streams_of(model, count):
    for _ in range(1200):
        if model.app.open_streams == count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{model.app.open_streams} streams are open")


async def requested(model, count):
    for _ in range(400):
        if len(model.requests) >= count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{len(model.requests)} requests came")


def calls_of(turn):
    rows = Completion.objects.filter(turn=turn, purpose="answer").order_by("pk")
    return list(rows.values_list("attempt", "model", "outcome"))


async def test_a_model_that_is_not_heard_goes_to_a_worker_and_one_that_is_stays(database, model):
    await in_thread(publish_articles)
    widget = await in_thread(make_widget)
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo"}
    model.set(first=5.0)
    # The worker is patient: only the web process gives slow turns away.
    with worker_process(**knobs), web_process(**SHORT, **knobs) as running:
        await worker_takes_work()
        async with opened(running.address, widget.key) as (client, welcome):
            turn = (await client.say(QUESTION))["message"]["turn"]
            await client.until("answer.status", status="delayed")
            answer = await client.answer(turn)
            assert answer["message"]["decision"] == "answer"
            assert (await in_thread(Turn.objects.get, pk=turn)).attempt == 2
            assert await in_thread(outcomes, welcome["conversation"], turn) == [answer]
            model.reset()
            model.set(tokens=40, token=0.1)  # one long sentence that nothing backs: heard, and never shown
            turn = (await client.say(QUESTION))["message"]["turn"]
            await client.answer(turn)
    assert client.received[-1]["message"]["decision"] == "answer"
    assert (await in_thread(Turn.objects.get, pk=turn)).attempt == 1
    assert len(model.requests) == 1


async def test_a_worker_goes_on_with_the_next_model_where_the_first_was_silent(database, model):
    await in_thread(publish_articles)
    widget = await in_thread(make_widget)
    models = {"LLM_MODEL": "echo+stall:0", "LLM_FALLBACK_MODELS": "echo"}
    knobs = {"OPENAI_BASE_URL": model.base_url, "FIRST_TOKEN_BUDGET_SECONDS": "3.5", **models}
    with worker_process(**knobs), web_process(**knobs) as running:
        await worker_takes_work()
        async with opened(running.address, widget.key) as (client, welcome):
            turn = (await client.say(QUESTION))["message"]["turn"]
            answer = await client.answer(turn)
        async with opened(running.address, widget.key) as (client, _):
            before = len(model.requests)
            of_two = (await client.say(QUESTION))["message"]["turn"]
            await requested(model, before + 1)
            await client.say("The blue one, I mean.")
            assert (await client.answer(of_two))["message"]["decision"] == "answer"
    assert answer["message"]["decision"] == "answer"
    assert await in_thread(outcomes, welcome["conversation"], turn) == [answer]
    assert await in_thread(calls_of, turn) == [(1, "echo+stall:0", "timeout"), (2, "echo", "ok")]
    silent = [(1, "echo+stall:0", "cancelled"), (2, "echo+stall:0", "timeout")]
    assert await in_thread(calls_of, of_two) == [*silent, (3, "echo", "ok")]


async def test_a_worker_leaves_its_stream_when_a_message_joins_and_when_an_agent_takes_over(database, model):
    await in_thread(publish_articles)
    widget, agent = await in_thread(make_widget), await in_thread(make_agent, f"agent-{uuid.uuid4()}")
    patient = {"FIRST_TOKEN_BUDGET_SECONDS": "100", "TURN_DEADLINE_SECONDS": "110"}
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo", "INLINE_TURNS": "0", **patient}
    model.set(first=100.0)
    with worker_process(**knobs), web_process(**knobs) as running:
        await worker_takes_work()
        async with opened(running.address, widget.key) as (client, welcome):
            turn = (await client.say(QUESTION))["message"]["turn"]
            await client.until("answer.status", status="writing")
            await streams_of(model, 1)
            await client.say("It is the blue one.")
            await requested(model, 2)
            await streams_of(model, 1)  # the second one's
            await in_thread(desk.take_over, welcome["conversation"], agent)
            await client.until("conversation.updated", status="agent", turn=turn)
            await streams_of(model, 0)  # long before the model or the deadline would end it
    assert await in_thread(outcomes, welcome["conversation"], turn) == []


async def test_after_three_failed_attempts_a_person_is_asked_for(database):
    visitor = await in_thread(lambda: make_visitor(make_widget()))
    turn, conversation = await in_thread(failed_three_times, visitor)
    await runner.run(turn, "the fourth")
    frames = await in_thread(
        lambda: list(Event.objects.filter(conversation=conversation).values_list("frame", flat=True))
    )
    ends = [frame for frame in frames if frame["type"] == "conversation.updated" and frame["turn"] == str(turn)]
    assert [frame["status"] for frame in ends] == ["waiting"]
    assert "could not answer" in frames[-1]["message"]["text"]
    assert frames[-1]["message"]["role"] == "system"
    assert (await in_thread(Turn.objects.get, pk=turn)).status == "failed"


def failed_three_times(visitor):
    accepted = services.accept_message(None, visitor.session, client_id(), QUESTION)
    for number in range(3):
        held = turns.claim(accepted.turn_id, f"owner {number}")
        assert turns.release(held, failed=True)
    return accepted.turn_id, accepted.message_event.conversation_id
