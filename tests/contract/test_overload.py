"""More questions than one process has slots for, and no other process that would take some of them."""

import asyncio
import contextlib
from collections import Counter

from assistant.events.threads import in_thread
from tests.cast import make_widget
from tests.contract.client import opened
from tests.contract.conftest import publish_articles
from tests.contract.server import web_process


async def test_past_its_slots_a_process_tells_places_and_past_the_queue_a_person_is_asked(database, model):
    await in_thread(publish_articles)
    widget = await in_thread(make_widget)
    patient = {"FIRST_TOKEN_BUDGET_SECONDS": "100", "TURN_DEADLINE_SECONDS": "110"}
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo", "INLINE_TURNS": "2", "QUEUE_TURNS": "4"}
    model.set(first=100.0)
    with web_process(**knobs, **patient) as running:
        async with contextlib.AsyncExitStack() as crowd:
            clients = [(await crowd.enter_async_context(opened(running.address, widget.key)))[0] for _ in range(9)]
            turns = []
            for begun, client in enumerate(clients):
                turns.append((await client.say("How do I reset the blue kettle?"))["message"]["turn"])
                if begun < 2:
                    await client.until("answer.started")
            ends = [asyncio.create_task(outcome(*each)) for each in zip(clients, turns, strict=True)]
            await until(lambda: sum(end.done() for end in ends) == 3 and places(clients) >= {1, 2, 3, 4})
            model.reset()
            for client, turn in zip(clients[:2], turns[:2], strict=True):
                await client.send("answer.stop", turn=turn)
            kinds = await asyncio.gather(*ends)
    assert Counter(kinds) == {"message.created": 6, "conversation.updated": 3}


def places(clients):
    return {told["position"] for client in clients for told in client.of("answer.status") if "position" in told}


async def until(look):
    for _ in range(1200):
        if look():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never happened")


async def outcome(client, turn):
    """The kind of event that ended the turn."""
    while True:
        frame = await client.next()
        ends = frame["type"] == "conversation.updated" or frame.get("message", {}).get("role") == "assistant"
        if ends and turn in (frame.get("turn"), frame.get("message", {}).get("turn")):
            return frame["type"]
