"""Start and end of a web process: background work begins with it, and customers are told before it goes.

The server closes its sockets as soon as it hears SIGTERM, before the lifespan's shutdown; so the
signal comes here first.
"""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog

from assistant.answering.warming import warm
from assistant.events.background import in_background
from assistant.realtime.sockets import sockets

log = structlog.get_logger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
# So many new objects until the youngest are looked through, then so many times that until older ones are, and so many
# times all that until all are. A turn's live for seconds: with Python's own (700, 10, 10) they made the collector look
# through all open chats every few seconds, for .2 s each time.
COLLECTED_AFTER = (10_000, 10, 100)


async def lifespan(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """The ASGI lifespan application."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            sockets.start()
            farewell_first()
            in_background(_settle())
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await sockets.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _settle() -> None:
    """Load what is needed anyhow, and keep the collector off it: looking through it held everybody up for 0.3 s."""
    await warm()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def farewell_first() -> None:
    """Say goodbye at the first signal, and pass it on to the server afterwards; a second one at once."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        server_handler = signal.getsignal(number)
        if callable(server_handler):
            with contextlib.suppress(ValueError):  # not the main thread: the server gets no signals either
                signal.signal(number, _farewell(loop, server_handler))


def _farewell(loop: asyncio.AbstractEventLoop, server_handler: Callable[[int, Any], Any]) -> Callable[..., None]:
    going = False

    async def leave(number: int, frame: FrameType | None) -> None:
        try:
            await sockets.stop()
        except Exception:
            log.exception("farewell_failed")
        server_handler(number, frame)

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal going
        if going:
            server_handler(number, frame)
            return
        going = True
        loop.call_soon_threadsafe(lambda: loop.create_task(leave(number, frame)))

    return handle
