"""Processes as turns name them: one of this machine is known to be gone at once, any other by its leases."""

import hashlib
import os
import socket
from functools import cache
from pathlib import Path

import psutil

# Of Linux, where the same number is another process in each container, and the same host name another machine.
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


def owner_name() -> str:
    """This process."""
    return f"{_here() or socket.gethostname()}:{os.getpid()}"


def is_gone(owner: str) -> bool:
    """Whether it was a process of this machine and container that has ended. False where nobody can tell."""
    here, _, number = owner.rpartition(":")
    if not _here() or here != _here() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)  # asks only; of another user's process, which /proc may hide, it tells by refusing
        return psutil.Process(int(number)).status() == psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return True
    except (OSError, OverflowError, psutil.Error):
        return False


@cache
def _here() -> str:
    """The host's name with a mark of the boot and the container; empty where these have none."""
    try:
        told = f"{_BOOT.read_text()} {_NAMESPACE.stat().st_ino}"
    except OSError:
        return ""
    return f"{socket.gethostname()}:{hashlib.sha256(told.encode()).hexdigest()[:8]}"
