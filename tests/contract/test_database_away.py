"""The database takes nothing for a while: nothing is claimed to be kept, and nothing that was begun is lost."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator

from django.db import connection

from assistant.events.threads import in_thread
from tests.contract.client import opened

QUESTION = "How do I reset the blue kettle?"
# In which the model writes an answer that cannot be stored.
AWAY_SECONDS = 3.0


def read_only(so: bool) -> None:
    """Every other connection of the database's server, from its next transaction on."""
    setting = "SET default_transaction_read_only = on" if so else "RESET default_transaction_read_only"
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute(f"ALTER SYSTEM {setting}")
        cursor.execute("SELECT pg_reload_conf()")


@contextlib.asynccontextmanager
async def taking_nothing() -> AsyncIterator[None]:
    await in_thread(read_only, True)
    try:
        yield
    finally:
        await in_thread(read_only, False)


async def test_what_cannot_be_kept_is_said_so_and_an_answer_waits_for_the_database(server, widget, model):
    model.set(first=1.0)
    client_id = str(uuid.uuid4())
    async with opened(server.address, widget.key) as (client, _):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.started", turn=turn)
        async with taking_nothing():
            await client.send("message.send", client_id=client_id, text="And after that?")
            assert (await client.until("error"))["code"] == "unavailable"
            await asyncio.sleep(AWAY_SECONDS)
        answer = await client.answer(turn)
        assert answer["seq"] == 2
        again = await client.say("And after that?", client_id)
        assert again["seq"] == 3
        assert await client.answer(again["message"]["turn"])
