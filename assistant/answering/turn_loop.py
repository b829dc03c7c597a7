"""The one event loop of a worker process: its turns run on it side by side, while the task of each waits in a thread.

So a task is acknowledged when its own turn has ended here, and a turn that fails, fails alone. Celery has no limits for
threads: a turn that does not end is cancelled by this, and a loop that stands still by the watchdog, with its process.
Whatever else hangs in a thread ends the process too (project/time_limits.py).
"""

import asyncio
import threading
import time

import structlog
from django.conf import settings

from assistant.answering import dispatch, runner
from assistant.answering.attempts import Leave
from assistant.answering.owners import owner_name

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
STANDS_STILL_SECONDS = 10.0
# Going down, an answer that a model has begun may be finished for so long: anew it would be paid for again.
DRAIN_SECONDS = 6.0
DRAIN_LOOK_SECONDS = 0.1


class TurnLoop:
    """Runs turns for threads that wait for them; its own thread starts at first use, so after any fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ticked = 0.0
        self.draining = False

    def run(self, turn_id: str) -> None:
        """Bring the turn to its outcome, or leave it to whoever has a newer attempt; returns when it has ended here.

        Raises TimeoutError at TURN_SOFT_LIMIT_SECONDS, or TURN_HARD_LIMIT_SECONDS where the turn takes no notice.
        """
        asyncio.run_coroutine_threadsafe(_bounded(turn_id), self._started()).result(settings.TURN_HARD_LIMIT_SECONDS)

    def responds(self) -> bool:
        """False when something that runs on the loop has not let go of it for STANDS_STILL_SECONDS."""
        return self._loop is None or time.monotonic() - self._ticked < STANDS_STILL_SECONDS

    def drain(self) -> None:
        """End what runs, for a process that goes down: begun answers within DRAIN_SECONDS, all others at once.

        What is not finished goes back to the queue without a failure. Never waits, so a signal's handler may call it.
        """
        self.draining = True
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(leave_all(DRAIN_SECONDS), self._loop)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._ticked = time.monotonic()
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="turns", daemon=True).start()
                asyncio.run_coroutine_threadsafe(self._tick(), self._loop)
            return self._loop

    async def _tick(self) -> None:
        while True:
            self._ticked = time.monotonic()
            await asyncio.sleep(TICK_SECONDS)


turn_loop = TurnLoop()


async def leave_all(patience_seconds: float) -> None:
    """Leave every attempt of this process that no model was heard in; after so many seconds, every one.

    Looks again and again, for ever: one may begin while others end.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + patience_seconds
    while True:
        for attempt in tuple(runner.running.values()):
            if attempt.heard_at is None or clock() >= end:
                attempt.leave(Leave.SHUTDOWN)
        await asyncio.sleep(DRAIN_LOOK_SECONDS)


async def _bounded(turn_id: str) -> None:
    try:
        async with asyncio.timeout(settings.TURN_SOFT_LIMIT_SECONDS):
            await runner.run(turn_id, owner_name())
    finally:
        dispatch.slots.begin_waiting()
