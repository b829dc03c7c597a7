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
    """Frames on their way to one client. One that lets 256 KB of them wait, or takes nothing, is a slow reader."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.waiting: deque[str] = deque()
        self.waiting_bytes = 0
        self.held_bytes = 0
        self.sent = 0
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
        if self.waiting_bytes > LOW_BYTES:
            self.drained.clear()
        self._check_limit()
        self.wake.set()

    def hold(self, frame: dict[str, Any]) -> None:
        """Count a frame that is read back once the client has taken what comes before it.

        It needs no memory here, and still is what this client has yet to be sent.
        """
        if not self.drained.is_set():
            self.held_bytes += len(orjson.dumps(frame))
            self._check_limit()

    async def room(self) -> bool:
        """Wait until the client has taken most of it, at its own pace. False when it takes nothing, and is closed."""
        while not self.drained.is_set():
            sent = self.sent
            try:
                await asyncio.wait_for(self.drained.wait(), STALLED_SECONDS)
            except TimeoutError:
                if self.sent == sent:
                    self._give_up()
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
            self.sent += 1
            self.waiting_bytes -= len(text.encode())
            if self.waiting_bytes <= LOW_BYTES:
                self.held_bytes = 0
                self.drained.set()
        await self.send({"type": "websocket.close", "code": self.closing})

    def _check_limit(self) -> None:
        if self.waiting_bytes + self.held_bytes > LIMIT_BYTES:
            self._give_up()

    def _give_up(self) -> None:
        """Forget what waits: the client reads it again when it resumes."""
        self.waiting.clear()
        self.close(SLOW_READER)
