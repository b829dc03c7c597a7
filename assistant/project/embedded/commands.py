"""Embedded services for the length of one command."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.project.embedded import addresses, locks, places, users
from assistant.project.embedded.places import Problem

START_SECONDS = 120.0
WITHOUT_SERVICES = {
    "help",
    "version",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "makemessages",
    "startapp",
}


@contextlib.contextmanager
def services_for_command(arguments: list[str]) -> Iterator[None]:
    """Use the running embedded services, or start them for the length of the command `arguments` (sys.argv).

    Nothing is started for commands that need none, and none that DATABASE_URL or REDIS_URL replace. Raises Problem when
    they stop while the command runs: `make run` takes its services with it when it is told to stop.
    """
    wanted = needed_services() if needs_services(arguments) else []
    if not wanted:
        yield
        return
    places.make_folders()
    user = users.become_user()
    try:
        ensure_running(wanted)
        with _explained(wanted):
            yield
    finally:
        users.leave(user)


@contextlib.contextmanager
def _explained(services: list[str]) -> Iterator[None]:
    """In place of an error that comes of it, say that the services have stopped."""
    try:
        yield
    except Exception as error:
        gone = [service for service in services if not ANSWERS[service]()]
        if not gone:
            raise
        raise Problem(
            f"The {' and the '.join(gone)} stopped while this command ran, as when `make run` is stopped. "
            "Run the command again: an import goes on where it stopped."
        ) from error


def needs_services(arguments: list[str]) -> bool:
    """False for commands that never touch the database."""
    if len(arguments) < 2 or arguments[1].startswith("-") or {"-h", "--help", "--version"} & set(arguments[2:]):
        return False
    return arguments[1] not in WITHOUT_SERVICES and arguments[1:3] != ["evaluate", "compare"]


def needed_services() -> list[str]:
    """The services that no address in the environment replaces."""
    replaced = {"database": "DATABASE_URL", "broker": "REDIS_URL"}
    return [service for service in places.SERVICES if not os.environ.get(replaced[service])]


def is_alone() -> bool:
    """True when the database is that of our DATA_DIR, and no `make run` uses it: there is no worker then."""
    return "database" in needed_services() and not locks.is_held(users.product_lock_file())


def ensure_running(services: list[str]) -> None:
    """Return once `services` answer, starting them when nobody does. Call as a user of them.

    Raises Problem with the servers' own words when they do not start.
    """
    with locks.held(users.start_lock_file()):
        if all(ANSWERS[service]() for service in services):
            return
        keeper = None
        if not locks.is_held(users.product_lock_file()):
            addresses.settle()
            keeper = _start_keeper(services)
        _wait(services, keeper)


def log_file() -> Path:
    return places.run_dir() / "services.log"


def _start_keeper(services: list[str]) -> "subprocess.Popen[bytes]":
    """The process that holds the services up; in a session of its own, so that Ctrl-C reaches the command alone."""
    with log_file().open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "assistant.project.embedded.keeper", *services],
            cwd=Path(__file__).resolve().parents[3],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(services: list[str], keeper: "subprocess.Popen[bytes] | None") -> None:
    deadline = time.monotonic() + START_SECONDS
    while not all(ANSWERS[service]() for service in services):
        if keeper is not None and keeper.poll() is not None:
            raise Problem(f"The embedded services did not start: {log_file().read_text(errors='replace').strip()}")
        if time.monotonic() > deadline:
            raise Problem(f"The embedded services did not answer within {START_SECONDS:.0f} s; see {log_file()}.")
        time.sleep(0.05)


def database_answers() -> bool:
    """True when the embedded Postgres accepts our password."""
    import psycopg

    try:
        psycopg.connect(addresses.database_url(), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def broker_answers() -> bool:
    """True when the embedded Valkey accepts our password."""
    import redis

    try:
        with contextlib.closing(redis.Redis.from_url(addresses.redis_url(), socket_timeout=3)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


ANSWERS: dict[str, Callable[[], bool]] = {"database": database_answers, "broker": broker_answers}
