"""A chat client that knows the protocol from docs/contract.md alone."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Frame = dict[str, Any]
PATIENCE_SECONDS = 30


class Client:
    """One connection: everything it got, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.received: list[Frame] = []

    async def send(self, type: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type, **fields}))

    async def any(self, patience: float = PATIENCE_SECONDS) -> Frame:
        """The next frame, within so many seconds."""
        frame: Frame = json.loads(await asyncio.wait_for(self.socket.recv(), patience))
        self.received.append(frame)
        return frame

    async def next(self) -> Frame:
        """The next frame, heads apart."""
        while True:
            frame = await self.any()
            if frame["type"] != "head":
                return frame

    async def until(self, type: str, **fields: Any) -> Frame:
        """The next frame of the type whose fields are as given."""
        while True:
            frame = await self.next()
            if frame["type"] == type and all(_at(frame, name) == value for name, value in fields.items()):
                return frame

    async def hello(self, widget: str, **fields: Any) -> Frame:
        """Say hello; the answer, a refusal too."""
        defaults = {"session": None, "conversation": None, "after": 0, "identity": None, "locale": "en"}
        await self.send("hello", widget=widget, **{**defaults, **fields})
        return await self.next()

    async def say(self, text: str, client_id: str | None = None) -> Frame:
        """Send a message; its stored event."""
        client_id = client_id or str(uuid.uuid4())
        await self.send("message.send", client_id=client_id, text=text)
        return await self.until("message.created", message__client_id=client_id)

    async def answer(self, turn: str) -> Frame:
        """The assistant's message of a turn."""
        return await self.until("message.created", message__turn=turn, message__role="assistant")

    async def closed(self) -> int:
        """Read on until the server closes; its code."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.next()
        return self.socket.close_code or 0

    @property
    def durable(self) -> list[Frame]:
        return [frame for frame in self.received if "seq" in frame and frame["type"] not in ("welcome", "head")]

    def of(self, type: str) -> list[Frame]:
        return [frame for frame in self.received if frame["type"] == type]


def _at(frame: Frame, name: str) -> Any:
    value: Any = frame
    for part in name.split("__"):
        value = value[part]
    return value


@contextlib.asynccontextmanager
async def connected(address: str, origin: str | None = None, **options: Any) -> AsyncIterator[Client]:
    """A connection that has not said hello."""
    async with connect(address, origin=origin, max_size=None, **options) as socket:  # type: ignore[arg-type]
        yield Client(socket)


@contextlib.asynccontextmanager
async def opened(address: str, widget: str, **fields: Any) -> AsyncIterator[tuple[Client, Frame]]:
    """A connection past its hello, and its welcome."""
    async with connected(address) as client:
        welcome = await client.hello(widget, **fields)
        assert welcome["type"] == "welcome", welcome
        yield client, welcome
