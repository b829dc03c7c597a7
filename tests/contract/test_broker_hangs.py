"""The broker takes connections and answers nothing: messages are kept all the same, and limits hold."""

import asyncio
import contextlib
import subprocess
import uuid

import psutil
import redis

from assistant.events.threads import in_thread
from assistant.models import Message
from assistant.project.embedded import valkey
from tests.cast import make_widget
from tests.contract.client import opened
from tests.contract.server import web_process
from tests.product import eventually, free_port

# Of a visitor's messages in a minute.
LIMIT = 3
# For all of them: each waits for the broker a quarter of a second at most.
PATIENCE_SECONDS = 60


@contextlib.contextmanager
def own_valkey():
    """A Valkey that nobody else uses: its address and its process."""
    port = free_port()
    url = f"redis://:secret@127.0.0.1:{port}/0"
    with subprocess.Popen([str(valkey.binary()), "-"], stdin=subprocess.PIPE) as process:
        process.stdin.write(valkey.configuration(port, "secret").encode())
        process.stdin.close()
        try:
            eventually(lambda: answers(url), "Valkey answers")
            yield url, psutil.Process(process.pid)
        finally:
            process.kill()


def answers(url):
    with contextlib.suppress(redis.ConnectionError):
        return redis.Redis.from_url(url).ping()


@contextlib.contextmanager
def hanging(process):
    process.suspend()
    try:
        yield
    finally:
        process.resume()


async def test_while_the_broker_hangs_messages_are_kept_and_limits_hold(database):
    widget = await in_thread(make_widget)
    with own_valkey() as (url, broker), web_process(REDIS_URL=url, CACHE_URL=url, RATE_LIMIT_VISITOR=str(LIMIT)) as web:
        async with opened(web.address, widget.key) as (client, welcome):
            said = [await client.say("hello")]  # counted there
            with hanging(broker):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    said += [await client.say(f"hello {number}") for number in range(LIMIT)]  # and these here
                    await client.send("message.send", client_id=str(uuid.uuid4()), text="one too many")
                    refused = await client.until("error")
    assert refused["code"] == "rate_limited"
    assert refused["retry_after"] >= 1
    kept = Message.objects.filter(conversation=welcome["conversation"], role="customer").order_by("created_at")
    texts = await in_thread(lambda: list(kept.values_list("text", flat=True)))
    assert texts == [frame["message"]["text"] for frame in said]
