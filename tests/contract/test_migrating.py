"""The next release's migrations run while this one serves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import modify_settings

from assistant.events.threads import in_thread
from tests.contract.client import opened
from tests.contract.server import environment

QUESTION = "How do I reset the blue kettle?"
WAITING = "SELECT count(*) FROM pg_locks WHERE relation = 'assistant_message'::regclass AND NOT granted"
TIMES = 3


@pytest.fixture
def next_release(server: object) -> Iterator[None]:
    with modify_settings(INSTALLED_APPS={"append": "tests.contract.next_release"}):
        yield
        migrate("zero")


def migrate(to: str = "0001") -> None:
    call_command("migrate", "next_release", to, verbosity=0)


def columns() -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, "assistant_message")}


@contextlib.asynccontextmanager
async def somebody_reads() -> AsyncIterator["psycopg.AsyncConnection[tuple[object, ...]]"]:
    """The table is held as by a backup, for the length of the block; yields a connection for looking on."""
    url = environment()["DATABASE_URL"]
    async with (
        await psycopg.AsyncConnection.connect(url, autocommit=True) as looking,
        await psycopg.AsyncConnection.connect(url) as reading,
    ):
        await reading.execute("LOCK TABLE assistant_message IN ACCESS SHARE MODE")
        yield looking


async def until_it_waits(looking: "psycopg.AsyncConnection[tuple[object, ...]]") -> None:
    for _ in range(6_000):
        if await (await looking.execute(WAITING)).fetchone() != (0,):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the migration never waited for the table")


async def test_a_migration_lets_writers_pass_until_its_table_is_free(server, widget, next_release):
    async with opened(server.address, widget.key) as (client, _):
        async with somebody_reads() as looking:
            migrating = asyncio.create_task(in_thread(migrate))
            for _ in range(TIMES):
                await until_it_waits(looking)
                assert (await client.say(QUESTION))["type"] == "message.created"
            assert not migrating.done()
        await migrating
        assert "next_release" in await in_thread(columns)
        asked = await client.say(QUESTION)
        assert await client.answer(asked["message"]["turn"])
