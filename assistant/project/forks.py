"""A process with everything imported, and forks of it that do the work: one that ends is replaced within a moment.

Importing takes seconds of a processor, as long as nobody serves every customer waits for them, and forks share the
memory that it fills.
"""

import faulthandler
import gc
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from assistant.project import supervision
from assistant.project.embedded import account

log = structlog.get_logger(__name__)

SIGNALS = {signal.SIGTERM, signal.SIGINT}
# One that ends sooner has not even started; each time in a row the next attempt waits for so much longer.
LEAST_SECONDS, PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 3.0, 1.0, 30.0
# For a fork that was told to end. One that hangs is asked where, and killed a moment later: whoever supervises us would
# kill us all after 20 s, and never know why; and where nobody does we would wait for ever.
ENDS_WITHIN_SECONDS, TELLS_WITHIN_SECONDS, LOOK_EVERY_SECONDS = 17.0, 1.0, 0.5
TELL = signal.SIGUSR2


@dataclass
class Forks:
    """Which of the processes run, as which fork, and when the others are due; times of time.monotonic().

    Those that are `hanging` were told to end and asked why they do not.
    """

    due: dict[str, float]
    running: dict[int, tuple[str, float]] = field(default_factory=dict)
    in_vain: dict[str, int] = field(default_factory=dict)
    hanging: set[int] = field(default_factory=set)

    def try_later(self, name: str, now: float) -> None:
        """It could not even be begun."""
        self.in_vain[name] = self.in_vain.get(name, 0) + 1
        self.due[name] = now + min(PAUSE_SECONDS * self.in_vain[name], LONGEST_PAUSE_SECONDS)

    def began(self, name: str, fork: int, now: float) -> None:
        del self.due[name]
        self.running[fork] = (name, now)

    def ended(self, fork: int, now: float) -> str | None:
        """The name of the process that is due again; None of a child that was no fork of ours."""
        name, began = self.running.pop(fork, (None, 0.0))
        if name is None:
            return None
        if now - began < LEAST_SECONDS:
            self.try_later(name, now)
        else:
            self.in_vain[name], self.due[name] = 0, now
        return name


def return_in_forks(names: Sequence[str]) -> str:
    """Return in a fork for each of the product's processes `names`, with its name, and in another whenever one ends.

    Never returns in this process, which must have no thread and no connection yet. Told to end it passes that on, each
    fork getting the signal that it wants, and ends with the last of them, some 18 s later at most. When it is killed,
    so are its forks: only Linux does that, and elsewhere there is one name and no fork.
    """
    if not supervision.FORKS_DIE_WITH_PARENT:
        (name,) = names
        return name
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page that it looks through
    # Taken one by one here, so that none comes between two steps; a fork gets its own as ever.
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, {*SIGNALS, signal.SIGCHLD})
    parent = os.getpid()
    forks, told_at = Forks(dict.fromkeys(names, 0.0)), None
    while True:
        if told_at is not None:
            forks.due.clear()
            _insist(forks, time.monotonic() - told_at)
        for name in [name for name, at in forks.due.items() if at <= time.monotonic()]:
            fork = _fork(name)
            if fork is None:
                forks.try_later(name, time.monotonic())
                continue
            if fork == 0:
                signal.pthread_sigmask(signal.SIG_SETMASK, usual)
                _become(name, parent)
                return name
            forks.began(name, fork, time.monotonic())
        if told_at is not None and not forks.running:
            sys.exit(0)
        if _is_told(_pause(forks) if told_at is None else LOOK_EVERY_SECONDS):
            told_at = told_at or time.monotonic()
            _pass_on(forks)
        _bury(forks, told_at is not None)


def _fork(name: str) -> int | None:
    """None where the system has no memory or no number left for another: no reason to end all others too."""
    try:
        return os.fork()
    except OSError as error:
        log.error("not_forked", process=name, error=str(error))
        return None


def _is_told(seconds: float) -> bool:
    """Wait so long, or until a fork has ended: whether this process was told to end before."""
    number = signal.sigtimedwait({*SIGNALS, signal.SIGCHLD}, seconds)
    return number is not None and number.si_signo in SIGNALS


def _pause(forks: Forks) -> float:
    return max(0.0, min([LONGEST_PAUSE_SECONDS, *(at - time.monotonic() for at in forks.due.values())]))


def _pass_on(forks: Forks) -> None:
    for fork, (name, _) in forks.running.items():
        os.kill(fork, supervision.stop_signal(name))  # at worst it has ended, and nobody has waited for it yet


def _insist(forks: Forks, seconds: float) -> None:
    """See to those that still run so many seconds after they were told to end."""
    for fork, (name, _) in forks.running.items():
        if seconds >= ENDS_WITHIN_SECONDS + TELLS_WITHIN_SECONDS:
            os.kill(fork, signal.SIGKILL)
        elif seconds >= ENDS_WITHIN_SECONDS and fork not in forks.hanging:
            forks.hanging.add(fork)
            log.error("does_not_end", process=name)
            os.kill(fork, TELL)


def _bury(forks: Forks, told: bool) -> None:
    """Take in whose end was told: several ends may come as one signal."""
    while forks.running:
        fork, status = os.waitpid(-1, os.WNOHANG)
        if fork == 0:
            return
        name = forks.ended(fork, time.monotonic())
        if name and not told:
            log.warning("replaced", process=name, status=os.waitstatus_to_exitcode(status))


def _become(name: str, parent: int) -> None:
    account.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died before that
        os._exit(1)
    faulthandler.register(TELL)  # each thread's place, in C: whatever hangs may hold the interpreter
    os.setpgid(0, 0)  # whoever kills it with its children kills no other fork
    random.seed()  # else each fork would draw the same pauses
