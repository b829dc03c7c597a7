"""Frames as fuzzers make them, at a running server: each is answered or refused, and no connection ends by a fault."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from assistant.realtime.frames import PARSERS
from tests.contract.client import Client, connected, opened
from tests.contract.conftest import publish_articles
from tests.contract.server import WebProcess, web_process
from tests.knowledge.sources.crafted import mutated
from tests.model_server.running import RunningModelServer

# No text, text that is none, too large, no such widget; or cut off behind one of these, with frames unread.
ALLOWED_CLOSES = {1003, 1007, 1009, 4404, 1006}
# Fewer than the refusals that close a connection.
AT_ONCE = 9
FRAMES = 90
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, 2**63, -(10**400), "", " ", "\x00", "\ud800", "\u202e", "x", "1", "y" * 9_000,
    [], {}, [[[]]], {"__proto__": {"x": 1}}, "' OR 1=1 --", "../../etc/passwd", "{{7*7}}", "\x1b[2J",
    str(uuid.UUID(int=0)),
)  # fmt: skip
RAW = ("1e400", "NaN", "-Infinity", "[" * 9_000, "\ufeff{}", '{"type":"ping","type":"read"}', '{"a":' * 900 + "1")
FIELDS: dict[str, Any] = {
    "client_id": str(uuid.UUID(int=7)), "text": "How do I reset the blue kettle?", "widget": "w", "session": None,
    "conversation": None, "after": 0, "identity": "a.b.c", "locale": "en", "reason": "r", "email": "a@b.example",
    "page": "/p", "message": str(uuid.UUID(int=8)), "rating": 1, "comment": "c", "turn": str(uuid.UUID(int=9)),
    "seq": 1,
}  # fmt: skip
SOUND = [json.dumps({"type": kind, **FIELDS}).encode() for kind in PARSERS]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutated") / "web.log"


@pytest.fixture(scope="module")
def server(database: None, running_model_server: RunningModelServer, log: Path) -> Iterator[WebProcess]:
    """One whose log is read."""
    publish_articles()
    model = {"OPENAI_BASE_URL": running_model_server.base_url, "LLM_MODEL": "echo"}
    with log.open("wb") as errors, web_process(errors, **model) as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """20,000 frames with --whole, else a twentieth of them."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(223 if metafunc.config.getoption("whole") else 11))


def frame(random: Random) -> str | bytes:
    """Text, or the bytes of a text frame or of a binary one."""
    how = random.random()
    if how < 0.4:
        kind = random.choice([*PARSERS, "dance", random.choice(VALUES)])
        fields = {**FIELDS, "client_id": str(uuid.UUID(int=random.getrandbits(128)))}
        for _ in range(random.randint(0, 2)):
            fields[random.choice([*FIELDS, "type", "turn2"])] = random.choice(VALUES)
        return json.dumps({"type": kind, **fields})
    if how < 0.45:
        return random.choice(RAW)
    changed = mutated(SOUND, random)
    return changed if how < 0.5 else changed.decode(errors="replace")


async def throw(socket: ClientConnection, random: Random) -> None:
    for _ in range(AT_ONCE):
        made = frame(random)
        if isinstance(made, str):
            await socket.send(made.encode(errors="replace"), text=True)
        else:
            await socket.send(made, text=random.random() < 0.5)


async def refused_at_last(client: Client) -> None:
    """Read on until a frame of our own is refused, with or without a hello: all before it were read."""
    last = str(uuid.uuid4())
    await client.send("message.send", client_id=last, text="z" * 8_001)
    while (await client.next()).get("client_id") != last:
        pass


async def test_a_mutated_frame_is_answered_or_refused(server, widget, log, seed):
    random = Random(seed)
    for number in range(FRAMES // AT_ONCE):
        async with contextlib.AsyncExitStack() as connection:
            if number % 5:
                client, _ = await connection.enter_async_context(opened(server.address, widget.key))
            else:
                client = await connection.enter_async_context(connected(server.address))
            with contextlib.suppress(ConnectionClosed):
                await throw(client.socket, random)
                await refused_at_last(client)
        assert client.socket.close_code in {1000, *ALLOWED_CLOSES}
    async with opened(server.address, widget.key) as (client, _):
        await client.send("ping")
        assert (await client.next())["type"] == "pong"
    assert "Traceback" not in log.read_text()
