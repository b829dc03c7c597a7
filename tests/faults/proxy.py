"""A network that can be broken: a TCP proxy on 127.0.0.1, in a thread of its own or in a process.

`python -m tests.faults.proxy PORT` prints the port that it takes connections at; USR1 loses all, USR2 heals.
"""

import asyncio
import contextlib
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from assistant.project.embedded import account

PIECE_BYTES = 64 * 1024
LOSE, HEAL = signal.SIGUSR1, signal.SIGUSR2
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Link:
    """One connection with its two sides; a deaf one takes everything and passes nothing on, for good."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    deaf: bool = False

    def reset(self) -> None:
        """End both sides with a RST: nothing that waits to be sent arrives."""
        for side in (self.near, self.far):
            with contextlib.suppress(OSError):  # it is closed already
                side.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            side.transport.abort()


class Proxy:
    """Passes connections on to its targets in turns. Every fault may be called or set from any thread.

    `delay_seconds` is added to each piece, each way; `slice_bytes` is the largest piece, 0 for as it comes;
    `silent` keeps what the server says from its clients, who are still heard; `refusing` resets whoever connects;
    `swallowing` makes whoever connects deaf.
    """

    def __init__(self, *targets: int) -> None:
        self.target = targets[0]
        self._targets = cycle(targets)
        self.delay_seconds = 0.0
        self.slice_bytes = 0
        self.silent = self.refusing = self.swallowing = False
        self.links: set[Link] = set()
        self.loop = asyncio.new_event_loop()
        self.port = 0

    def cut(self) -> None:
        """Reset every open connection."""
        self.loop.call_soon_threadsafe(self._reset, lambda link: True)

    def deafen(self) -> None:
        """From now on nothing passes through the connections that are open, and neither end is told."""

        def deafen() -> None:
            for link in self.links:
                link.deaf = True

        self.loop.call_soon_threadsafe(deafen)

    def lose(self) -> None:
        """From now on nothing arrives, through connections that are open or new ones, and nobody is told."""
        self.swallowing = True
        self.deafen()

    def heal(self) -> None:
        """No fault any more; what was deaf is cut."""
        self.delay_seconds, self.slice_bytes = 0.0, 0
        self.silent = self.refusing = self.swallowing = False
        self.loop.call_soon_threadsafe(self._reset, lambda link: link.deaf)

    async def serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0, limit=PIECE_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        self._reset(lambda link: True)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    def _reset(self, which: Callable[[Link], bool]) -> None:
        for link in tuple(self.links):
            if which(link):
                link.reset()

    async def _connect(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        try:
            answers, far = await asyncio.open_connection("127.0.0.1", next(self._targets), limit=PIECE_BYTES)
        except OSError:
            near.transport.abort()
            return
        link = Link(near, far, deaf=self.swallowing)
        self.links.add(link)
        if self.refusing:
            link.reset()
        try:
            await asyncio.gather(self._pass(link, reader, far, back=False), self._pass(link, answers, near, back=True))
        finally:
            self.links.discard(link)

    async def _pass(self, link: Link, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, back: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(self.slice_bytes or PIECE_BYTES):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                link.deaf = link.deaf or (back and self.silent)
                if not link.deaf:
                    sink.write(piece)
                    await sink.drain()
        if not link.deaf:  # else the end of one side is not heard at the other either
            sink.close()


@contextlib.contextmanager
def proxied(*targets: int) -> Iterator[Proxy]:
    """A proxy in front of ports of 127.0.0.1."""
    proxy = Proxy(*targets)
    ready, stop = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=proxy.loop.run_until_complete, args=[proxy.serve(ready, stop)], daemon=True)
    thread.start()
    ready.wait()
    try:
        yield proxy
    finally:
        proxy.loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)


class ProxyApart:
    """A proxy in a process of its own, for what says much and would wait for Python's other threads here."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process, self.port = process, port

    def lose(self) -> None:
        """See Proxy."""
        self.process.send_signal(LOSE)

    def heal(self) -> None:
        """See Proxy."""
        self.process.send_signal(HEAL)


@contextlib.contextmanager
def proxied_apart(target: int) -> Iterator[ProxyApart]:
    """A proxy in front of a port of 127.0.0.1, in a process of its own."""
    command = [sys.executable, "-m", "tests.faults.proxy", str(target)]
    checkout = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield ProxyApart(process, int(process.stdout.readline()))
        finally:
            process.terminate()


def main(target: int) -> None:
    """Serve until told to end, or whoever began this has ended."""
    account.die_with_parent(signal.SIGKILL)
    proxy, ready = Proxy(target), threading.Event()
    proxy.loop.add_signal_handler(LOSE, proxy.lose)
    proxy.loop.add_signal_handler(HEAL, proxy.heal)
    threading.Thread(target=lambda: ready.wait() and print(proxy.port, flush=True), daemon=True).start()
    proxy.loop.run_until_complete(proxy.serve(ready, asyncio.Event()))


if __name__ == "__main__":
    main(int(sys.argv[1]))
