"""A client that opens a socket, is sent a lot, reads nothing and never goes away."""

import asyncio
import base64
import os
import socket

import pytest
import uvicorn

from assistant.project import connections
from assistant.project.connections import Connection

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)) + b"\r\n\r\n"
)


async def talkative(scope, receive, send):
    """Sends without end, until the connection is gone."""
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        await send({"type": "websocket.send", "text": "y" * 20_000})


async def quiet(scope, receive, send):
    """Sends a little more than the client's window, and waits."""
    await receive()
    await send({"type": "websocket.accept"})
    for _ in range(200):
        await send({"type": "websocket.send", "text": "y" * 20_000})
        if talker.transport.get_write_buffer_size() > 0:
            break
    while (await receive())["type"] != "websocket.disconnect":
        pass


talker: Connection


class Watched(Connection):
    """Lets the test see the connection that the server made."""

    def connection_made(self, transport) -> None:
        global talker
        talker = self
        super().connection_made(transport)


async def until(come) -> None:
    while not come():  # noqa: ASYNC110  the server tells nobody
        await asyncio.sleep(0.01)


async def gone(application, **keepalive) -> None:
    """Returns once the server has let go of a client that reads nothing."""
    config = uvicorn.Config(application, port=0, ws=Watched, lifespan="off", log_level="critical", **keepalive)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(server.servers[0].sockets[0].getsockname())
        client.sendall(REQUEST)
        await until(lambda: server.server_state.connections and talker.transport.get_write_buffer_size())
        await until(lambda: not server.server_state.connections and not server.server_state.tasks)
    server.should_exit = True
    await serving


def test_a_stalled_client_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STALLED_SECONDS", 0.3)
    asyncio.run(asyncio.wait_for(gone(talkative, ws_ping_interval=None), 30))


def test_a_client_without_pongs_is_dropped_although_something_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STALLED_SECONDS", 0.3)
    asyncio.run(asyncio.wait_for(gone(quiet, ws_ping_interval=0.2, ws_ping_timeout=0.2), 30))
