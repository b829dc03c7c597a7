"""Clients that say nothing, or too much, and all at once."""

import asyncio
import contextlib
import uuid

import psycopg
import pytest

from assistant.conversations.presence import customer_is_there
from assistant.events.threads import in_thread
from assistant.models import Message
from tests.cast import make_widget
from tests.contract.client import connected, opened
from tests.contract.conftest import publish_articles
from tests.contract.server import environment, web_process

PULSES_SECONDS = 30
QUESTION = "How do I reset the blue kettle?"
# Of four threads, others may wait for these.
FEWEST_HELD = 2
WAITING = """
SELECT pid, query_start FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE relation = 'assistant_completion'::regclass AND NOT granted
"""
# What a web process is called in the database, to be told from the tests themselves; the connections of its pool.
CALLED, POOL = "hanging", 10
HELD = """
SELECT count(*), count(*) FILTER (
    WHERE state LIKE 'idle in transaction%%' AND state_change < clock_timestamp() - interval '1 s'
) FROM pg_stat_activity WHERE application_name = %s
"""
STREAMS, LOOKS = 30, 30
PATIENT = {
    "LLM_CONCURRENCY": str(STREAMS),
    "HEDGE_SHARE": "0",
    "FIRST_TOKEN_BUDGET_SECONDS": "100",
    "TOKEN_GAP_BUDGET_SECONDS": "100",
    "TURN_DEADLINE_SECONDS": "300",
}


@pytest.mark.timeout(600)
async def test_idle_connections_stay_are_told_where_the_head_is_and_count_as_there(server, widget, whole):
    """200 of them for a minute with --whole, else fewer for half of it."""
    count, pulses = (200, 5) if whole else (50, 2)
    async with contextlib.AsyncExitStack() as office:
        idle = [(await office.enter_async_context(opened(server.address, widget.key)))[0] for _ in range(count)]
        _, welcome = await office.enter_async_context(opened(server.address, widget.key))

        async def told(client):
            while len(client.of("head")) < pulses:
                await client.any(PULSES_SECONDS)

        await asyncio.gather(*(told(client) for client in idle))
        for client in idle:
            await client.send("ping")
            await client.until("pong")
        assert await in_thread(customer_is_there, uuid.UUID(welcome["conversation"]))


async def test_parallel_sends_do_not_slip_the_quota(database):
    widget = await in_thread(make_widget)
    with web_process(RATE_LIMIT_VISITOR="5") as running:
        async with contextlib.AsyncExitStack() as tabs:
            first, welcome = await tabs.enter_async_context(opened(running.address, widget.key))
            await first.say("hello")
            resume = {"session": welcome["session"], "conversation": welcome["conversation"], "after": 1}
            others = [await tabs.enter_async_context(opened(running.address, widget.key, **resume)) for _ in range(4)]
            clients = [first, *(client for client, _ in others)]
            sent = await asyncio.gather(*(flood(client, 10) for client in clients))
        said = await in_thread(
            lambda: Message.objects.filter(conversation=welcome["conversation"], role="customer").count()
        )
    assert said == 5
    refused = [frame for client in clients for frame in client.of("error")]
    assert {frame["code"] for frame in refused} == {"rate_limited"}
    assert all(1 <= frame["retry_after"] <= 60 for frame in refused)
    assert len({frame["client_id"] for frame in refused} & {one for ids in sent for one in ids}) == 50 - 4


async def flood(client, count):
    """Send without waiting; every frame is answered when this returns."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    for client_id in ids:
        await client.send("message.send", client_id=client_id, text="more")
    await client.send("ping")
    await client.until("pong")
    return ids


async def test_an_address_has_its_share_of_open_sockets(database):
    with web_process(RATE_LIMIT_ADDRESS="200") as running:
        async with contextlib.AsyncExitStack() as office:
            for _ in range(200):
                await office.enter_async_context(connected(running.address))
            beyond = await office.enter_async_context(connected(running.address))
            refusal = await beyond.next()
            assert (refusal["code"], refusal["retry_after"]) == ("rate_limited", 60)
            assert await beyond.closed() == 1013


async def test_a_restart_spreads_the_reconnects(database):
    widget = await in_thread(make_widget)
    with web_process() as running:
        async with contextlib.AsyncExitStack() as office:
            clients = [(await office.enter_async_context(opened(running.address, widget.key)))[0] for _ in range(30)]
            await asyncio.to_thread(running.end)
            codes = [await client.closed() for client in clients]
    delays = [client.of("going_away")[0]["delay_ms"] for client in clients]
    assert set(codes) == {1012}
    assert all(0 <= delay <= 10_000 for delay in delays)
    assert max(delays) > 5000  # but once in 2 ** 30 runs
    assert len(set(delays)) > 20


async def test_who_writes_is_told_that_it_is_kept_while_all_that_follows_waits(server, widget):
    """Each call of a model is put down first, and nobody can be put down."""
    url = environment()["DATABASE_URL"]
    async with contextlib.AsyncExitStack() as around:
        looking = await around.enter_async_context(await psycopg.AsyncConnection.connect(url, autocommit=True))
        locking = await around.enter_async_context(await psycopg.AsyncConnection.connect(url))
        await locking.execute("LOCK TABLE assistant_completion IN ACCESS EXCLUSIVE MODE")
        clients = [(await around.enter_async_context(opened(server.address, widget.key)))[0] for _ in range(12)]
        asked = [await client.say(QUESTION) for client in clients[:4]]
        held = await held_up(looking)
        asked += [await client.say(QUESTION) for client in clients[4:]]
        assert held <= await held_up(looking)  # none of them has waited until its time was up
        await locking.rollback()
        for client, message in zip(clients, asked, strict=True):
            await client.answer(message["message"]["turn"])


async def held_up(looking):
    """What waits for the table, once enough do: of which connection, and since when."""
    for _ in range(300):
        if len(held := set(await (await looking.execute(WAITING)).fetchall())) >= FEWEST_HELD:
            return held
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(held)} wait for the table")


async def test_streams_that_hang_hold_no_transaction_and_no_connection_each(database, model):
    """Of one web process; `python -m benchmarks.stalled` has ten times as many in a whole product."""
    await in_thread(publish_articles)
    widget, url = await in_thread(make_widget), environment()["DATABASE_URL"]
    model.set(fault="stall", after=3)
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo", **PATIENT}
    async with contextlib.AsyncExitStack() as around:
        looking = await around.enter_async_context(await psycopg.AsyncConnection.connect(url, autocommit=True))
        running = around.enter_context(web_process(DATABASE_URL=f"{url}?application_name={CALLED}", **knobs))
        for _ in range(STREAMS):
            client, _ = await around.enter_async_context(opened(running.address, widget.key))
            await client.say(QUESTION)
        await all_hang(model)
        looks = [await held(looking) for _ in range(LOOKS)]
        assert model.app.open_streams >= STREAMS  # what a test before left may be tried again just now
    assert 0 < max(connections for connections, _ in looks) <= POOL
    assert [idle for _, idle in looks if idle] == []


async def all_hang(model):
    """Returns once so many streams are open."""
    for _ in range(600):
        if model.app.open_streams >= STREAMS:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{model.app.open_streams} streams are open")


async def held(looking):
    """The web process's connections, and those idle within a transaction for over a second, as of in a moment."""
    await asyncio.sleep(0.1)
    return await (await looking.execute(HELD, [CALLED])).fetchone()
