"""Ports and passwords of the embedded services, recorded in DATA_DIR/services.json for every process."""

import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any

from assistant.project.embedded import locks, places

# Below the range that systems hand out to outgoing connections, so that nobody takes a port by accident.
PORTS = range(15000, 32000)
# What a process sees before the services were ever started: an address where nobody answers.
NOWHERE: dict[str, Any] = {"port": 1, "password": ""}


def database_url() -> str:
    """Address of the embedded Postgres."""
    entry = recorded().get("database", NOWHERE)
    return f"postgres://answerdesk:{entry['password']}@127.0.0.1:{entry['port']}/answerdesk"


def redis_url() -> str:
    """Address of the embedded Valkey."""
    entry = recorded().get("broker", NOWHERE)
    return f"redis://:{entry['password']}@127.0.0.1:{entry['port']}/0"


def address_file() -> Path:
    return places.data_dir() / "services.json"


def recorded() -> dict[str, dict[str, Any]]:
    """`{"database": {"port", "password"}, "broker": {...}}`, or nothing before the first start.

    Raises Problem when the file belongs to somebody else.
    """
    try:
        entries: dict[str, dict[str, Any]] = json.loads(address_file().read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return {}
    except PermissionError as error:
        raise places.Problem(
            f"{address_file()} belongs to another user: start as that user, or set DATA_DIR to a folder of your own."
        ) from error
    return entries


def settle() -> None:
    """Choose passwords once, and ports where none is recorded or another program took it. Hold the start lock."""
    before = recorded()
    after = {service: _settled(service, before.get(service)) for service in places.SERVICES}
    if after != before:
        _write(after)


def _settled(service: str, entry: dict[str, Any] | None) -> dict[str, Any]:
    if entry is None:
        return {"port": free_port(), "password": secrets.token_urlsafe(24)}
    if locks.is_held(lock_file(service)) or is_free(entry["port"]):
        return entry
    return {**entry, "port": free_port()}


def _write(entries: dict[str, dict[str, Any]]) -> None:
    fresh = address_file().with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(entries, indent=1))
    fresh.replace(address_file())


def lock_file(service: str) -> Path:
    """The lock that the running service itself holds."""
    return places.run_dir() / f"{service}.lock"


def is_free(port: int) -> bool:
    """True when this machine's loopback port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    for _ in range(200):
        port = secrets.choice(PORTS)
        if is_free(port):
            return port
    raise places.Problem(f"No free port was found on 127.0.0.1 between {PORTS.start} and {PORTS.stop}.")
