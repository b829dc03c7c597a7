"""The product's own ASGI application on a real port, in a thread, over the test's database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from assistant.project.asgi import application
from assistant.project.connections import Connection


@contextmanager
def served(ws: type[Connection] = Connection, **options: Any) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1; gives the address, such as http://127.0.0.1:43210."""
    configuration = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        log_level="warning",
        ws=ws,
        ws_per_message_deflate=False,
        **options,
    )
    server = uvicorn.Server(configuration)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
