"""The frames of the desk's socket that the chat protocol does not have, and how its own are read."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from assistant.events.catalogue import Frame, Ping, ReadUpTo, TypingNow
from assistant.realtime.frames import BadFrame, Fields, parse


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """Follow this conversation from `after` on, and no other; None follows the queue alone."""

    conversation: uuid.UUID | None
    after: int


@dataclass(frozen=True, slots=True)
class Reply:
    """An agent's words to the customer; repeats with the same `client_id` are one message."""

    client_id: str
    conversation: uuid.UUID
    text: str


DeskFrame = OpenConversation | Reply | TypingNow | ReadUpTo | Ping


@dataclass(frozen=True, slots=True)
class DeskWelcome(Frame):
    """Answer to `hello`: `seq` is the conversation's head."""

    type: ClassVar[str] = "welcome"
    conversation: str | None
    seq: int
    status: str | None


@dataclass(frozen=True, slots=True)
class ReplySaved(Frame):
    """The reply is stored; its `message.created` has this `seq`."""

    type: ClassVar[str] = "reply.saved"
    client_id: str
    conversation: str
    seq: int


@dataclass(frozen=True, slots=True)
class QueueChanged(Frame):
    """Something in the list changed, and it is not known what."""

    type: ClassVar[str] = "queue.changed"


def _conversation(fields: Fields) -> uuid.UUID:
    try:
        return uuid.UUID(fields.text("conversation"))
    except ValueError:
        raise BadFrame("conversation must be an id.", fields.client_id_read) from None


def _open(fields: Fields) -> OpenConversation:
    if fields.fields.get("conversation") is None:
        return OpenConversation(None, 0)
    return OpenConversation(_conversation(fields), fields.seq("after"))


PARSERS: dict[str, Callable[[Fields], DeskFrame]] = {
    "hello": _open,
    "message.send": lambda f: Reply(f.client_id(), _conversation(f), f.text("text")),
    "typing": lambda f: TypingNow(),
    "read": lambda f: ReadUpTo(f.seq("seq")),
    "ping": lambda f: Ping(),
}


def parse_desk(text: str) -> DeskFrame:
    """The frame in `text`. Raises BadFrame or UnknownType; unknown fields are ignored."""
    return parse(text, PARSERS)
