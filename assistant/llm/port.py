"""What answering asks of a model, whoever serves it: a stream of text, or a whole text."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

FailureKind = Literal[
    "connect", "timeout", "rate_limit", "overloaded", "refused", "malformed", "empty", "filtered", "deadline"
]
# What the same server may well do right when asked again at once.
RETRYABLE = frozenset({"connect", "timeout", "overloaded", "rate_limit", "malformed", "empty"})


class ModelFailure(Exception):
    """A model gave no usable completion. `kind` is for code, the message for operators; neither is for customers."""

    def __init__(self, kind: FailureKind, detail: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.retry_after_seconds = retry_after_seconds

    @property
    def retryable(self) -> bool:
        return self.kind in RETRYABLE


@dataclass(frozen=True)
class ChatMessage:
    """One message of a prompt, in the roles of the OpenAI API."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Prompt:
    """What a model is asked. `version` is the hash of the template's text."""

    messages: tuple[ChatMessage, ...]
    version: str
    max_tokens: int = 2000  # reasoning models spend most of them unseen


@dataclass(frozen=True)
class Usage:
    """Tokens as the server counts them; null when it does not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Finished:
    """The stream's last item: the completion is whole."""

    usage: Usage


class ChatModel(Protocol):
    """A chat model behind some server."""

    @property
    def name(self) -> str:
        """The model's name, as answers and completion rows carry it."""

    def stream(self, prompt: Prompt, deadline: float) -> AsyncIterator[str | Finished]:
        """Pieces of text as they come, then one `Finished`. `deadline` is on the event loop's clock, in seconds.

        Raises ModelFailure, possibly after some pieces; then no `Finished` comes and the pieces are void.
        """


async def complete(model: ChatModel, prompt: Prompt, deadline: float) -> str:
    """The whole completion. Raises ModelFailure."""
    pieces = [piece async for piece in model.stream(prompt, deadline) if isinstance(piece, str)]
    return "".join(pieces)
