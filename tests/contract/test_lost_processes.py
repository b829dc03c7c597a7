"""The web process goes away in mid-answer: the customer's message and one answer are there all the same."""

import asyncio
import contextlib
import signal
import uuid

from websockets.exceptions import ConnectionClosed

from assistant.events.threads import in_thread
from assistant.models import Event, Turn
from tests.cast import make_widget
from tests.contract.client import connected, opened
from tests.contract.conftest import publish_articles
from tests.contract.server import web_process, worker_process

QUESTION = "How do I reset the blue kettle?"


def outcomes(conversation, turn):
    frames = Event.objects.filter(conversation=conversation).values_list("frame", flat=True)
    said = [f for f in frames if f["type"] == "message.created" and f["message"]["turn"] == turn]
    return [f for f in said if f["message"]["role"] == "assistant"]


async def ask_and_lose(running, model, number):
    widget = await in_thread(make_widget)
    model.set(first=6.0)
    async with opened(running.address, widget.key) as (client, welcome):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.started", turn=turn)
        await asyncio.to_thread(running.end, number)
        await client.closed()
    model.reset()
    return client, welcome, turn


async def until_done(turn):
    for _ in range(120):
        if (await in_thread(Turn.objects.get, pk=turn)).status == "done":
            return
        await asyncio.sleep(0.25)
    raise AssertionError("the turn has no outcome after 30 s")


async def test_a_killed_web_process_costs_no_answer(database, model):
    await in_thread(publish_articles)
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo"}
    with worker_process(**knobs), web_process(**knobs) as running:
        _, welcome, turn = await ask_and_lose(running, model, signal.SIGKILL)
        await until_done(turn)
    assert len(await in_thread(outcomes, welcome["conversation"], turn)) == 1


async def test_a_web_process_that_is_told_to_go_says_goodbye_and_hands_over(database, model):
    await in_thread(publish_articles)
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo"}
    with worker_process(**knobs), web_process(**knobs) as running:
        client, welcome, turn = await ask_and_lose(running, model, signal.SIGTERM)
        assert client.of("going_away")[0]["delay_ms"] >= 0
        assert client.socket.close_code == 1012
        await until_done(turn)
    assert len(await in_thread(outcomes, welcome["conversation"], turn)) == 1


async def test_another_web_process_takes_over_without_a_worker(database, model):
    await in_thread(publish_articles)
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo"}
    with web_process(**knobs) as survivor:
        with web_process(**knobs) as running:
            _, welcome, turn = await ask_and_lose(running, model, signal.SIGKILL)
        widget = await in_thread(lambda: Turn.objects.get(pk=turn).conversation.widget.key)
        resume = {"session": welcome["session"], "conversation": welcome["conversation"], "after": 1}
        async with opened(survivor.address, widget, **resume) as (client, _):
            while True:
                frame = await asyncio.wait_for(client.next(), 30)
                if frame["type"] == "message.created":
                    break
            assert frame["message"]["turn"] == turn


async def test_without_a_broker_chat_goes_on(database, model):
    await in_thread(publish_articles)
    widget = await in_thread(make_widget)
    away = {"REDIS_URL": "redis://127.0.0.1:1/0", "CACHE_URL": "redis://127.0.0.1:1/0", "RATE_LIMIT_VISITOR": "5"}
    with web_process(OPENAI_BASE_URL=model.base_url, LLM_MODEL="echo", **away) as running:
        async with opened(running.address, widget.key) as (client, _):
            turn = (await client.say(QUESTION))["message"]["turn"]
            await client.answer(turn)
            for _ in range(5):
                await client.send("message.send", client_id=str(uuid.uuid4()), text="hi")
            limited = await client.until("error")
            assert limited["code"] == "rate_limited"
            assert limited["retry_after"] >= 1


async def test_two_web_processes_show_the_same_conversation(database, model):
    await in_thread(publish_articles)
    widget = await in_thread(make_widget)
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo"}
    model.set(token=0.05)
    with web_process(**knobs) as one, web_process(**knobs) as two:
        async with opened(one.address, widget.key) as (here, welcome):
            await here.say("hello")
            resume = {"session": welcome["session"], "conversation": welcome["conversation"]}
            async with opened(two.address, widget.key, **resume) as (there, _):
                turn = (await here.say(QUESTION))["message"]["turn"]
                answer = await here.answer(turn)
                assert await there.answer(turn) == answer
                assert here.durable[-1] == there.durable[-1]
                assert [f for f in there.of("answer.delta") if f["turn"] == turn]


async def is_let_in_soon(address, key):
    """Whoever comes before the server has heard that others went is refused, and comes again."""
    for _ in range(40):
        async with connected(address) as client:
            with contextlib.suppress(ConnectionClosed):
                if (await client.hello(key))["type"] == "welcome":
                    return True
        await asyncio.sleep(0.25)
    return False


async def test_open_sockets_and_visitors_of_an_address_are_limited(database):
    widget = await in_thread(make_widget)
    with web_process(RATE_LIMIT_ADDRESS="3") as running:
        async with contextlib.AsyncExitStack() as office:
            for _ in range(3):
                await office.enter_async_context(connected(running.address))
            fourth = await office.enter_async_context(connected(running.address))
            assert (await fourth.next())["code"] == "rate_limited"
            assert await fourth.closed() == 1013
        assert await is_let_in_soon(running.address, widget.key)
