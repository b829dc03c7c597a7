"""Customers who come back after every lost connection, and keep a log to compare with the database."""

import asyncio
import contextlib
import json
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.faults.marks import mark_of, marks_in, marks_of

Frame = dict[str, Any]
RECONNECT_SECONDS = 0.5
# Who says nothing for so long is taken for dead, as the widget does sooner or later.
PING_SECONDS = 6.0


@dataclass
class Customer:
    """One conversation, whatever becomes of its connections.

    `log` holds every durable event once, as shown; `wrong` counts what the protocol forbids and was seen, and `notes`
    tells of each; `told` is what an agent said, once the desk had it stored, `untold` until then; `told_to_wait` are
    the seconds after which a server that went down wanted it back; `caught_up` has when a connection was lost, and when
    all that was stored by the next welcome was shown. Times are those of time.monotonic().
    """

    address: str
    widget: str
    session: str | None = None
    conversation: str | None = None
    log: list[Frame] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    unacknowledged: dict[str, Frame] = field(default_factory=dict)
    acknowledged: dict[str, Frame] = field(default_factory=dict)
    sent_at: dict[str, float] = field(default_factory=dict)
    acknowledged_at: dict[str, float] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)
    left_at: list[float] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    taken_over: int = 0
    mailbox: str = ""
    connections: int = 0
    told_to_wait: list[float] = field(default_factory=list)
    caught_up: list[tuple[float, float]] = field(default_factory=list)
    here: bool = False
    _lost_at: float | None = None
    _head: int | None = None
    _pause: float = RECONNECT_SECONDS
    _socket: ClientConnection | None = None

    async def live(self) -> None:
        """Stay connected until cancelled."""
        try:
            while True:
                with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                    async with connect(
                        self.address,
                        max_size=None,
                        open_timeout=5,
                        close_timeout=1,
                        ping_interval=PING_SECONDS,
                        ping_timeout=PING_SECONDS,
                    ) as socket:
                        await self._converse(socket)
                if self._socket is not None and self._lost_at is None:
                    self._lost_at = monotonic()
                self._socket = self._head = None
                pause, self._pause = self._pause, RECONNECT_SECONDS
                await asyncio.sleep(pause)
        finally:
            self._socket = None

    @contextlib.asynccontextmanager
    async def present(self) -> AsyncIterator[None]:
        """Connected for the length of the block."""
        life = asyncio.create_task(self.live())
        self.here = True
        try:
            yield
        finally:
            self.here = False
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)

    async def say(self, text: str) -> str:
        """Send a message now or as soon as there is a connection; its client id."""
        return await self._ask("message.send", text=text)

    async def ask(self, question: str) -> str:
        """Say it with a mark of its own, so that its answer can be told from all others; its client id."""
        client_id = str(uuid.uuid4())
        return await self._ask("message.send", client_id, text=f"{question} {mark_of(client_id)}")

    async def ask_for_a_person(self) -> str:
        """Now or as soon as there is a connection; the request's client id."""
        return await self._ask("handoff.request", reason=None)

    async def go_back_to_the_assistant(self) -> str:
        """Now or as soon as there is a connection; the request's client id."""
        return await self._ask("handoff.cancel")

    async def leave_an_address(self) -> str:
        """Where answers may follow, now or as soon as there is a connection; the request's client id."""
        self.mailbox = f"{uuid.uuid4()}@example.org"
        return await self._ask("contact.send", email=self.mailbox)

    def missed(self, head: int | None) -> None:
        """Note that it stayed, and was not shown all that is stored: events up to `head`."""
        self._note("unseen", f"who stayed was shown {len(self.log)} of {head} events")

    async def stop(self, turn: str) -> None:
        """Stop an answer, if there is a connection."""
        if self._socket is not None:
            with contextlib.suppress(WebSocketException):
                await _send(self._socket, type="answer.stop", turn=turn)

    async def leave(self, seconds: float) -> None:
        """Close the connection, if there is one, and come back after so many seconds."""
        if self._socket is not None:
            self._pause = seconds
            self.left_at.append(monotonic())
            socket, self._socket = self._socket, None
            await socket.close()

    def turn_of(self, client_id: str) -> str | None:
        """The turn that answers an acknowledged message."""
        event = self.acknowledged.get(client_id)
        turn: str | None = event["message"]["turn"] if event else None
        return turn

    def turns(self) -> set[str]:
        """Of all acknowledged messages."""
        of_messages = [event["message"] for event in self.acknowledged.values() if event["type"] == "message.created"]
        return {message["turn"] for message in of_messages} - {None}

    @property
    def connected(self) -> bool:
        """Whether what is said now goes out at once."""
        return self._socket is not None

    @property
    def status(self) -> str:
        """Who speaks with the customer, as far as was seen."""
        return next((e["status"] for e in reversed(self.log) if e["type"] == "conversation.updated"), "assistant")

    @property
    def heard_all(self) -> bool:
        """True once everything that an agent said was shown."""
        return len(said_by("agent", self.log)) >= len(self.told)

    def outcome(self, turn: str | None) -> bool:
        """True once the turn's outcome was shown."""
        return turn in self.ended_at

    def in_mid_answer(self, client_id: str) -> bool:
        """True while the message's answer is being shown, and not yet whole."""
        turn = self.turn_of(client_id)
        return turn is not None and bool(self.shown.get(turn)) and not self.outcome(turn)

    async def _ask(self, type: str, client_id: str = "", **fields: Any) -> str:
        client_id = client_id or str(uuid.uuid4())
        self.unacknowledged[client_id] = {"type": type, "client_id": client_id, **fields}
        self.sent_at[client_id] = monotonic()
        if self._socket is not None:
            with contextlib.suppress(WebSocketException):
                await _send(self._socket, **self.unacknowledged[client_id])
        return client_id

    async def _converse(self, socket: ClientConnection) -> None:
        after = len(self.log)
        resumed = {"session": self.session, "conversation": self.conversation, "after": after}
        await _send(socket, type="hello", widget=self.widget, **resumed)
        async for data in socket:
            frame = json.loads(data)
            if frame["type"] == "welcome":
                self.session, self.conversation = frame["session"], frame["conversation"]
                self.connections += 1
                self._socket, self._pause, self._head = socket, RECONNECT_SECONDS, frame["seq"]
                self._look_whether_caught_up()
                await self._send_again(socket)
            elif frame["type"] == "going_away":
                self._pause = frame["delay_ms"] / 1000
                self.told_to_wait.append(self._pause)
            elif frame["type"] == "error":
                await self._refused(socket, frame)
            else:
                self._take(frame)

    async def _refused(self, socket: ClientConnection, frame: Frame) -> None:
        if frame["code"] != "unavailable":
            self._note("refused", str(frame))
        await asyncio.sleep(RECONNECT_SECONDS)
        if self._socket is None:
            await socket.close()  # the hello was refused: say it anew
        else:
            await self._send_again(socket)

    async def _send_again(self, socket: ClientConnection) -> None:
        for frame in tuple(self.unacknowledged.values()):
            await _send(socket, **frame)

    def _take(self, frame: Frame) -> None:
        if frame["type"].startswith("answer.") and self._is_strange(frame["turn"]):
            self._note("misrouted", f"{frame['type']} of {frame['turn']}, of which no message was seen")
        elif frame["type"] == "answer.delta":
            self._show(frame)
        elif frame["type"] == "contact.saved":
            self._acknowledge(frame)
        if "seq" not in frame or frame["type"] == "head":
            return
        if frame["seq"] == len(self.log) + 1:
            self.log.append(frame)
            self._look_whether_caught_up()
            self._acknowledge(frame)
            self._end(frame)
        elif frame["seq"] > len(self.log):
            self._note("skipped", f"event {frame['seq']} after {len(self.log)}")
        elif frame not in self.acknowledged.values():
            self._note("out of order", f"event {frame['seq']} after {len(self.log)}")

    def _look_whether_caught_up(self) -> None:
        if self._lost_at is not None and self._head is not None and len(self.log) >= self._head:
            self.caught_up.append((self._lost_at, monotonic()))
            self._lost_at = None

    def _is_strange(self, turn: str) -> bool:
        return not any(e["type"] == "message.created" and e["message"]["turn"] == turn for e in reversed(self.log))

    def _show(self, frame: Frame) -> None:
        turn, offset = frame["turn"], frame["offset"]
        if self.outcome(turn):
            self._note("out of order", f"a delta after the outcome of {turn}")
        known = self.shown.get(turn, "")
        if offset not in (0, len(known)):
            self._note("skipped", f"a delta at {offset} after {len(known)} code points")
        self.shown[turn] = known[:offset] + frame["text"]
        if strange := marks_in(self.shown[turn]) - marks_of(self.log)[turn]:
            self._note("misrouted", f"{strange} in the answer of {turn}")

    def _acknowledge(self, frame: Frame) -> None:
        client_id = frame["message"]["client_id"] if frame["type"] == "message.created" else frame["client_id"]
        if client_id is not None and self.unacknowledged.pop(client_id, None) is not None:
            self.acknowledged[client_id] = frame
            self.acknowledged_at[client_id] = monotonic()

    def _end(self, frame: Frame) -> None:
        turn = frame["message"]["turn"] if frame["type"] == "message.created" else frame["turn"]
        if turn is not None and is_outcome(frame, turn):
            self.ended_at.setdefault(turn, monotonic())
            self.shown.pop(turn, None)

    def _note(self, kind: str, what: str) -> None:
        self.wrong[kind] += 1
        self.notes.append(what)


async def _send(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


def said_by(role: str, events: list[Frame]) -> list[str]:
    """The texts of one side of a conversation, in order."""
    messages = [event["message"] for event in events if event["type"] == "message.created"]
    return [message["text"] for message in messages if message["role"] == role]


def is_outcome(frame: Frame, turn: str) -> bool:
    """True when the event ends the turn."""
    if frame["type"] == "conversation.updated":
        return bool(frame["turn"] == turn)
    message = frame["message"]
    return bool(message["turn"] == turn and message["role"] == "assistant")
