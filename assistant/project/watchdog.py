"""Restarts a worker that runs and consumes nothing, as some do after a broken connection to the broker."""

import contextlib
import os
import signal
import threading
import time

import psutil
import structlog
from django.conf import settings

from assistant.project import heartbeats, supervision

LOOK_EVERY_SECONDS = 5.0
MOVED_SECONDS = 10.0
STALLED_AFTER_SECONDS = {
    "answers": settings.WORKER_STALLED_SECONDS,
    "ingestion": settings.WORKER_STALLED_SECONDS,
    "housekeeping": 360.0,  # its tasks run in the very process that would vouch for them
}
# Before a silent queue is judged it gets a canary from here too: the clock that sends them may be the one that hangs.
DOUBT_AFTER_SECONDS = settings.WORKER_STALLED_SECONDS / 2
log = structlog.get_logger(__name__)


class Watch:
    """How long each queue has been silent without an excuse; times are seconds since the epoch. No input or output."""

    def __init__(self, now: float) -> None:
        self._heard = dict.fromkeys(STALLED_AFTER_SECONDS, now)
        self._known = dict.fromkeys(STALLED_AFTER_SECONDS, False)
        self._clock: float | None = None

    def excuse(self, now: float) -> None:
        """The broker is away: no worker can be heard."""
        for queue in self._heard:
            self._heard[queue] = now

    def see_clock(self, now: float, monotonic: float) -> None:
        """Excuse everybody once the clock was put forward or back, or the machine slept, since the last call."""
        moved = 0.0 if self._clock is None else now - monotonic - self._clock
        self._clock = now - monotonic
        if abs(moved) > MOVED_SECONDS:
            self.excuse(now)

    def hear(self, queue: str, now: float, age_seconds: float | None, started: float) -> float:
        """Take in a sign of life and when the worker started; the seconds of silence since.

        A sign that vanished means a broker that came back empty, which is no worker's fault.
        """
        if age_seconds is not None:
            self._heard[queue] = max(self._heard[queue], now - age_seconds)
        elif self._known[queue]:
            self._heard[queue] = now
        self._known[queue] = age_seconds is not None
        if started <= now:  # else the clock was put back since
            self._heard[queue] = max(self._heard[queue], started)
        return now - self._heard[queue]


def start() -> None:
    """Watch from a thread of this process, for as long as it runs."""
    threading.Thread(target=_run, name="watchdog", daemon=True).start()


def _run() -> None:
    watch = Watch(time.time())
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        try:
            look(watch)
        except Exception as error:  # the broker is away, in one of its clients' many ways to say so
            log.debug("workers cannot be heard", error=str(error))
            watch.excuse(time.time())


def look(watch: Watch) -> None:
    """Doubt the silent, kill the stalled; the supervisor starts them anew. Raises when the broker is away."""
    watch.see_clock(time.time(), time.monotonic())
    ages = heartbeats.ages_seconds()
    for queue, limit in STALLED_AFTER_SECONDS.items():
        silence = watch.hear(queue, time.time(), ages[queue], started(queue))
        if silence > limit:
            log.warning("worker consumes nothing and is restarted", queue=queue, silent_seconds=round(silence))
            kill(queue)
        elif silence > DOUBT_AFTER_SECONDS:
            heartbeats.send_canary(queue)


def started(queue: str) -> float:
    """When the queue's worker wrote its process id; 0 when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return supervision.pid_file(queue).stat().st_mtime
    return 0.0


def kill(queue: str) -> None:
    """End the queue's worker with its children, however stuck they are."""
    with contextlib.suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess, ProcessLookupError):
        worker = psutil.Process(int(supervision.pid_file(queue).read_text()))
        if queue in (worker.name(), *worker.cmdline()[-1:]):  # no stranger who got its number
            os.killpg(worker.pid, signal.SIGKILL)
