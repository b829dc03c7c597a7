"""One worker answers many at once, and when it goes or is killed another goes on: each turn ends once."""

import asyncio
import contextlib
import os
import signal

import pytest

from assistant.events.threads import in_thread
from assistant.models import Turn
from tests.cast import make_widget
from tests.contract.client import opened
from tests.contract.conftest import publish_articles
from tests.contract.server import web_process, worker_process
from tests.contract.test_hand_over import QUESTION, streams_of
from tests.contract.test_lost_processes import outcomes

MANY = 12


async def asked(customers):
    """Everybody asks at once; the turns."""
    said = await asyncio.gather(*(client.say(QUESTION) for client, _ in customers))
    return [event["message"]["turn"] for event in said]


async def columns(turns, *names):
    return await in_thread(lambda: set(Turn.objects.filter(pk__in=turns).values_list(*names)))


async def told_to_go(worker):
    worker.terminate()
    assert await asyncio.to_thread(worker.wait, 30) == 0


@pytest.mark.timeout(300)
async def test_workers_answer_many_at_once_and_lose_none_when_they_go_or_are_killed(database, model):
    await in_thread(publish_articles)
    widget = await in_thread(make_widget)
    patient = {"FIRST_TOKEN_BUDGET_SECONDS": "100", "TURN_DEADLINE_SECONDS": "110", "INLINE_TURNS": "0"}
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo", **patient}
    model.set(first=100.0)
    async with contextlib.AsyncExitStack() as stack:
        running = stack.enter_context(web_process(**knobs))
        first = stack.enter_context(worker_process(**knobs))
        opening = [opened(running.address, widget.key) for _ in range(MANY)]
        customers = [await stack.enter_async_context(each) for each in opening]
        turns = await asked(customers)
        await streams_of(model, MANY)
        assert len(await columns(turns, "owner")) == 1

        second = stack.enter_context(worker_process(**knobs))
        await told_to_go(first)
        assert await columns(turns, "failures") == {(0,)}
        await streams_of(model, MANY)  # the second one's

        third = stack.enter_context(worker_process(**knobs))
        model.reset()
        os.killpg(second.pid, signal.SIGKILL)
        await asyncio.gather(*(client.answer(turn) for (client, _), turn in zip(customers, turns, strict=True)))
        assert await columns(turns, "status") == {("done",)}
        for (_, welcome), turn in zip(customers, turns, strict=True):
            assert len(await in_thread(outcomes, welcome["conversation"], turn)) == 1

        model.set(token=0.1)
        client, _ = customers[0]
        begun = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.delta", turn=begun)
        await told_to_go(third)
        await client.answer(begun)
    assert await columns([begun], "attempt", "status") == {(1, "done")}
