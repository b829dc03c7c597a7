"""Ends a worker of threads in which a task has run beyond its time limit: Celery can end no thread.

What the process leaves is taken up as from one that was killed: turns by a sweep, at most three attempts each; what
repeats comes again by itself.
"""

import os
import signal
import threading
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from celery.concurrency.thread import TaskPool
from celery.worker.state import active_requests

from assistant.answering.turn_loop import DRAIN_SECONDS

LOOK_EVERY_SECONDS = 10.0
# A limit that is meant for a child of its own is too short where all turns of the process end with the task.
LEAST_LIMIT_SECONDS = 120.0
# For turns to end or be given back, as at any stop; the thread that hangs would keep the process for ever.
GRACE_SECONDS = DRAIN_SECONDS + 2
log = structlog.get_logger(__name__)


class Running:
    """How long each task has run, in looks: while the process itself stands still, nothing is held against a task."""

    def __init__(self) -> None:
        self._looks: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def overdue(self, requests: Iterable[Any]) -> list[str]:
        """Another look: the names of the tasks that are beyond their hard limit."""
        found = []
        for request in requests:
            self._looks[request] = looks = self._looks.get(request, 0) + 1
            limit = max(request.time_limits[0] or request.task.time_limit, LEAST_LIMIT_SECONDS)
            if (looks - 1) * LOOK_EVERY_SECONDS > limit:
                found.append(str(request.name))
        return found


def watch(consumer: Any) -> None:
    """In a worker's main process: look at its tasks from now on, where they are threads."""
    if isinstance(consumer.pool, TaskPool):
        consumer.timer.call_repeatedly(LOOK_EVERY_SECONDS, _look, (Running(),))


def _look(running: Running) -> None:
    try:
        hanging = running.overdue(tuple(active_requests))
    except RuntimeError:  # a thread took a task just then
        return
    if hanging:
        log.error("tasks hang and their worker ends", tasks=hanging)
        _end()


def _end() -> None:
    ending = threading.Timer(GRACE_SECONDS, os._exit, (1,))
    ending.daemon = True
    ending.start()
    os.kill(os.getpid(), signal.SIGTERM)
