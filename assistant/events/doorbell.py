"""Telling every process that a conversation changed. Lossy on purpose: Postgres holds the events.

Sockets of this process are told directly, so one web process needs no broker to chat. Every other
web process is told through the channel layer, from a thread of its own: a broker that is away
or slow can neither delay nor fail the write that rings.
"""

import asyncio
import os
import secrets
import threading
import time
from collections.abc import Callable
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
# For what many conversations tell other processes all the time.
GATHER_SECONDS = 0.1
# The channel layer's one group. Its name is of when only progress went there: processes of before an upgrade hear it.
EVERY_PROCESS = "progress"

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

    def leave(self, group: str, listener: Listener) -> None:
        """Remove a listener."""
        members = self.listeners.get(group, set())
        members.discard(listener)
        if not members:
            self.listeners.pop(group, None)

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
    """Sends to every web process from a thread of its own; drops instead of waiting.

    One message is under way at a time, and what is rung meanwhile is the next: each message costs what a hundred
    tokens do, and when much happens at once, dozens are rung in the time of one.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.paused_until = 0.0
        self.rings: list[dict[str, Any]] = []
        self.sending = False
        self.task: asyncio.Task[None] | None = None
        # What the thread's loop knows of the rings: that they are to be sent at once, or else in a moment.
        self.due = False
        self.expected = False

    def ring(self, ring: dict[str, Any], *, later: bool = False) -> None:
        """Send soon, or never: at once back, whatever the broker does. `later`: within GATHER_SECONDS."""
        loop = self.running_loop()
        with self.lock:
            if len(self.rings) >= BACKLOG_LIMIT or time.monotonic() < self.paused_until:
                return
            self.rings.append(ring)
            if later and not self.expected:
                self.expected = True
                loop.call_soon_threadsafe(loop.call_later, GATHER_SECONDS, self.hurry)
            elif not later and not self.due:
                self.due = True
                loop.call_soon_threadsafe(self.hurry)

    def hurry(self) -> None:
        """Send what is rung, after what is under way; on the thread's loop, as all below."""
        self.due = True
        if not self.sending:
            self.sending = True
            self.task = asyncio.create_task(self.send_all())

    async def send_all(self) -> None:
        """Send until nothing more is due."""
        try:
            while self.due:
                with self.lock:
                    rings, self.rings = self.rings, []
                    self.due = self.expected = False
                if rings and time.monotonic() >= self.paused_until:
                    await self.send({"type": "relay_all", "rings": rings})
        finally:
            self.sending = False

    def running_loop(self) -> asyncio.AbstractEventLoop:
        """The thread's loop, started at first use, so after any fork."""
        with self.lock:
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
                threading.Thread(target=self.loop.run_forever, name="doorbell", daemon=True).start()
            return self.loop

    async def send(self, message: dict[str, Any]) -> None:
        """One group_send with a short timeout; a failure silences the bell for a moment."""
        try:
            if (layer := get_channel_layer()) is not None:
                await asyncio.wait_for(layer.group_send(EVERY_PROCESS, message), SEND_TIMEOUT_SECONDS)
        except Exception as error:
            if time.monotonic() >= self.paused_until:
                log.warning("doorbell_failed", error=repr(error))
            self.paused_until = time.monotonic() + PAUSE_SECONDS


hub = Hub()
ringer = Ringer()


def conversation_group(conversation_id: object) -> str:
    return f"conversation.{conversation_id}"


DESK_GROUP = "desk"
# Conversations that joined or left the queue of those who wait for a person, or might have.
QUEUE_GROUP = "queue"


def ring(group: str, envelope: Envelope, *, here: bool = True, elsewhere: bool = True, later: bool = False) -> None:
    """Tell this process's listeners now, and every other web process that there may be: now, or in a moment."""
    if here:
        hub.tell(group, envelope)
    if elsewhere and others.may_be_there():
        ringer.ring(envelope.message(group), later=later)


async def say_that_we_are_here() -> None:
    """Let the other web processes know that this is one, even while the bell is silent after a failure."""
    saying = ringer.send({"type": "here", "origin": origin()})
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(saying, ringer.running_loop()))
