"""The embedded services of DATA_DIR: where they are, and starting them when a command needs them."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def data_dir() -> Path:
    """DATA_DIR, or `.data` in the checkout."""
    configured = os.environ.get("DATA_DIR")
    return Path(configured).resolve() if configured else Path(__file__).resolve().parents[2] / ".data"


def database_url() -> str:
    """Address of the embedded Postgres."""
    return "postgres://answerdesk@127.0.0.1:5432/answerdesk"


def redis_url() -> str:
    """Address of the embedded Valkey."""
    return "redis://127.0.0.1:6379/0"


@contextlib.contextmanager
def services_for_command(arguments: list[str]) -> Iterator[None]:
    """Use the running embedded services, or start them for the length of one command."""
    yield
