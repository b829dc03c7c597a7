"""Clients that read slowly, or not at all: closed with 1013 or dropped, in bounded memory, and nobody else notices.

Whoever reads here may be late, as the machine may have no time for it: nothing is lost by that alone.
"""

import asyncio
import json
import socket
import threading
import time
from asyncio.transports import BaseTransport
from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from assistant.conversations import services
from assistant.conversations.messages import LONGEST_TEXT
from assistant.events import publish
from assistant.models import Conversation, Widget
from assistant.project import connections
from assistant.project.connections import Connection
from assistant.project.processes import WEBSOCKET_PING_SECONDS
from assistant.realtime import outbox
from assistant.realtime.sockets import sockets
from tests.cast import Visitor, client_id, make_visitor
from tests.llm.clock import run
from tests.served import served

pytestmark = pytest.mark.django_db(transaction=True)

# A frame of 16 KB: the text and its rendering.
LONG = "y" * LONGEST_TEXT
# More than all the buffers on the way hold together.
MANY = 60
# Longer than any machine takes.
NEVER_SECONDS = 24 * 3600.0


class Timer:
    """As `call_later` returns it."""

    def __init__(self, when: float, ring: Callable[[], object]) -> None:
        self.when, self.ring, self.cancelled = when, ring, False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """A connection's event loop, but for its time, which passes when the test says so."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop, self.now = loop, 0.0
        self.timers: list[Timer] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loop, name)

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, ring: Callable[..., object], *arguments: Any) -> Timer:
        self.timers.append(Timer(self.now + seconds, lambda: ring(*arguments)))
        return self.timers[-1]

    def go_on(self, seconds: float) -> None:
        """Let time pass; in the loop's own thread."""
        self.now += seconds
        due = [timer for timer in self.timers if timer.when <= self.now]
        self.timers = [timer for timer in self.timers if timer.when > self.now]
        for timer in due:
            if not timer.cancelled:
                timer.ring()


class Clocked(Connection):
    """The server's end of a connection, on a clock of its own; the ends by their clients' ports."""

    ends: ClassVar[dict[int, "Clocked"]] = {}
    clock: Clock
    passed_at = 0
    pongs_missed = 0

    def connection_made(self, transport: BaseTransport) -> None:
        self.clock = self.loop = Clock(self.loop)  # type: ignore[assignment]
        self.ends[transport.get_extra_info("peername")[1]] = self
        super().connection_made(transport)

    def keepalive_timeout(self) -> None:
        self.pongs_missed += 1
        super().keepalive_timeout()

    def go_on(self, seconds: float, only_if_taken: bool = False) -> None:
        """Let time pass for this connection; on demand only if the client has taken something since the last time."""
        done = threading.Event()

        def pass_time() -> None:
            try:
                if not self.transport.is_closing() and (self.taken() > self.passed_at or not only_if_taken):
                    self.clock.go_on(seconds)
                if not self.transport.is_closing():
                    self.passed_at = self.taken()
            finally:
                done.set()

        self.clock.loop.call_soon_threadsafe(pass_time)
        done.wait()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served(ws=Clocked, ws_ping_interval=WEBSOCKET_PING_SECONDS, ws_ping_timeout=WEBSOCKET_PING_SECONDS) as address:
        yield address


@pytest.fixture
def visitor(widget: Widget) -> Visitor:
    return make_visitor(widget)


@pytest.fixture
def conversation(visitor: Visitor) -> Conversation:
    """One that waits for a person, so that nothing but the test writes into it."""
    accepted = services.accept_message(None, visitor.session, client_id(), "Hello")
    services.request_handoff(accepted.message_event.conversation, client_id())
    return Conversation.objects.get(pk=accepted.message_event.conversation_id)


class Reader:
    """A customer's connection with the smallest receive buffer, which takes nothing unless it is read from."""

    def __init__(self, site: str, visitor: Visitor, conversation: Conversation, after: int | None = None) -> None:
        there = urlsplit(site)
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect((there.hostname, there.port))
        self.socket: ClientConnection = connect(
            f"ws://{there.netloc}/ws/chat/", sock=wire, max_queue=(2, 1), compression=None, legacy=True,
            open_timeout=None, ping_interval=None,
        )  # fmt: skip
        self.end = Clocked.ends[self.socket.local_address[1]]
        self.seqs: list[int] = []
        opening = {
            "type": "hello", "widget": visitor.customer.widget.key, "session": visitor.token,
            "conversation": str(conversation.pk), "after": conversation.seq if after is None else after,
        }  # fmt: skip
        self.socket.send(json.dumps(opening))
        assert json.loads(self.socket.recv())["type"] == "welcome"

    def read(self, last: int, between: Callable[[], object] = lambda: None) -> None:
        """Read up to the event `last`."""
        while not self.seqs or self.seqs[-1] < last:
            self._take(self.socket.recv())
            between()

    def closed_with(self) -> int:
        """Read to the end; the code that the server closed with."""
        try:
            while True:
                self._take(self.socket.recv())
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def _take(self, text: Any) -> None:
        frame = json.loads(text)
        if frame["type"] in ("message.created", "conversation.updated"):
            self.seqs.append(frame["seq"])


