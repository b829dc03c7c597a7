"""What one socket has yet to be sent: bounded, in order, with one writer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

LIMIT_BYTES = 256 * 1024
LOW_BYTES = 32 * 1024
STALLED_SECONDS = 30.0

SLOW_READER = 1013

Send = Callable[[Any], Awaitable[None]]


class Outbox:
    """Frames on their way to one client. Past 256 KB the client is a slow reader, and is closed."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.waiting: deque[str] = deque()
        self.waiting_bytes = 0
        self.closing: int | None = None
        self.wake = asyncio.Event()
        self.drained = asyncio.Event()
        self.drained.set()

    def put(self, frame: dict[str, Any]) -> None:
        """Queue a frame; ignored once the socket is closing."""
        if self.closing is not None:
            return
        data = orjson.dumps(frame)
        self.waiting.append(data.decode())
        self.waiting_bytes += len(data)
        if self.waiting_bytes > LIMIT_BYTES:
            self.waiting.clear()
            self.close(SLOW_READER)
        elif self.waiting_bytes > LOW_BYTES:
            self.drained.clear()
        self.wake.set()

    async def room(self) -> bool:
        """Wait until the client has taken most of it. False when it takes nothing, and is closed."""
        try:
            await asyncio.wait_for(self.drained.wait(), STALLED_SECONDS)
        except TimeoutError:
            self.waiting.clear()
            self.close(SLOW_READER)
        return self.closing is None

    def close(self, code: int) -> None:
        """Close after what is queued; the first code counts."""
        if self.closing is None:
            self.closing = code
        self.drained.set()
        self.wake.set()

    def abandon(self) -> None:
        """The client is gone: nothing more goes out, and nobody waits for room."""
        self.waiting.clear()
        self.close(1001)

    async def run(self) -> None:
        """Write until closed, then close."""
        while self.waiting or self.closing is None:
            if not self.waiting:
                self.wake.clear()
                await self.wake.wait()
                continue
            text = self.waiting.popleft()
            await self.send({"type": "websocket.send", "text": text})
            self.waiting_bytes -= len(text.encode())
            if self.waiting_bytes <= LOW_BYTES:
                self.drained.set()
        await self.send({"type": "websocket.close", "code": self.closing})
