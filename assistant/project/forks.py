"""A process with everything imported, and forks of it that serve: one that dies is replaced within a moment.

Importing takes seconds of a processor, and as long as nobody serves every customer waits for them.
"""

import gc
import os
import random
import signal
import sys
import time

import structlog

from assistant.project.embedded import account, places

log = structlog.get_logger(__name__)

SIGNALS = {signal.SIGTERM, signal.SIGINT}
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
    # Taken one by one here, so that none comes between two steps; a fork gets its own as ever.
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, {*SIGNALS, signal.SIGCHLD})
    parent = os.getpid()
    while True:
        began, fork = time.monotonic(), os.fork()
        if fork == 0:
            signal.pthread_sigmask(signal.SIG_SETMASK, usual)
            _become(name, parent)
            return
        told, status = _ended(fork)
        if told:
            sys.exit(0)
        if time.monotonic() - began < LEAST_SECONDS:
            time.sleep(PAUSE_SECONDS)
            sys.exit(1)
        log.warning("replaced", process=name, status=status)


def _ended(fork: int) -> tuple[bool, int]:
    """Wait for the fork's end, and pass on what this process is told: whether it was, and the fork's exit status."""
    told = False
    while True:
        number = signal.sigwait({*SIGNALS, signal.SIGCHLD})
        if number in SIGNALS:
            told = True
            os.kill(fork, number)  # at worst it has ended, and nobody has waited for it yet
        ended, status = os.waitpid(fork, os.WNOHANG)
        if ended:
            return told, os.waitstatus_to_exitcode(status)


def _become(name: str, parent: int) -> None:
    account.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died before that
        os._exit(1)
    random.seed()  # else each fork would draw the same pauses
    places.write_pid(name)