def write(visitor: Visitor, conversation: Conversation, count: int = MANY) -> int:
    """Have so many long messages written; the head then."""
    for _ in range(count):
        event = services.accept_message(conversation, visitor.session, client_id(), LONG).message_event
    return int(event.seq)


def until(come: Callable[[], object]) -> None:
    while not come():
        time.sleep(0.02)


def here(conversation: Conversation) -> list[Any]:
    """The server's ends of the conversation's open sockets."""
    return [one for one in tuple(sockets.open) if one.conversation_id == conversation.pk]


@pytest.mark.parametrize("ring_is_lost", [False, True])
def test_who_does_not_keep_up_is_closed_with_1013_and_resumes_without_loss(
    site: str, visitor: Visitor, conversation: Conversation, ring_is_lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, brisk = Reader(site, visitor, conversation), Reader(site, visitor, conversation)
    if ring_is_lost:  # so that both read the database to close the gap
        with monkeypatch.context() as deaf:
            deaf.setattr(publish, "_ring", lambda *_: None)
            write(visitor, conversation, 1)
    first = conversation.seq + 1
    for _ in range(MANY):
        head = write(visitor, conversation, 1)
        brisk.read(head)
    assert brisk.seqs == list(range(first, head + 1))
    assert slow.closed_with() == 1013
    assert slow.seqs == list(range(first, first + len(slow.seqs)))
    assert len(slow.seqs) < MANY
    again = Reader(site, visitor, conversation, after=slow.seqs[-1])
    again.read(head)
    assert slow.seqs + again.seqs == brisk.seqs


def test_who_stops_in_the_midst_of_the_history_is_closed_with_1013(
    site: str, visitor: Visitor, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "STALLED_SECONDS", 0.3)
    write(visitor, conversation)
    stopped = Reader(site, visitor, conversation, after=0)
    until(lambda: all(one.outbox.closing for one in here(conversation)))
    assert stopped.closed_with() == 1013


def test_who_pages_slowly_through_the_history_is_not_closed(
    site: str, visitor: Visitor, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "STALLED_SECONDS", NEVER_SECONDS)  # the next test is about these
    written = write(visitor, conversation, 30)
    patient = Reader(site, visitor, conversation, after=0)
    end = patient.end

    def go_on() -> None:
        end.go_on(WEBSOCKET_PING_SECONDS, only_if_taken=True)

    patient.read(written // 3, go_on)
    head = write(visitor, conversation, 10)  # what comes meanwhile is read after the history
    patient.read(head, go_on)
    assert patient.seqs == list(range(1, head + 1))
    assert end.pongs_missed > 1  # pings and pongs wait behind what is on the way
    assert end.clock.now > connections.STALLED_SECONDS


@pytest.mark.parametrize(("seconds_for_each", "closing"), [(0.9, None), (1.1, 1013)])
def test_who_takes_one_frame_before_time_is_up_may_take_all_of_them_so_slowly(
    seconds_for_each: float, closing: int | None
) -> None:
    async def takes_its_time(_: Any) -> None:
        await asyncio.sleep(seconds_for_each * outbox.STALLED_SECONDS)

    async def closed_as() -> int | None:
        box = outbox.Outbox(takes_its_time)
        writing = asyncio.create_task(box.run())
        for _ in range(10):
            box.put({"text": LONG})
        assert await box.room() is (closing is None)
        writing.cancel()
        return box.closing

    assert run(closed_as()) == closing


def test_who_never_reads_is_gone_and_held_little_memory(
    site: str, visitor: Visitor, conversation: Conversation
) -> None:
    readers = [Reader(site, visitor, conversation) for _ in range(20)]
    before = psutil.Process().memory_info().rss
    write(visitor, conversation, 300)  # nearly 5 MB for each
    assert psutil.Process().memory_info().rss - before < 50_000_000
    while here(conversation):
        for reader in readers:
            reader.end.go_on(connections.STALLED_SECONDS)
    assert all(reader.closed_with() in (1006, 1013) for reader in readers)
