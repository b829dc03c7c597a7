"""WebSocket connections as the server keeps them: one whose client takes nothing is dropped, not waited for."""

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# Above the half minute that a stalled client has before its socket is closed as a slow reader.
STALLED_SECONDS = 45.0
FLUSH_SECONDS = 5.0


class Connection(WebSocketsSansIOProtocol):
    """Ends a connection for good where the server would wait for ever to write what the client never reads.

    Closing flushes first; a client that acknowledges nothing, and does not go away either, would hold its socket,
    its memory and its place among the open sockets of its address.
    """

    _drop_timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """More is waiting than the client takes."""
        super().pause_writing()
        self._drop_in(STALLED_SECONDS)

    def resume_writing(self) -> None:
        """The client reads again."""
        self._stop_timer()
        super().resume_writing()

    def keepalive_timeout(self) -> None:
        """No pong came: a last chance to flush."""
        super().keepalive_timeout()
        self._drop_in(FLUSH_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _drop_in(self, seconds: float) -> None:
        self._stop_timer()
        self._drop_timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._drop_timer is not None:
            self._drop_timer.cancel()
            self._drop_timer = None
