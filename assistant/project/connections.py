"""WebSocket connections as the server keeps them: a bounded buffer, and an end for clients that take nothing.

Whether a client takes what it is sent is seen in the bytes that its machine acknowledges, so that one which is only
slow is never mistaken for one that has stopped.
"""

import asyncio
import socket
import struct
import sys
from asyncio.transports import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# The kernel takes twice as much; by itself it would take megabytes for each client that does not read.
KERNEL_BUFFER_BYTES = 64 * 1024
# Time to read what is on its way, and the close frame after it, for a client that has stopped for a while.
STALLED_SECONDS = 60.0
FLUSH_SECONDS = 5.0
SLOW_READER, NO_TEXT = 1013, 1007
# Where struct tcp_info counts the bytes acknowledged.
ACKNOWLEDGED_OFFSET = 120


class Connection(WebSocketsSansIOProtocol):
    """Ends a connection for good where the server would wait for ever to write what the client never reads.

    Closing flushes first; a client that acknowledges nothing, and does not go away either, would hold its socket,
    its memory and its place among the open sockets of its address.
    """

    _drop_timer: asyncio.TimerHandle | None = None
    _taken_before_ping = 0

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.close_timeout = STALLED_SECONDS
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)

    def send_receive_event_to_app(self) -> None:
        """Pass a frame on. What is said to be text and is none closes, as ever, without a traceback for each."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(NO_TEXT)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def pause_writing(self) -> None:
        """More is waiting than the client takes."""
        super().pause_writing()
        self._watch(STALLED_SECONDS)

    def resume_writing(self) -> None:
        """The client reads again."""
        if not self.close_sent:
            self._stop_watching()
        super().resume_writing()

    async def send(self, message: Any) -> None:
        """Send a frame, or close once the client has read what comes before."""
        await super().send(message)
        if message["type"] == "websocket.close":
            self._watch(STALLED_SECONDS)

    def send_keepalive_ping(self) -> None:
        self._taken_before_ping = self.taken()
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """No pong came. The ping waits behind what a slow client has yet to read; one that takes nothing is closed."""
        taken = self.taken()
        if taken > self._taken_before_ping and self.ping_timeout is not None:
            self._taken_before_ping = taken
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
        elif self.transport.get_write_buffer_size() and not self.close_sent:
            self._close_slow_reader()
        else:
            super().keepalive_timeout()
            self._watch(FLUSH_SECONDS)

    def taken(self) -> int:
        """Bytes that the client's machine has acknowledged; 0 where the system does not count them."""
        if sys.platform != "linux":
            return 0
        told = self.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 128)
        return int(struct.unpack_from("=Q", told, ACKNOWLEDGED_OFFSET)[0])

    def _close_slow_reader(self) -> None:
        """Close behind what is unread, as `send` would, which waits for a client that reads."""
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": SLOW_READER})
        self.conn.send_close(SLOW_READER)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)
        self._watch(STALLED_SECONDS)

    def _watch(self, seconds: float) -> None:
        """Drop the connection if the client takes nothing for so long."""
        self._stop_watching()
        self._drop_timer = self.loop.call_later(seconds, self._drop_unless_taking, seconds, self.taken())

    def _drop_unless_taking(self, seconds: float, taken_before: int) -> None:
        if self.taken() > taken_before:
            self._watch(seconds)
        else:
            self.transport.abort()

    def _stop_watching(self) -> None:
        if self._drop_timer is not None:
            self._drop_timer.cancel()
            self._drop_timer = None
