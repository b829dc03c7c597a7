"""A customer who speaks the chat protocol to a running product, and knows nothing else of it."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

from websockets.sync.client import connect

from tests.product import Product
from tests.realtime_clients import PATIENCE_SECONDS, Frame, Speaker


class Caller(Speaker):
    """One connection of a customer."""

    def hello(self, widget: str, **fields: Any) -> Frame:
        """Say hello; the welcome, or the refusal."""
        asked = {"session": None, "conversation": None, "after": 0, "identity": None, "locale": "en"}
        self.say(type="hello", widget=widget, **{**asked, **fields})
        return self.hear_any("welcome", "error")

    def send(self, text: str) -> Frame:
        """Send a message; its stored event, or the refusal."""
        client_id = str(uuid.uuid4())
        self.say(type="message.send", client_id=client_id, text=text)
        return self.hear_any("message.created", "error", client_id=client_id)

    def answer(self, turn: str) -> Frame:
        """The assistant's message of a turn."""
        return self.hear(
            "message.created", lambda frame: (frame["message"]["turn"], frame["message"]["role"]) == (turn, "assistant")
        )

    def hear_any(self, *types: str, client_id: str | None = None) -> Frame:
        """The next frame of one of these types, about this `client_id` if one is given."""
        while True:
            frame: Frame = json.loads(self.socket.recv(timeout=PATIENCE_SECONDS))
            self.heard.append(frame)
            about = frame["message"]["client_id"] if frame["type"] == "message.created" else frame.get("client_id")
            if frame["type"] in types and client_id in (None, about):
                return frame


@contextlib.contextmanager
def calling(product: Product, origin: str | None = None) -> Iterator[Caller]:
    """A connection that has not said hello, as a page of `origin` opens it."""
    with connect(product.chat_url, origin=origin, max_size=None) as socket:  # type: ignore[arg-type]
        yield Caller(socket)


@contextlib.contextmanager
def in_conversation(product: Product, **fields: Any) -> Iterator[Caller]:
    """A customer past the welcome."""
    with calling(product) as caller:
        welcome = caller.hello(product.widget, **fields)
        assert welcome["type"] == "welcome", welcome
        yield caller
