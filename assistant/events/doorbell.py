"""Telling every process that a conversation changed. Lossy on purpose: Postgres holds the events.

Sockets of this process are told directly, so one web process needs no broker to chat. Other
processes are told through the channel layer, from a thread of its own: a broker that is away
or slow can neither delay nor fail the write that rings.
"""

import asyncio
import os
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import structlog
from channels.layers import get_channel_layer

from assistant.events.catalogue import Envelope
from assistant.events.others import others

log = structlog.get_logger(__name__)

# Of this process and of those that are forked from it.
_KIN = secrets.token_hex(6)
SEND_TIMEOUT_SECONDS = 1.0
PAUSE_SECONDS = 1.0
BACKLOG_LIMIT = 1000
# For what many conversations tell other processes all the time: each message costs what a hundred tokens do.
GATHER_SECONDS = 0.1

Listener = Callable[[Envelope], None]


def origin() -> str:
    """This process, by which it knows its own rings again; a fork is another."""
    return f"{_KIN}.{os.getpid()}"


class Hub:
    """Listeners of this process by group. `listen` and `leave` run on the serving loop only."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[Listener]] = {}
        self.loop: asyncio.AbstractEventLoop | None = None

    def listen(self, group: str, listener: Listener) -> None:
        """Add a listener."""
        self.loop = asyncio.get_running_loop()
        self.listeners.setdefault(group, set()).add(listener)

    def leave(self, group: str, listener: Listener) -> bool:
        """Remove a listener; True when the group has none left in this process."""
        members = self.listeners.get(group, set())
        members.discard(listener)
        if members:
            return False
        self.listeners.pop(group, None)
        return True

    def count(self, group: str) -> int:
        """How many listen to the group in this process."""
        return len(self.listeners.get(group, ()))

    def tell(self, group: str, envelope: Envelope) -> None:
        """Hand the envelope to this process's listeners, from any thread, in the order told."""
        if self.loop is None or group not in self.listeners or self.loop.is_closed():
            return
        if asyncio._get_running_loop() is self.loop:
            self.loop.call_soon(self.deliver, group, envelope)
            return
        try:
            self.loop.call_soon_threadsafe(self.deliver, group, envelope)
        except RuntimeError:  # the loop closed in between: the process is going down
            log.info("hub_closed", group=group)

    def deliver(self, group: str, envelope: Envelope) -> None:
        """Call every listener of the group; on the serving loop."""
        for listener in tuple(self.listeners.get(group, ())):
            listener(envelope)


class Ringer:
    """Sends to the channel layer from its own thread; drops instead of waiting."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.pending = 0
        self.paused_until = 0.0
        self.gathered: list[dict[str, Any]] = []

    def gather(self, message: dict[str, Any]) -> None:
        """Send within GATHER_SECONDS, or never, to every web process, along with what else is gathered until then."""
        with self.lock:
            self.gathered.append(message)
            begins = len(self.gathered) == 1
        if begins:
            loop = self.running_loop()
            loop.call_soon_threadsafe(loop.call_later, GATHER_SECONDS, self.send_gathered)

    def send_gathered(self) -> None:
        """Send what is gathered as one message."""
        with self.lock:
            rings, self.gathered = self.gathered, []
        self.ring(PROGRESS_GROUP, {"type": "relay_all", "rings": rings})

    def ring(self, group: str, message: dict[str, Any]) -> None:
        """Send soon, or never: at once back, whatever the broker does."""
        if self.pending < BACKLOG_LIMIT and time.monotonic() >= self.paused_until:
            self.begin_to_send(group, message)

    def begin_to_send(self, group: str, message: dict[str, Any]) -> "Future[None]":
        """Send from the thread's loop, even while the bell is silent."""
        loop = self.running_loop()
        with self.lock:
            self.pending += 1
        return asyncio.run_coroutine_threadsafe(self.send(group, message), loop)

    def running_loop(self) -> asyncio.AbstractEventLoop:
        """The thread's loop, started at first use, so after any fork."""
        with self.lock:
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
                threading.Thread(target=self.loop.run_forever, name="doorbell", daemon=True).start()
            return self.loop

    async def send(self, group: str, message: dict[str, Any]) -> None:
        """One group_send with a short timeout; a failure silences the bell for a moment."""
        layer = get_channel_layer()
        try:
            if layer is not None:
                await asyncio.wait_for(layer.group_send(group, message), SEND_TIMEOUT_SECONDS)
        except Exception as error:
            if time.monotonic() >= self.paused_until:
                log.warning("doorbell_failed", group=group, error=repr(error))
            self.paused_until = time.monotonic() + PAUSE_SECONDS
        finally:
            with self.lock:
                self.pending -= 1


hub = Hub()
ringer = Ringer()


def conversation_group(conversation_id: object) -> str:
    return f"conversation.{conversation_id}"


DESK_GROUP = "desk"
# Conversations that joined or left the queue of those who wait for a person, or might have.
QUEUE_GROUP = "queue"
# Every web process hears it: progress of all conversations.
PROGRESS_GROUP = "progress"


def ring(group: str, envelope: Envelope, *, here: bool = True, elsewhere: bool = True) -> None:
    """Tell this process's listeners, and every other web process that there may be."""
    if here:
        hub.tell(group, envelope)
    if elsewhere and others.may_be_there():
        ringer.ring(group, envelope.message(group))


def ring_later(group: str, envelope: Envelope) -> None:
    """Tell other web processes, in a moment, with what else they are told: far cheaper where there is much of it."""
    if others.may_be_there():
        ringer.gather(envelope.message(group))


async def say_that_we_are_here() -> None:
    """Let the other web processes know that this is one, even while the bell is silent after a failure."""
    await asyncio.wrap_future(ringer.begin_to_send(PROGRESS_GROUP, {"type": "here", "origin": origin()}))
