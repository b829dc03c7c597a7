"""Every frame of chat protocol 1, once, typed. `docs/contract.md` says what each means."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Frame:
    """One JSON object on the wire. Fields named in `optional` are left out when they are None."""

    type: ClassVar[str]
    optional: ClassVar[frozenset[str]] = frozenset()

    def frame(self) -> dict[str, Any]:
        """The object to send."""
        kept = {name: value for name, value in _plain(self).items() if value is not None or name not in self.optional}
        return {"type": self.type, **kept}


def _plain(value: Any) -> Any:
    """As `dataclasses.asdict` gives it, which copies each text and number, too, with two calls for each."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


# --- Durable: stored with a `seq` before anyone sees them -------------------------------------


@dataclass(frozen=True, slots=True)
class Author:
    """An agent, as customers see one."""

    name: str
    avatar: str | None


@dataclass(frozen=True, slots=True)
class MessageBody:
    """A message; `html` is the sanitised rendering, `sources` are shaped as in `ask --json`.

    `offers_person`: it asks last whether a person is wanted.
    """

    id: str
    client_id: str | None
    turn: str | None
    role: str
    author: Author | None
    text: str
    html: str
    sources: list[dict[str, Any]]
    decision: str | None
    stopped: bool
    created_at: str
    offers_person: bool = False


@dataclass(frozen=True, slots=True)
class MessageCreated(Frame):
    type: ClassVar[str] = "message.created"
    message: MessageBody


@dataclass(frozen=True, slots=True)
class ConversationUpdated(Frame):
    type: ClassVar[str] = "conversation.updated"
    status: str
    turn: str | None = None
    client_id: str | None = None
    agent: Author | None = None


DurableEvent = MessageCreated | ConversationUpdated


# --- Progress and presence: may be lost ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerStarted(Frame):
    type: ClassVar[str] = "answer.started"
    turn: str


@dataclass(frozen=True, slots=True)
class AnswerStatus(Frame):
    """`status` is searching, writing, delayed, stopped or failed."""

    type: ClassVar[str] = "answer.status"
    optional: ClassVar[frozenset[str]] = frozenset({"estimate_seconds", "position", "sources"})
    turn: str
    status: str
    estimate_seconds: float | None = None
    position: int | None = None
    sources: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class AnswerDelta(Frame):
    """`offset` counts the Unicode code points before `text` in the turn's text."""

    type: ClassVar[str] = "answer.delta"
    turn: str
    offset: int
    text: str

    def frame(self) -> dict[str, Any]:
        """As Frame.frame, without copying: there are many of these."""
        return {"type": self.type, "turn": self.turn, "offset": self.offset, "text": self.text}


@dataclass(frozen=True, slots=True)
class Head(Frame):
    """`position` is the place among those who wait for a person, from 1; None when not waiting."""

    type: ClassVar[str] = "head"
    optional: ClassVar[frozenset[str]] = frozenset({"agents_available"})
    seq: int
    position: int | None = None
    agents_available: bool | None = None


@dataclass(frozen=True, slots=True)
class GoingAway(Frame):
    type: ClassVar[str] = "going_away"
    delay_ms: int


@dataclass(frozen=True, slots=True)
class Typing(Frame):
    """Somebody writes; `role` is customer or agent."""

    type: ClassVar[str] = "typing"
    role: str


@dataclass(frozen=True, slots=True)
class Read(Frame):
    """For the desk alone: how far the customer has read."""

    type: ClassVar[str] = "read"
    role: str
    seq: int


ProgressFrame = AnswerStarted | AnswerStatus | AnswerDelta | Typing | Read


# --- Answers to one connection ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Welcome(Frame):
    """`contact_saved`: an address is kept where an answer may follow; which one is not told."""

    type: ClassVar[str] = "welcome"
    session: str
    conversation: str
    seq: int
    status: str
    settings: dict[str, Any]
    position: int | None
    agents_available: bool
    contact_saved: bool


@dataclass(frozen=True, slots=True)
class ContactSaved(Frame):
    type: ClassVar[str] = "contact.saved"
    client_id: str
    email: str


@dataclass(frozen=True, slots=True)
class FeedbackSaved(Frame):
    type: ClassVar[str] = "feedback.saved"
    message: str
    rating: int


@dataclass(frozen=True, slots=True)
class Pong(Frame):
    type: ClassVar[str] = "pong"


@dataclass(frozen=True, slots=True)
class Error(Frame):
    """After one with a `client_id` nothing of that frame was kept."""

    type: ClassVar[str] = "error"
    optional: ClassVar[frozenset[str]] = frozenset({"client_id", "retry_after"})
    code: str
    message: str
    client_id: str | None = None
    retry_after: int | None = None


# --- What a customer's client sends ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    widget: str
    session: str | None = None
    conversation: str | None = None
    after: int = 0
    identity: str | None = None
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class MessageSend:
    client_id: str
    text: str


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    client_id: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HandoffCancel:
    client_id: str


@dataclass(frozen=True, slots=True)
class ContactSend:
    """`page` is where the widget stands, as the way back that a mail names."""

    client_id: str
    email: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class FeedbackSend:
    message: str
    rating: int
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerStop:
    turn: str


@dataclass(frozen=True, slots=True)
class TypingNow:
    pass


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    seq: int


@dataclass(frozen=True, slots=True)
class Ping:
    pass


ClientFrame = (
    Hello
    | MessageSend
    | HandoffRequest
    | HandoffCancel
    | ContactSend
    | FeedbackSend
    | AnswerStop
    | TypingNow
    | ReadUpTo
    | Ping
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A frame on its way inside the product: never sent to a client as it is.

    `attempt` tells an older attempt's progress from the newest; `origin` is the process that
    rang, which has already told its own sockets. `after` is the durable event that progress comes
    after: who was not sent that one yet has missed something. `follows` is the checksum of the text
    that a delta goes on from: an attempt may have begun another one, of which that delta was lost.
    """

    frame: dict[str, Any]
    attempt: int = 0
    origin: str = ""
    after: int = 0
    follows: int | None = None

    def message(self, group: str) -> dict[str, Any]:
        """As other processes are told of it."""
        return {
            "group": group,
            "frame": self.frame,
            "attempt": self.attempt,
            "origin": self.origin,
            "after": self.after,
            "follows": self.follows,
        }
