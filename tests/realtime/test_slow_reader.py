"""Clients that read slowly, or not at all: closed with 1013 or dropped, in bounded memory, and nobody else notices."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
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
from assistant.realtime import outbox
from assistant.realtime.sockets import sockets
from tests.cast import Visitor, client_id, make_visitor, make_widget
from tests.served import served

pytestmark = pytest.mark.django_db(transaction=True)

# A frame of 16 KB: the text and its rendering.
LONG = "y" * LONGEST_TEXT
# More than all the buffers on the way hold together.
MANY = 60
# Shorter than what is on the way takes to be read in the slow reading below: pings and pongs wait behind it.
PING_SECONDS = 0.5


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served(ws_ping_interval=PING_SECONDS, ws_ping_timeout=PING_SECONDS) as address:
        yield address


@pytest.fixture
def widget(transactional_db: None) -> Widget:
    return make_widget()


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
            f"ws://{there.netloc}/ws/chat/", sock=wire, max_queue=(2, 1), compression=None, legacy=True
        )
        self.seqs: list[int] = []
        opening = {
            "type": "hello", "widget": visitor.customer.widget.key, "session": visitor.token,
            "conversation": str(conversation.pk), "after": conversation.seq if after is None else after,
        }  # fmt: skip
        self.socket.send(json.dumps(opening))
        assert json.loads(self.socket.recv())["type"] == "welcome"

    def read(self, last: int, pause: float = 0.0) -> None:
        """Read up to the event `last`."""
        while not self.seqs or self.seqs[-1] < last:
            self._take(self.socket.recv(timeout=20))
            time.sleep(pause)

    def closed_with(self) -> int:
        """Read to the end; the code that the server closed with."""
        try:
            while True:
                self._take(self.socket.recv(timeout=20))
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
    monkeypatch.setattr(outbox, "STALLED_SECONDS", 3.0)  # longer than it takes to write what comes meanwhile
    written = write(visitor, conversation, 30)
    patient = Reader(site, visitor, conversation, after=0)
    patient.read(written // 3, pause=0.2)
    head = write(visitor, conversation, 10)  # what comes meanwhile is read after the history
    patient.read(head, pause=0.2)
    assert patient.seqs == list(range(1, head + 1))


def test_who_never_reads_is_gone_and_held_little_memory(
    site: str, visitor: Visitor, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "STALLED_SECONDS", 3.0)
    readers = [Reader(site, visitor, conversation) for _ in range(20)]
    before = psutil.Process().memory_info().rss
    write(visitor, conversation, 300)  # nearly 5 MB for each
    assert psutil.Process().memory_info().rss - before < 50_000_000
    until(lambda: not here(conversation))
    assert all(reader.closed_with() in (1006, 1013) for reader in readers)
