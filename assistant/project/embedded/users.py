"""Who uses the embedded services: every command and the product itself, each with a shared lock."""

import contextlib
import os
import signal
import time
from pathlib import Path

import psutil

from assistant.project.embedded import addresses, locks, places

STOP_SECONDS = 25


def lock_file() -> Path:
    """Held shared by each user; exclusively by whoever stops the services."""
    return places.run_dir() / "users.lock"


def start_lock_file() -> Path:
    """Held while somebody looks whether services run, and starts them."""
    return places.run_dir() / "start.lock"


def product_lock_file() -> Path:
    """Held while the whole product runs on this DATA_DIR."""
    return places.run_dir() / "product.lock"


def keeper_lock_file() -> Path:
    return places.run_dir() / "keeper.lock"


def keeper_pid_file() -> Path:
    return places.run_dir() / "keeper.pid"


def become_user() -> int:
    """The descriptor of a shared lock: while it is open the services stay. Waits for a running stop to end."""
    descriptor = locks.open_lock(lock_file())
    locks.take(descriptor, shared=True)
    return descriptor


def leave(descriptor: int) -> None:
    """Stop using the services, and stop them when nobody else does."""
    if locks.take(descriptor, wait=False):
        stop_leftovers()
    os.close(descriptor)


def stop_leftovers() -> None:
    """Stop the keeper, and servers whose keeper or supervisor was killed. Hold the users' lock exclusively."""
    if locks.is_held(keeper_lock_file()):
        _stop(keeper_pid_file(), keeper_lock_file(), signal.SIGTERM)
    for service in places.SERVICES:
        if locks.is_held(addresses.lock_file(service)):
            _stop(places.run_dir() / f"{service}.pid", addresses.lock_file(service), signal.SIGINT)


def _stop(pid_file: Path, lock: Path, how: signal.Signals) -> None:
    """Signal the lock's holder and wait until the lock is free; force it when it takes too long."""
    with contextlib.suppress(FileNotFoundError, ValueError, psutil.Error):
        process = psutil.Process(int(pid_file.read_text()))
        process.send_signal(how)
        deadline = time.monotonic() + STOP_SECONDS
        while locks.is_held(lock):
            if time.monotonic() > deadline:
                process.kill()
                return
            time.sleep(0.05)
