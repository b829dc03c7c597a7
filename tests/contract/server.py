"""A web process of ours, really running: the address, and how to start and kill it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


class WebProcess:
    """One uvicorn on a port of its own, over the tests' database and Valkey."""

    def __init__(self, port: int, environment: dict[str, str], errors: IO[bytes] | None = None) -> None:
        self.port = port
        command = [sys.executable, "-m", "uvicorn", "assistant.project.asgi:application", "--port", str(port)]
        options = ["--lifespan", "on", "--ws-max-size", "131072", "--no-proxy-headers", "--log-level", "warning"]
        options += ["--ws", "assistant.project.connections:Connection"]
        self.process = subprocess.Popen([*command, *options], cwd=ROOT, env=environment, stderr=errors)

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/chat/"

    def wait(self) -> None:
        """Return once it accepts connections."""
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError("the web process ended at its start")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError("the web process does not listen")

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send the signal and wait for the process to go."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(timeout=30)


def environment(**changes: str) -> dict[str, str]:
    """The environment of a process that shares the tests' services."""
    there = connection.settings_dict
    url = f"postgres://{there['USER']}:{there['PASSWORD']}@{there['HOST']}:{there['PORT']}/{there['NAME']}"
    served = {"DJANGO_SETTINGS_MODULE": "assistant.project.settings"}
    limits = {"RATE_LIMIT_VISITOR": "0", "RATE_LIMIT_ADDRESS": "0"}
    return {**os.environ, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, **served, **limits, **changes}


@contextlib.contextmanager
def web_process(errors: IO[bytes] | None = None, **changes: str) -> Iterator[WebProcess]:
    """A web process with these environment variables, which logs to `errors` where it is given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    running = WebProcess(port, environment(**changes), errors)
    try:
        running.wait()
        yield running
    finally:
        running.end()


@contextlib.contextmanager
def worker_process(**changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker of the `answers` queue, with the beat in it; both lead a process group of their own."""
    command = [sys.executable, "-m", "celery", "-A", "assistant.project.celery", "--quiet", "worker"]
    with tempfile.TemporaryDirectory() as folder:
        options = ["-Q", "answers", "-P", "threads", "-c", "50", "-B", "-s", f"{folder}/beat", "-l", "WARNING"]
        process = subprocess.Popen([*command, *options], cwd=ROOT, env=environment(**changes), start_new_session=True)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)
