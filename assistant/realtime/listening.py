"""A client's frames, one after the other; a ping alone does not wait for long, whatever is being worked on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from assistant.events.catalogue import ClientFrame, Ping, TypingNow
from assistant.realtime.frames import PARSERS, BadFrame, UnknownType, parse

# What a client says meanwhile is left to the kernel past this, a ping too.
MOST_WAITING = 16
LONGEST_PASSING = 100
# Browsers give a connection up after 4 s without a sign.
PONG_SECONDS = 2.0

Event = dict[str, Any]


def passing(event: Event) -> ClientFrame | None:
    """The frame, where it is one that nothing is kept of: a ping, or that somebody types."""
    text = event.get("text")
    if text is None or len(text) > LONGEST_PASSING:
        return None
    with suppress(BadFrame, UnknownType):
        frame = parse(text, PARSERS)
        return frame if isinstance(frame, Ping | TypingNow) else None
    return None


async def listen(
    receive: Callable[[], Awaitable[Event]], take: Callable[[Event], Awaitable[None]], pong: Callable[[], None]
) -> None:
    """Take each frame once the one before it is done with, until the client has left and all are.

    Who waits for a slow database must not believe that the network is dead, and come back on a new connection. That
    somebody types is no news by the time that others were worked on.
    """
    frames: asyncio.Queue[Event | None] = asyncio.Queue(MOST_WAITING)

    async def work() -> None:
        while (event := await frames.get()) is not None:
            await take(event)
            frames.task_done()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work())
        while (event := await receive())["type"] == "websocket.receive":
            frame = passing(event)
            if isinstance(frame, Ping):
                with suppress(TimeoutError):
                    await asyncio.wait_for(frames.join(), PONG_SECONDS)
                pong()
            elif frame is None or frames.empty():
                await frames.put(event)
        await frames.put(None)
