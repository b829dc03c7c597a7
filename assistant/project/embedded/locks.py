"""Locks between processes. The kernel drops them when their holder dies, so none can go stale."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path


def open_lock(file: Path) -> int:
    """A descriptor to lock on, kept across exec only when made inheritable."""
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def take(descriptor: int, *, shared: bool = False, wait: bool = True) -> bool:
    """Lock; False when another process holds it and `wait` is off."""
    operation = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    try:
        fcntl.flock(descriptor, operation)
    except BlockingIOError:
        return False
    return True


def take_within(descriptor: int, seconds: float, *, shared: bool = False) -> bool:
    """Lock, trying for at most `seconds`."""
    deadline = time.monotonic() + seconds
    while not take(descriptor, shared=shared, wait=False):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_held(file: Path) -> bool:
    """True when some process holds the lock exclusively."""
    descriptor = open_lock(file)
    try:
        return not take(descriptor, shared=True, wait=False)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def held(file: Path) -> Iterator[None]:
    """Hold the lock exclusively for the length of the block."""
    descriptor = open_lock(file)
    try:
        take(descriptor)
        yield
    finally:
        os.close(descriptor)
