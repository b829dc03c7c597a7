"""Plain WebSocket clients: a customer's, as anybody could write one, and an agent's."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from assistant.events.doorbell import hub
from assistant.models import User, Widget
from tests.cast import client_id

PATIENCE_SECONDS = 20
Frame = dict[str, Any]


class Speaker:
    """One connection that remembers what it heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Frame] = []

    def say(self, **frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def hear(self, type: str, where: Callable[[Frame], bool] = lambda frame: True) -> Frame:
        """The next frame of this type that fits; others are remembered in `heard`."""
        while True:
            frame: Frame = json.loads(self.socket.recv(timeout=PATIENCE_SECONDS))
            self.heard.append(frame)
            if frame["type"] == type and where(frame):
                return frame

    def closed_with(self) -> int:
        """The code that the server closes with."""
        try:
            while True:
                self.socket.recv(timeout=PATIENCE_SECONDS)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def leave(self) -> None:
        self.socket.close()


class Visit(Speaker):
    """A customer in a new conversation."""

    def __init__(self, site: str, widget: Widget) -> None:
        super().__init__(connect(site.replace("http", "ws") + "/ws/chat/", legacy=True))
        self.say(type="hello", widget=widget.key, session=None, conversation=None, after=0, locale="en")
        self.conversation: str = self.hear("welcome")["conversation"]

    def ask(self, text: str) -> Frame:
        self.say(type="message.send", client_id=client_id(), text=text)
        return self.hear("message.created", lambda frame: frame["message"]["text"] == text)

    def ask_for_a_person(self) -> Frame:
        self.say(type="handoff.request", client_id=client_id(), reason=None)
        return self.hear("conversation.updated", lambda frame: frame["status"] == "waiting")


def desk_socket(site: str, agent: User | None, origin: str | None = "", cookie: str | None = None) -> Speaker:
    """An agent's connection. `origin`: empty for our own page's; `cookie`: another session than the agent's."""
    if cookie is None and agent is not None:
        client = Client()
        client.force_login(agent)
        cookie = client.cookies["sessionid"].value
    headers = {"Cookie": f"sessionid={cookie}"} if cookie else {}
    return Speaker(
        connect(
            site.replace("http", "ws") + "/ws/desk/",
            origin=site if origin == "" else origin,  # type: ignore[arg-type]
            additional_headers=headers,
            legacy=True,
        )
    )


def desk_of(site: str, agent: User, conversation: object = None, after: int = 0) -> Speaker:
    """An agent's connection that has said hello."""
    speaker = desk_socket(site, agent)
    speaker.say(type="hello", conversation=str(conversation) if conversation else None, after=after)
    speaker.hear("welcome")
    return speaker


@contextlib.contextmanager
def rings_lost() -> Iterator[None]:
    """Nobody hears of what happens within the block, as where it happens in a process that the broker lost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub, "tell", lambda group, envelope: None)
        yield
