"""A process with everything imported, and forks of it that serve: one that dies is replaced within a moment.

Importing takes seconds of a processor, and as long as nobody serves every customer waits for them.
"""

import contextlib
import gc
import os
import random
import signal
import sys
import time
from types import FrameType

import structlog

from assistant.project.embedded import account, places

log = structlog.get_logger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
# One that ends sooner has not even started: then the supervisor begins anew, after a pause.
LEAST_SECONDS, PAUSE_SECONDS = 3.0, 1.0


def return_in_forks(name: str) -> None:
    """Return in a fork that is the product's process `name`, and in another whenever one ends; never in this process.

    This process must have no thread and no connection yet. It ends with its fork when it is told to, whom it tells; or
    when one has not even started. When it is killed, so is its fork: only Linux does that, and elsewhere there is none.
    """
    if sys.platform != "linux":
        return
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page that it looks through
    while True:
        began = time.monotonic()
        status = _fork(name)
        if status is None:
            return
        if _told:
            sys.exit(0)
        if time.monotonic() - began < LEAST_SECONDS:
            time.sleep(PAUSE_SECONDS)
            sys.exit(1)
        log.warning("replaced", process=name, status=status)


_told: list[int] = []


def _fork(name: str) -> int | None:
    """None in the fork; here its exit status once it has ended, negative for a signal's number."""
    # A signal that comes before it is known whom to tell waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    if _told:
        sys.exit(0)
    parent, fork = os.getpid(), os.fork()
    if fork == 0:
        _become(name, parent)
        return None

    def tell(number: int, frame: FrameType | None) -> None:
        _told.append(number)
        with contextlib.suppress(ProcessLookupError):
            os.kill(fork, number)

    for number in SIGNALS:
        signal.signal(number, tell)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    _, status = os.waitpid(fork, 0)
    return os.waitstatus_to_exitcode(status)


def _become(name: str, parent: int) -> None:
    account.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died before that
        os._exit(1)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    random.seed()  # else each fork would draw the same pauses
    places.write_pid(name)
