"""The web server: uvicorn's, which ends when its event loop hangs. What supervises it starts another one."""

import faulthandler
import socket
import time

import uvicorn

# Also what a process that was stopped for so long ends with: its connections are gone by then.
STUCK_AFTER_SECONDS = 30.0
# Each time a thread is started, in C: it does without the interpreter, which whatever hangs may hold.
ARMED_EVERY_SECONDS = 5.0


class Server(uvicorn.Server):
    """Ends with status 1 where its event loop hangs; each thread's place is printed.

    That is STUCK_AFTER_SECONDS after it was last armed: the loop did nothing for ARMED_EVERY_SECONDS less, or for more.
    """

    _armed_at = float("-inf")

    async def on_tick(self, counter: int) -> bool:
        """Called some ten times a second while it serves; see uvicorn."""
        now = time.monotonic()
        if now - self._armed_at >= ARMED_EVERY_SECONDS:
            self._armed_at = now
            faulthandler.dump_traceback_later(STUCK_AFTER_SECONDS, exit=True)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """It ticks no more: how long this takes is bounded by who stopped it."""
        faulthandler.cancel_dump_traceback_later()
        await super().shutdown(sockets)
