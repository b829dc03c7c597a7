"""Customers who leave in the middle: what they asked is answered, and nothing is held for them any more."""

import asyncio

import psutil
import pytest
from django.db import connection

from assistant.events.threads import in_thread
from assistant.models import Turn
from tests.contract.client import connected, opened

AT_ONCE = 30
QUESTION = "How do I reset the blue kettle?"
HELD = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'
"""


@pytest.mark.timeout(1200)
async def test_who_leaves_in_mid_answer_leaves_nothing_behind(server, widget, model, whole):
    """510 customers with --whole, and 5,000 who only come and go; else 30 of each."""
    model.set(token=0.05)
    for _ in range(17 if whole else 1):
        turns = await asyncio.gather(*(ask_and_leave(server, widget, abruptly=number % 2) for number in range(AT_ONCE)))
        await until(lambda turns=turns: in_thread(ended, turns), "every answer is there")
    for _ in range(167 if whole else 1):
        await asyncio.gather(*(come_and_go(server, widget) for _ in range(AT_ONCE)))
    await until(lambda: in_thread(nothing_held, server, model), "nothing is held")
    async with opened(server.address, widget.key) as (client, _):
        await client.answer((await client.say(QUESTION))["message"]["turn"])


async def come_and_go(server, widget):
    """Leave without a word, in the middle of what the hello began."""
    async with connected(server.address) as client:
        await client.send("hello", widget=widget.key, session=None, conversation=None, after=0)
        client.socket.transport.abort()


async def ask_and_leave(server, widget, abruptly):
    """Leave at the first words, with a goodbye or without; the turn."""
    async with opened(server.address, widget.key) as (client, _):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.delta", turn=turn)
        if abruptly:
            client.socket.transport.abort()
    return turn


def ended(turns):
    return Turn.objects.filter(pk__in=turns, status="done").count() == len(turns)


def nothing_held(server, model):
    """No stream of a model, no customer's connection, no transaction."""
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        (transactions,) = cursor.fetchone()
    sockets = psutil.Process(server.process.pid).net_connections("tcp")
    customers = [one for one in sockets if one.laddr.port == server.port and one.status == psutil.CONN_ESTABLISHED]
    return (transactions, len(customers), model.app.open_streams) == (0, 0, 0)


async def until(look, what):
    for _ in range(300):
        if await look():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never happened: {what}")
