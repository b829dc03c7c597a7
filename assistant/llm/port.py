"""What answering asks of a model, whoever serves it: a stream of text, or a whole text.

A model may be made of models: each file beside this one that holds a `stream` adds one thing to another's.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from assistant.answers import CompletionRecord

FailureKind = Literal[
    "connect",
    "timeout",
    "rate_limit",
    "overloaded",
    "denied",  # the key or the model is not, or no longer, known there: no other question fares better
    "refused",  # this request
    "malformed",
    "empty",
    "filtered",
    "cut",  # it grew too long, or its thinking did: the same once more would too
    "repeated",  # the text went round in circles, which is the prompt's doing as much as the model's
    "deadline",  # the caller's time was over, not the model's
    "open",  # not asked: it failed too often just now
    "busy",  # not asked: enough calls of it are under way
    "resting",  # not asked: it said when to come back, which is not yet
    "spent",  # not asked: it would cost more, or be one call more, than is allowed
]
# What the same server may well do right when asked again at once.
RETRYABLE = frozenset({"connect", "timeout", "overloaded", "rate_limit", "malformed", "empty", "repeated"})
# How a server says that it has too much to do, and when to come back.
LIMITED = frozenset({"rate_limit", "overloaded"})
# What no server was asked for.
NOT_MADE = frozenset({"open", "busy", "resting", "spent"})
# Whose calls have a cap of what they may cost together.
CAPPED = frozenset({"conversation", "widget", "day"})
# What a call is for, unless it is said.
ANSWER = "answer"
# Whether the passages support a sentence of an answer.
CHECK = "check"
# Why a call was made: as the first of a model, or because of one that failed or was slow.
Kind = Literal["first", "retry", "hedge", "fallback"]


@dataclass(frozen=True)
class Usage:
    """Tokens as the server counts them; null when it does not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


UNKNOWN = Usage()
# Of a call that no server took on.
NOTHING = Usage(0, 0)


class ModelFailure(Exception):
    """A model gave no usable completion. `kind` is for code, the message for operators; neither is for customers.

    `scope` is what a payer refused it for: one of CAPPED, a "turn" that made its calls, or a "price" that is not known.
    `usage` is what the call used up all the same, `status` that of HTTP where the server refused it with one.
    """

    def __init__(
        self,
        kind: FailureKind,
        detail: str,
        retry_after_seconds: float | None = None,
        scope: str = "",
        usage: Usage = UNKNOWN,
        status: int | None = None,
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.retry_after_seconds = retry_after_seconds
        self.scope = scope
        self.usage = usage
        self.status = status

    @property
    def retryable(self) -> bool:
        """Whether the same model may do right once a moment, or the rest that it asks for, is over."""
        return self.kind in RETRYABLE or self.kind == "resting"


@dataclass(frozen=True)
class ChatMessage:
    """One message of a prompt, in the roles of the OpenAI API."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Prompt:
    """What a model is asked. `version` is the hash of the template's text.

    `gather_seconds`: pieces of its text that come within so long may come as one.
    """

    messages: tuple[ChatMessage, ...]
    version: str
    max_tokens: int = 2000  # reasoning models spend most of them unseen
    gather_seconds: float = 0.0


class Payer(Protocol):
    """Who pays for calls: keeps every one, and refuses what goes beyond what is allowed."""

    async def reserve(self, call: "Call", model: str, provider: str, usd: float | None) -> Any:
        """Set aside what a call may cost at most, None where no price is known; what it returns is given to `settle`.

        Raises ModelFailure("spent").
        """

    def settle(self, reserved: Any, record: CompletionRecord) -> None:
        """Put down what became of it, without waiting until that is done."""

    async def affords(self, usd: float | None) -> bool:
        """Whether a cap leaves room for a call that may cost so much, None where no price is known."""


class Nobody:
    """Pays for what no turn asks, such as an evaluation: everything is allowed and nothing is kept."""

    async def reserve(self, call: "Call", model: str, provider: str, usd: float | None) -> None:
        """Nothing is set aside."""

    def settle(self, reserved: Any, record: CompletionRecord) -> None:
        """Nothing is put down."""

    async def affords(self, usd: float | None) -> bool:
        """Everything."""
        return True


NOBODY: Payer = Nobody()
# Who pays for what is asked in this context.
payer: ContextVar[Payer] = ContextVar("payer", default=NOBODY)


@dataclass(frozen=True)
class Earlier:
    """What was asked in vain before, for the same answer and perhaps elsewhere.

    `silent` are the models that said nothing in their time, by name and provider, `seconds` how long all of them
    together were waited for, and `calls` how many were made.
    """

    silent: frozenset[tuple[str, str]] = frozenset()
    seconds: float = 0.0
    calls: int = 0


NOTHING_EARLIER = Earlier()
# What the completions of this context go on from.
earlier: ContextVar[Earlier] = ContextVar("earlier", default=NOTHING_EARLIER)


async def nobody_else() -> None:
    """The `on_silence` of who has nobody else to go on: more is asked here."""


@dataclass
class Tally:
    """What was done so far for one completion; shared by all of its calls.

    `records` holds every call that has ended or that who pays refused, `begun` counts those that were made, `most`
    bounds them. `skipped` are models that were not asked when it was their turn, each with the kind of failure.
    `heard_at` is when text last came, or when the completion was asked for, on the event loop's clock.
    """

    heard_at: float
    begun: int = 0
    most: int | None = None
    records: list[CompletionRecord] = field(default_factory=list)
    skipped: dict[str, FailureKind] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """What travels with a prompt: until when, what for, why and for whom.

    `deadline` is on the event loop's clock, in seconds. `patience` is how many seconds all models together may be
    silent; `alternatives` how many models are left to ask after this one, those at rest too, but none that had no
    place. `on_silence` is awaited when a model said nothing in its time, before anything else is asked.
    """

    deadline: float
    tally: Tally
    patience: float = float("inf")
    purpose: str = ANSWER
    kind: Kind = "first"
    alternatives: int = 0
    payer: Payer = NOBODY
    on_silence: Callable[[], Awaitable[None]] = nobody_else

    @property
    def begin_by(self) -> float:
        """When the next text has to have come."""
        return min(self.deadline, self.tally.heard_at + self.patience)

    def may_go_on(self, moment: float) -> bool:
        """Whether another call could be made and heard from `moment` on, on the event loop's clock."""
        return moment < self.begin_by and (self.tally.most is None or self.tally.begun < self.tally.most)


@dataclass(frozen=True)
class Anew:
    """The text starts anew: what came before is void."""


@dataclass(frozen=True)
class Thinking:
    """The model is alive and has no text yet. Told to whoever ends its silence, and to nobody beyond."""


@dataclass(frozen=True)
class Finished:
    """The stream's last item: the completion is whole."""

    usage: Usage


Item = str | Anew | Thinking | Finished
Items = AsyncGenerator[Item, None]


class ChatModel(Protocol):
    """A chat model behind some server, or made of others."""

    @property
    def name(self) -> str:
        """The model's name, as answers and completion rows carry it."""

    def stream(self, prompt: Prompt, call: Call) -> Items:
        """Pieces of text as they come, none empty, then one `Finished`.

        Raises ModelFailure, possibly after some pieces; then no `Finished` comes and the pieces are void. Whoever
        leaves early closes the generator, which ends the call at the provider.
        """
