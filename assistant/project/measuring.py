"""Counts of HTTP requests and WebSockets, taken around the whole application."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from assistant import metrics

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
KNOWN_SOCKETS = ("/ws/chat/", "/ws/desk/")


def measured(application: Application) -> Application:
    """`application` with its requests and sockets counted."""

    async def counting(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _count_request(application, scope, receive, send)
        elif scope["type"] == "websocket":
            await _count_socket(application, scope, receive, send)
        else:
            await application(scope, receive, send)

    return counting


async def _count_request(application: Application, scope: Message, receive: Receive, send: Send) -> None:
    started = time.perf_counter()
    status = "500"

    async def noting(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = str(message["status"])
        await send(message)

    try:
        await application(scope, receive, noting)
    finally:
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "DELETE") else "other"
        metrics.http_requests.labels(method, status).inc()
        metrics.http_seconds.observe(time.perf_counter() - started)


async def _count_socket(application: Application, scope: Message, receive: Receive, send: Send) -> None:
    path = scope["path"] if scope["path"] in KNOWN_SOCKETS else "other"
    code = "1006"

    async def receiving() -> Message:
        nonlocal code
        message = await receive()
        if message["type"] == "websocket.receive":
            metrics.websocket_frames.labels(path, "in").inc()
        elif message["type"] == "websocket.disconnect":
            code = str(message.get("code", 1006))
        return message

    async def sending(message: Message) -> None:
        nonlocal code
        if message["type"] == "websocket.send":
            metrics.websocket_frames.labels(path, "out").inc()
        elif message["type"] == "websocket.close":
            code = str(message.get("code", 1000))
        await send(message)

    metrics.websockets_open.labels(path).inc()
    try:
        await application(scope, receiving, sending)
    finally:
        metrics.websockets_open.labels(path).dec()
        metrics.websockets_closed.labels(path, code).inc()
