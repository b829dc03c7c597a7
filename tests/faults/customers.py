"""Customers who come back after every lost connection, and keep a log to compare with the database."""

import asyncio
import contextlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

Frame = dict[str, Any]
RECONNECT_SECONDS = 0.5


@dataclass
class Customer:
    """One conversation, whatever becomes of its connections.

    `log` holds every durable event once, as shown; `wrong` says what the protocol forbids and was seen.
    """

    address: str
    widget: str
    session: str | None = None
    conversation: str | None = None
    log: list[Frame] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unacknowledged: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, Frame] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    _socket: ClientConnection | None = None

    async def live(self) -> None:
        """Stay connected until cancelled."""
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with connect(self.address, max_size=None, open_timeout=5) as socket:
                    await self._converse(socket)
            self._socket = None
            await asyncio.sleep(RECONNECT_SECONDS)

    async def say(self, text: str) -> str:
        """Send a message now or as soon as there is a connection; its client id."""
        client_id = str(uuid.uuid4())
        self.unacknowledged[client_id] = text
        if self._socket is not None:
            with contextlib.suppress(WebSocketException):
                await self._send(self._socket, type="message.send", client_id=client_id, text=text)
        return client_id

    def turn_of(self, client_id: str) -> str | None:
        """The turn that answers an acknowledged message."""
        event = self.acknowledged.get(client_id)
        turn: str | None = event["message"]["turn"] if event else None
        return turn

    def outcome(self, turn: str | None) -> bool:
        """True once the turn's outcome was shown."""
        return turn is not None and any(is_outcome(frame, turn) for frame in self.log)

    def in_mid_answer(self, client_id: str) -> bool:
        """True while the message's answer is being shown, and not yet whole."""
        turn = self.turn_of(client_id)
        return turn is not None and bool(self.shown.get(turn)) and not self.outcome(turn)

    async def _converse(self, socket: ClientConnection) -> None:
        after = len(self.log)
        await self._send(
            socket, type="hello", widget=self.widget, session=self.session, conversation=self.conversation, after=after
        )
        async for data in socket:
            frame = json.loads(data)
            if frame["type"] == "welcome":
                self.session, self.conversation = frame["session"], frame["conversation"]
                self.connections += 1
                self._socket = socket
                await self._send_again(socket)
            elif frame["type"] == "error":
                await self._refused(socket, frame)
            else:
                self._take(frame)

    async def _refused(self, socket: ClientConnection, frame: Frame) -> None:
        if frame["code"] != "unavailable":
            self.wrong.append(f"refused: {frame}")
        await asyncio.sleep(RECONNECT_SECONDS)
        if self._socket is None:
            await socket.close()  # the hello was refused: say it anew
        else:
            await self._send_again(socket)

    async def _send_again(self, socket: ClientConnection) -> None:
        for client_id, text in self.unacknowledged.items():
            await self._send(socket, type="message.send", client_id=client_id, text=text)

    def _take(self, frame: Frame) -> None:
        if frame["type"] == "answer.delta":
            self._show(frame)
        if "seq" not in frame or frame["type"] == "head":
            return
        if frame["seq"] == len(self.log) + 1:
            self.log.append(frame)
            self._acknowledge(frame)
        elif frame not in self.acknowledged.values():
            self.wrong.append(f"event {frame['seq']} after {len(self.log)}")

    def _show(self, frame: Frame) -> None:
        turn, offset = frame["turn"], frame["offset"]
        if self.outcome(turn):
            self.wrong.append(f"a delta after the outcome of {turn}")
        known = self.shown.get(turn, "")
        if offset not in (0, len(known)):
            self.wrong.append(f"a delta at {offset} after {len(known)} code points")
        self.shown[turn] = known[:offset] + frame["text"]

    def _acknowledge(self, frame: Frame) -> None:
        client_id = frame["message"]["client_id"] if frame["type"] == "message.created" else None
        if client_id is not None and self.unacknowledged.pop(client_id, None) is not None:
            self.acknowledged[client_id] = frame

    async def _send(self, socket: ClientConnection, **frame: Any) -> None:
        await socket.send(json.dumps(frame))


def is_outcome(frame: Frame, turn: str) -> bool:
    """True when the event ends the turn."""
    if frame["type"] == "conversation.updated":
        return bool(frame["turn"] == turn)
    message = frame["message"]
    return bool(message["turn"] == turn and message["role"] == "assistant")
