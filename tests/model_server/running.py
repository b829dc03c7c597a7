"""Running the model server: in a thread of this process, or as a command."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn

from tests.model_server.app import Knobs, ModelServer


class RunningModelServer:
    """A started server: its address, its knobs, and the requests it got."""

    def __init__(self, app: ModelServer, port: int) -> None:
        self.app = app
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}/v1"

    @property
    def requests(self) -> list[dict[str, object]]:
        """Bodies of the requests so far, oldest first."""
        return [recorded.body for recorded in self.app.requests]

    @property
    def prompts(self) -> list[str]:
        """Every request's messages as one text, oldest first."""
        return [recorded.prompt for recorded in self.app.requests]

    def set(self, **knobs: Any) -> None:
        """Change the defaults of every request from now on."""
        self.app.knobs = Knobs(**{**self.app.knobs.__dict__, **knobs})

    def reset(self) -> None:
        """Back to the defaults, with no requests."""
        self.app.knobs, self.app.requests, self.app.struck = Knobs(), [], 0


@contextlib.contextmanager
def running(port: int = 0, app: ModelServer | None = None) -> Iterator[RunningModelServer]:
    """A server in a thread, on a free port unless one is given."""
    app = app or ModelServer()
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield RunningModelServer(app, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
