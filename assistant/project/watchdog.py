"""Restarts a worker that runs and consumes nothing, as some do after a broken connection, and a beat that stands still.

It reaches what shares DATA_DIR and machine. What hangs in another container is left to whoever supervises that one.
"""

import contextlib
import os
import signal
import threading
import time

import psutil
import structlog
from django.conf import settings

from assistant.project import heartbeats, signs, supervision

LOOK_EVERY_SECONDS = 5.0
MOVED_SECONDS = 10.0
STALLED_AFTER_SECONDS = {
    "answers": settings.WORKER_STALLED_SECONDS,
    "ingestion": settings.WORKER_STALLED_SECONDS,
    "housekeeping": 360.0,  # its tasks run in the very process that would vouch for them
    signs.BEAT: settings.WORKER_STALLED_SECONDS,  # it ticks every 5 s
}
# Before a silent queue is judged it gets a canary from here too: the clock that sends them may be the one that hangs.
DOUBT_AFTER_SECONDS = settings.WORKER_STALLED_SECONDS / 2
log = structlog.get_logger(__name__)


class Watch:
    """How long each queue and beat have been silent without an excuse; times are of time.time(). No input or output."""

    def __init__(self, now: float) -> None:
        self._heard = dict.fromkeys(STALLED_AFTER_SECONDS, now)
        self._known = dict.fromkeys(STALLED_AFTER_SECONDS, False)
        self._clock: float | None = None

    def excuse(self, now: float) -> None:
        """The broker is away: nobody can be heard."""
        for name in self._heard:
            self._heard[name] = now

    def see_clock(self, now: float, monotonic: float) -> None:
        """Excuse everybody once the clock was put forward or back, or the machine slept, since the last call."""
        moved = 0.0 if self._clock is None else now - monotonic - self._clock
        self._clock = now - monotonic
        if abs(moved) > MOVED_SECONDS:
            self.excuse(now)

    def hear(self, name: str, now: float, age_seconds: float | None, started: float) -> float:
        """Take in a sign of life and when the process started; the seconds of silence since.

        A sign that vanished means a broker that came back empty, which is nobody's fault.
        """
        if age_seconds is not None:
            self._heard[name] = max(self._heard[name], now - age_seconds)
        elif self._known[name]:
            self._heard[name] = now
        self._known[name] = age_seconds is not None
        if started <= now:  # else the clock was put back since
            self._heard[name] = max(self._heard[name], started)
        return now - self._heard[name]


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
    ages = signs.ages_seconds()
    for name, limit in STALLED_AFTER_SECONDS.items():
        silence = watch.hear(name, time.time(), ages[name], started(name))
        if silence > limit:
            what = "is restarted" if kill(name) else "is not to be found here"
            log.warning(f"process gives no sign of life and {what}", process=name, silent_seconds=round(silence))
        elif silence > DOUBT_AFTER_SECONDS and name != signs.BEAT:
            heartbeats.send_canary(name)


def started(name: str) -> float:
    """When the queue's worker, or beat, wrote its process id; 0 when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return supervision.pid_file(name).stat().st_mtime
    return 0.0


def kill(name: str) -> bool:
    """End the queue's worker, or beat, with its children, however stuck they are; whether there was one here."""
    with contextlib.suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess, ProcessLookupError):
        process = psutil.Process(int(supervision.pid_file(name).read_text()))
        if name in (process.name(), *process.cmdline()[-1:]):  # no stranger who got its number
            os.killpg(process.pid, signal.SIGKILL)
            return True
    return False
