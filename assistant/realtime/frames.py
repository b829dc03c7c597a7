"""From the bytes of a customer's client to a typed frame, or a refusal; nothing else gets through."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from assistant.events.catalogue import (
    AnswerStop,
    ClientFrame,
    ContactSend,
    FeedbackSend,
    HandoffCancel,
    HandoffRequest,
    Hello,
    MessageSend,
    Ping,
    ReadUpTo,
    TypingNow,
)

T = TypeVar("T")
CLIENT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LARGEST_SEQ = 2**63 - 1
LONGEST_LOCALE = 35


class BadFrame(Exception):
    """Not a frame of the protocol. `client_id` is its own, when that much could be read."""

    def __init__(self, words: str, client_id: str | None = None) -> None:
        super().__init__(words)
        self.client_id = client_id


class UnknownType(Exception):
    """A well-formed frame of a type that this version does not know."""


class Fields:
    """Typed access to the fields of one JSON object; a missing or wrong one is a BadFrame."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.client_id_read: str | None = None

    def fail(self, name: str, expected: str) -> BadFrame:
        return BadFrame(f"{name} must be {expected}.", self.client_id_read)

    def client_id(self) -> str:
        value = self.fields.get("client_id")
        if not isinstance(value, str) or not CLIENT_ID.fullmatch(value):
            raise self.fail("client_id", "a lower-case UUID")
        self.client_id_read = value
        return value

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise self.fail(name, "text")
        return value

    def clean_text(self, name: str) -> str:
        """Text without NUL and lone surrogates."""
        value = self.text(name)
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise self.fail(name, "text that can be stored")
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self.fields.get(name) is None else self.clean_text(name)

    def seq(self, name: str) -> int:
        value = self.fields.get(name)
        if type(value) is not int or not 0 <= value <= LARGEST_SEQ:
            raise self.fail(name, "a number of an event")
        return value

    def rating(self) -> int:
        value = self.fields.get("rating")
        if type(value) is not int or value not in (1, -1):
            raise self.fail("rating", "1 or -1")
        return value


def _hello(fields: Fields) -> Hello:
    return Hello(
        widget=fields.clean_text("widget"),
        session=fields.optional_text("session"),
        conversation=fields.optional_text("conversation"),
        after=fields.seq("after") if fields.fields.get("after") is not None else 0,
        identity=fields.optional_text("identity"),
        locale=(fields.optional_text("locale") or "en")[:LONGEST_LOCALE],
    )


# The client id is read first, so that a refusal of the rest can name it.
PARSERS: dict[str, Callable[[Fields], ClientFrame]] = {
    "hello": _hello,
    "message.send": lambda f: MessageSend(f.client_id(), f.text("text")),
    "handoff.request": lambda f: HandoffRequest(f.client_id(), f.optional_text("reason")),
    "handoff.cancel": lambda f: HandoffCancel(f.client_id()),
    "contact.send": lambda f: ContactSend(f.client_id(), f.clean_text("email"), f.optional_text("page")),
    "feedback.send": lambda f: FeedbackSend(f.clean_text("message"), f.rating(), f.optional_text("comment")),
    "answer.stop": lambda f: AnswerStop(f.clean_text("turn")),
    "typing": lambda f: TypingNow(),
    "read": lambda f: ReadUpTo(f.seq("seq")),
    "ping": lambda f: Ping(),
}


def parse(text: str, parsers: Mapping[str, Callable[[Fields], T]]) -> T:
    """The frame in `text`, read by its type's parser. Raises BadFrame or UnknownType; unknown fields are ignored."""
    fields = _object(text)
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise BadFrame("type must be text.")
    parser = parsers.get(kind)
    if parser is None:
        raise UnknownType("This type of frame is not known.")
    return parser(Fields(fields))


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadFrame("A frame is one JSON object.") from None
    if not isinstance(value, dict):
        raise BadFrame("A frame is one JSON object.")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
