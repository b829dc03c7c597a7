"""Where a turn runs: at once in the web process that has a free slot, else with the workers.

Whoever waits in the queue is told so after SLOW_NOTICE_SECONDS, whether or not there is a worker.
"""

import asyncio
import os
import socket
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from assistant.answering import queue, runner, turns
from assistant.answering.attempts import Leave
from assistant.events.background import in_background
from assistant.events.catalogue import AnswerStatus
from assistant.events.doorbell import conversation_group, hub
from assistant.events.publish import progress
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
        self.pausing: dict[str, asyncio.TimerHandle] = {}

    def open(self) -> None:
        """This process serves from now on, on the running loop."""
        self.loop = asyncio.get_running_loop()

    def begin(self, turn_id: str) -> None:
        """Run the turn here, or queue it when every slot is taken; on the serving loop."""
        if self.loop is None or len(self.tasks) >= settings.INLINE_TURNS:
            in_background(_queue_quietly(turn_id))
            return
        self._task(runner.run(turn_id, owner_name(), served=True))

    def begin_joined(self, turn_id: str) -> None:
        """Begin once no more messages join for BURST_PAUSE_SECONDS: a burst starts one generation, not each of them."""
        if earlier := self.pausing.pop(turn_id, None):
            earlier.cancel()
        loop = asyncio.get_running_loop()
        self.pausing[turn_id] = loop.call_later(settings.BURST_PAUSE_SECONDS, self._begin_paused, turn_id)

    def _begin_paused(self, turn_id: str) -> None:
        self.pausing.pop(turn_id).cancel()
        self.begin(turn_id)

    async def close(self) -> None:
        """Hand what runs here to the workers, at once; whatever starts from now on goes there too."""
        self.loop = None
        for turn_id in tuple(self.pausing):
            self._begin_paused(turn_id)
        for attempt in tuple(runner.running.values()):
            attempt.leave(Leave.SHUTDOWN)
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


def start(turn_id: uuid.UUID | str, *, joined: bool = False) -> None:
    """Start a queued turn, from any thread, without waiting for anything.

    `joined`: a message joined a turn that was there, and others may be on their way.
    """
    loop = slots.loop
    if loop is None or loop.is_closed():
        queue_turn(str(turn_id))
        return
    loop.call_soon_threadsafe(slots.begin_joined if joined else slots.begin, str(turn_id))


def queue_turn(turn_id: str) -> None:
    """Hand the turn to the workers; uses the database, so never on an event loop."""
    turns.promise(turn_id)
    queue.send(turn_id)


async def sweep() -> int:
    """Start what nobody works on, from a web process: a missing worker or beat is survived."""
    await say_what_is_late()
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


async def say_what_is_late(turn_id: str | None = None) -> None:
    """Tell those whose turn waits in the queue, this one or any, that it takes longer than usual.

    Each process tells those who are connected to it, again and again: one that comes back has forgotten it.
    """
    waiting = await in_thread(turns.late_in_the_queue, turn_id)
    here = [late for late in waiting if hub.count(conversation_group(late.conversation_id))]
    await in_thread(turns.mark_late, *(late.turn_id for late in here))
    for late in here:
        frame = AnswerStatus(str(late.turn_id), "delayed")
        progress(late.conversation_id, frame, attempt=late.attempt, elsewhere=False)


async def _queue_quietly(turn_id: str) -> None:
    try:
        await in_thread(queue_turn, turn_id)
        await asyncio.sleep(settings.SLOW_NOTICE_SECONDS)
        await say_what_is_late(turn_id)
    except DatabaseError as error:  # the sweep finds it, and says it
        log.info("turn_left_to_the_sweep", turn=turn_id, error=repr(error))
