"""Where a turn runs: at once in the web process that has a free slot, else with the workers."""

import asyncio
import os
import socket
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from assistant.answering import queue, runner, turns
from assistant.events.threads import in_thread

log = structlog.get_logger(__name__)

SHUTDOWN_SECONDS = 3.0


def owner_name() -> str:
    """This process, as turns name their owner."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Slots:
    """The turns that this process may run at once, while it serves."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """This process serves from now on, on the running loop."""
        self.loop = asyncio.get_running_loop()

    def begin(self, turn_id: str) -> None:
        """Run the turn here, or queue it when every slot is taken; on the serving loop."""
        if self.loop is None or len(self.tasks) >= settings.INLINE_TURNS:
            _queue(turn_id)
            return
        self._task(runner.run(turn_id, owner_name(), served=True))

    async def close(self) -> None:
        """Hand what runs here to the workers, at once; whatever starts from now on goes there too."""
        self.loop = None
        for attempt in tuple(runner.running.values()):
            attempt.leave(runner.Leave.SHUTDOWN)
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=SHUTDOWN_SECONDS)

    def _task(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("turn_crashed", exc_info=task.exception())


slots = Slots()


def start(turn_id: uuid.UUID | str) -> None:
    """Start a queued turn, from any thread, without waiting for anything."""
    loop = slots.loop
    if loop is None or loop.is_closed():
        queue_turn(str(turn_id))
        return
    loop.call_soon_threadsafe(slots.begin, str(turn_id))


def queue_turn(turn_id: str) -> None:
    """Hand the turn to the workers; uses the database, so never on an event loop."""
    turns.promise(turn_id)
    queue.send(turn_id)


async def sweep() -> int:
    """Start what nobody works on, from a web process: a missing worker or beat is survived."""
    found = await in_thread(turns.ownerless)
    for turn_id in found:
        slots.begin(str(turn_id))
    return len(found)


def rescue() -> int:
    """Queue what nobody works on, from a worker."""
    found = turns.ownerless()
    for turn_id in found:
        queue_turn(str(turn_id))
    return len(found)


def _queue(turn_id: str) -> None:
    task = asyncio.ensure_future(_queue_quietly(turn_id))
    _queueing.add(task)
    task.add_done_callback(_queueing.discard)


_queueing: set["asyncio.Future[None]"] = set()


async def _queue_quietly(turn_id: str) -> None:
    try:
        await in_thread(queue_turn, turn_id)
    except DatabaseError as error:  # the sweep finds it
        log.info("turn_not_promised", turn=turn_id, error=repr(error))
