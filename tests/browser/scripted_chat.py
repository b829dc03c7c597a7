"""The server's end of chat protocol 1, played by a test: what it says and when is the test's to choose."""

import json
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

CREATED_AT = "2026-11-22T10:00:00Z"


class ScriptedChat:
    """One conversation. It welcomes, replays what is after `after`, and keeps what it heard."""

    def __init__(self, page: Page) -> None:
        self.events: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        self.connections: list[WebSocketRoute] = []
        self.deaf: list[WebSocketRoute] = []
        self.conversation = "c1"
        self.status = "assistant"
        self.acknowledges = True
        self.contact_saved = False
        self.mails = True
        self.queue: dict[str, Any] = {}
        self.refuses: dict[str, Any] | None = None
        page.route_web_socket("**/ws/chat/", self._accept)

    def _accept(self, ws: WebSocketRoute) -> None:
        self.connections.append(ws)
        ws.on_message(lambda data: None if ws in self.deaf else self._hear(json.loads(data)))

    def _hear(self, frame: dict[str, Any]) -> None:
        self.heard.append(frame)
        if frame["type"] == "hello":
            self._welcome(frame)
        if frame["type"] == "ping":
            self.progress("pong")
        if frame["type"] in ("message.send", "contact.send", "handoff.request") and self.refuses:
            self.progress("error", client_id=frame["client_id"], **self.refuses)
        elif frame["type"] == "message.send" and self.acknowledges:
            self._store_once(frame)

    def _welcome(self, hello: dict[str, Any]) -> None:
        head = len(self.events)
        settings = {"email": self.mails}
        told = {"seq": head, "status": self.status, "settings": settings, "contact_saved": self.contact_saved}
        self.progress("welcome", session="s", conversation=self.conversation, **told, **self.queue)
        for event in self.events[hello["after"] :]:
            self._say(event)

    def _store_once(self, frame: dict[str, Any]) -> None:
        known = [event for event in self.events if event.get("message", {}).get("client_id") == frame["client_id"]]
        if known:
            self._say(known[0])
        else:
            turn = f"t{len(self.events)}" if self.status == "assistant" else None
            self.message("customer", frame["text"], client_id=frame["client_id"], turn=turn)

    def _say(self, frame: dict[str, Any]) -> None:
        if self.connections and self.connections[-1] not in self.deaf:
            self.connections[-1].send(json.dumps(frame))

    def progress(self, kind: str, **fields: Any) -> None:
        """Say something that is not stored."""
        self._say({"type": kind, **fields})

    def head(self, **fields: Any) -> None:
        """Where the conversation stands, as told every few seconds."""
        self.progress("head", seq=len(self.events), **fields)

    def durable(self, kind: str, **fields: Any) -> None:
        """Store an event with the next seq and say it."""
        event = {"type": kind, "seq": len(self.events) + 1, **fields}
        self.events.append(event)
        self._say(event)

    def message(self, role: str, text: str, **fields: Any) -> str:
        """Somebody said `text`; the message's id."""
        base = {"client_id": None, "turn": None, "author": None, "sources": [], "decision": None}
        identity = f"m{len(self.events) + 1}"
        body = {**base, "id": identity, "role": role, "text": text, "created_at": CREATED_AT, **fields}
        self.durable("message.created", message=body)
        return identity

    def update(self, status: str, **fields: Any) -> None:
        """The conversation goes to `status`."""
        self.status = status
        self.durable(
            "conversation.updated", status=status, **{"turn": None, "client_id": None, "agent": None, **fields}
        )

    def answer(self, text: str, **fields: Any) -> str:
        """The assistant's message for the newest turn."""
        return self.message("assistant", text, **{"turn": self.open_turn, "decision": "answer", **fields})

    @property
    def open_turn(self) -> str | None:
        """The turn of the last customer message."""
        turns = [event["message"]["turn"] for event in self.events if event["type"] == "message.created"]
        return next((turn for turn in reversed(turns) if turn), None)

    def cut(self) -> None:
        """Break the connection, as a network does."""
        self.connections[-1].close(code=1012)

    def deafen(self) -> None:
        """From now on nothing passes through the connections that there are, and no end is told."""
        self.deaf.extend(self.connections)

    def kinds(self) -> list[str]:
        """Types of the frames heard, in order."""
        return [frame["type"] for frame in self.heard]

    def said(self, kind: str) -> list[dict[str, Any]]:
        """Frames of one type that were heard."""
        return [frame for frame in self.heard if frame["type"] == kind]
