"""The open sockets of this process, and what all of them need: heads, lost rings, going down."""

import asyncio
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from django.db import Error as DatabaseError

from assistant.answering import dispatch, sweeping
from assistant.conversations.presence import mark_customers
from assistant.conversations.selectors import Standing, agents_available, ended_sessions, standings
from assistant.events.background import in_background
from assistant.events.catalogue import Envelope
from assistant.events.doorbell import QUEUE_GROUP, hub, say_that_we_are_here
from assistant.events.others import others
from assistant.events.receiver import Receiver
from assistant.events.threads import in_thread

log = structlog.get_logger(__name__)

PULSE_SECONDS = 12.0
PULSE_PAGE = 500
# Then sockets are told where they stand as far as they know: a head is due every 20 s, database or not.
PULSE_READ_SECONDS = 4.0
SWEEP_SECONDS = 5.0
# The process before this one may have been killed, and its customers wait.
FIRST_SWEEP_SECONDS = 2.0
# Several conversations that join or leave the queue at once move it once.
QUEUE_PAUSE_SECONDS = 0.2
# Reconnects after a restart: spread over as long as many clients need. A few wait too: the restart takes seconds, and
# other processes, which hold a few each, may restart along with this one.
SPREAD_SECONDS_EACH = 0.1
SHORTEST_SPREAD_SECONDS, LONGEST_SPREAD_SECONDS = 10.0, 17.0


def spread_seconds(connections: int) -> float:
    """Over how long the clients of so many connections come back."""
    return min(LONGEST_SPREAD_SECONDS, max(SHORTEST_SPREAD_SECONDS, SPREAD_SECONDS_EACH * connections))


@dataclass(frozen=True)
class Pulse:
    """What the database says of a socket's conversation. `theirs` is False once the session may no more see it."""

    seq: int
    theirs: bool
    position: int | None
    agents_available: bool | None


class OpenSocket(Protocol):
    """A socket past its hello, as the pulse sees it."""

    @property
    def conversation_id(self) -> uuid.UUID: ...
    @property
    def customer_id(self) -> uuid.UUID: ...
    @property
    def session_id(self) -> int: ...

    @property
    def waits(self) -> bool: ...

    def on_pulse(self, pulse: Pulse | None) -> None: ...
    def on_lost_rings(self) -> None: ...
    def on_going_away(self, delay_ms: int) -> None: ...


class Sockets:
    """Runs on the serving loop; starts with the server, or with the first socket."""

    def __init__(self) -> None:
        self.open: set[OpenSocket] = set()
        self.receiver = Receiver(self._lost_rings)
        self.tasks: list[asyncio.Task[None]] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.queue_moved = asyncio.Event()

    def start(self) -> None:
        """Begin to serve on the running loop; a second call changes nothing."""
        loop = asyncio.get_running_loop()
        if self.loop is loop:
            return
        self.loop = loop
        self.receiver = Receiver(self._lost_rings)
        self.queue_moved = asyncio.Event()
        hub.listen(QUEUE_GROUP, self._hear_queue)
        dispatch.slots.open()
        self.tasks = [
            loop.create_task(self.receiver.run()),
            loop.create_task(_every(PULSE_SECONDS, self.pulse)),
            loop.create_task(_every(PULSE_SECONDS, self._say_that_we_are_here)),
            loop.create_task(_every(0.0, self._show_queue)),
            loop.create_task(_every(SWEEP_SECONDS, sweeping.sweep, FIRST_SWEEP_SECONDS)),
        ]

    async def stop(self) -> None:
        """Tell every client to come back in a while, and hand the running turns to the workers."""
        spread = spread_seconds(len(self.open))
        for socket in tuple(self.open):
            socket.on_going_away(int(random.uniform(0, spread) * 1000))  # noqa: S311
        await dispatch.slots.close()
        for task in self.tasks:
            task.cancel()
        others.deafen()
        await self.receiver.leave()

    async def pulse(self) -> None:
        """Tell every socket where its conversation stands, and others who is there."""
        sockets = tuple(self.open)
        in_background(in_thread(mark_customers, [socket.conversation_id for socket in sockets]))
        await self._pulse_all(sockets)

    async def _pulse_all(self, sockets: Sequence[OpenSocket]) -> None:
        pages = [sockets[start : start + PULSE_PAGE] for start in range(0, len(sockets), PULSE_PAGE)]
        await asyncio.gather(*map(self._pulse_page, pages))

    async def _pulse_page(self, sockets: Sequence[OpenSocket]) -> None:
        try:
            async with asyncio.timeout(PULSE_READ_SECONDS):
                known = await in_thread(standings, [socket.conversation_id for socket in sockets])
                ended = await in_thread(ended_sessions, [socket.session_id for socket in sockets])
                there = await in_thread(agents_available)
        except (DatabaseError, TimeoutError) as error:
            log.warning("pulse_reads_nothing", error=repr(error))
            for socket in sockets:
                socket.on_pulse(None)
            return
        for socket in sockets:
            stands = known.get(socket.conversation_id) or Standing(0, socket.customer_id, None)
            theirs = socket.session_id not in ended and stands.customer_id == socket.customer_id
            socket.on_pulse(Pulse(stands.seq, theirs, stands.position, there))

    async def _say_that_we_are_here(self) -> None:
        await self.receiver.renew()
        await say_that_we_are_here()

    def _hear_queue(self, envelope: Envelope) -> None:
        self.queue_moved.set()

    async def _show_queue(self) -> None:
        """Tell those who wait their place as soon as the queue has moved."""
        await self.queue_moved.wait()
        await asyncio.sleep(QUEUE_PAUSE_SECONDS)
        self.queue_moved.clear()
        await self._pulse_all([socket for socket in self.open if socket.waits])

    def _lost_rings(self) -> None:
        for socket in tuple(self.open):
            socket.on_lost_rings()


async def _every(seconds: float, work: Any, first: float | None = None) -> None:
    """Do the work again and again, whatever becomes of it; jittered, so that processes do not march in step."""
    pause = seconds if first is None else first
    while True:
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
        pause = seconds
        try:
            await work()
        except DatabaseError as error:
            log.warning("background_work_waits", error=repr(error))
        except Exception:
            log.exception("background_work_failed")


sockets = Sockets()
