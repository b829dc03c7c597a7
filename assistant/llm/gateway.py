"""Which models are asked, in which order. The order is the documentation:

the primary model, the same once more when its failure may pass, then each fallback; when all have failed the caller
answers from passages. A text that was begun is never continued by another attempt: it starts again at offset 0.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from django.conf import settings

from assistant.answers import CompletionRecord
from assistant.llm.openai import OpenAIModel
from assistant.llm.port import ChatModel, Finished, ModelFailure, Prompt

# What a call is for, unless it is said.
ANSWER = "answer"
RETRY_PAUSE_SECONDS = 0.3
# A server that asks for more patience than this is passed over.
LONGEST_RETRY_AFTER_SECONDS = 2.0

OnText = Callable[[int, str], Awaitable[None]]


@dataclass(frozen=True)
class Completion:
    """What came of all attempts. `model` is null when every one failed; `text` is empty then."""

    text: str
    model: str | None
    records: tuple[CompletionRecord, ...]


@dataclass
class _Attempt:
    model: ChatModel
    purpose: str
    started: float = field(default_factory=time.monotonic)
    first_token_ms: float | None = None
    pieces: list[str] = field(default_factory=list)

    def record(self, outcome: str, finished: Finished | None = None) -> CompletionRecord:
        usage = finished.usage if finished else None
        return CompletionRecord(
            purpose=self.purpose,
            model=self.model.name,
            outcome=outcome,
            prompt_tokens=usage.prompt_tokens if usage else None,
            completion_tokens=usage.completion_tokens if usage else None,
            first_token_ms=self.first_token_ms,
            total_ms=self.elapsed_ms(),
            text="".join(self.pieces),
        )

    def elapsed_ms(self) -> float:
        return (time.monotonic() - self.started) * 1000


def models() -> list[OpenAIModel]:
    """The configured models, primary first. A fallback is `MODEL` or `MODEL@BASE_URL`."""
    primary = OpenAIModel(settings.LLM_MODEL, settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY)
    return [primary, *(_named(entry.strip()) for entry in settings.LLM_FALLBACK_MODELS if entry.strip())]


async def complete(prompt: Prompt, on_text: OnText, deadline: float, purpose: str = ANSWER) -> Completion:
    """The first whole completion. `on_text(offset, text)` gets the pieces; offset 0 begins anew.

    `deadline` is on the event loop's clock, in seconds. Raises nothing of the models: see `Completion.model`.
    """
    records: list[CompletionRecord] = []
    primary, *fallbacks = models()
    failure = await _try(primary, prompt, on_text, deadline, purpose, records)
    if isinstance(failure, ModelFailure) and await _worth_repeating(failure, deadline):
        failure = await _try(primary, prompt, on_text, deadline, purpose, records)
    for model in fallbacks:
        if isinstance(failure, str):
            break
        failure = await _try(model, prompt, on_text, deadline, purpose, records)
    if isinstance(failure, ModelFailure):
        return Completion("", None, tuple(records))
    return Completion(failure, records[-1].model, tuple(records))


async def unheard(offset: int, text: str) -> None:
    """The `on_text` of a text that is only of use when it is whole."""


async def complete_once(entry: str, prompt: Prompt, deadline: float, purpose: str) -> Completion:
    """What the model `MODEL` or `MODEL@BASE_URL` writes in one attempt, heard by nobody before it is whole."""
    records: list[CompletionRecord] = []
    written = await _try(_named(entry), prompt, unheard, deadline, purpose, records)
    if isinstance(written, ModelFailure):
        return Completion("", None, tuple(records))
    return Completion(written, records[-1].model, tuple(records))


async def _try(
    model: ChatModel, prompt: Prompt, on_text: OnText, deadline: float, purpose: str, records: list[CompletionRecord]
) -> str | ModelFailure:
    """One attempt: its text, or how it failed. Always leaves a record."""
    attempt = _Attempt(model, purpose)
    try:
        text, finished = await _stream(attempt, prompt, on_text, deadline)
    except ModelFailure as failure:
        records.append(attempt.record(failure.kind))
        return failure
    except asyncio.CancelledError:
        records.append(attempt.record("cancelled"))
        raise
    records.append(attempt.record("ok", finished))
    return text


async def _stream(attempt: _Attempt, prompt: Prompt, on_text: OnText, deadline: float) -> tuple[str, Finished]:
    offset = 0
    if asyncio.get_running_loop().time() >= deadline:
        raise ModelFailure("deadline", "no time left")
    async for piece in attempt.model.stream(prompt, deadline):
        if isinstance(piece, Finished):
            return "".join(attempt.pieces), piece
        if attempt.first_token_ms is None:
            attempt.first_token_ms = attempt.elapsed_ms()
        await on_text(offset, piece)
        attempt.pieces.append(piece)
        offset += len(piece)
    raise ModelFailure("malformed", "the stream ended without its end")


async def _worth_repeating(failure: ModelFailure, deadline: float) -> bool:
    pause = failure.retry_after_seconds
    if not failure.retryable or (pause or 0) > LONGEST_RETRY_AFTER_SECONDS:
        return False
    pause = RETRY_PAUSE_SECONDS * random.uniform(0.5, 1.5) if pause is None else pause  # noqa: S311
    if asyncio.get_running_loop().time() + pause >= deadline:
        return False
    await asyncio.sleep(pause)
    return True


def _named(entry: str) -> OpenAIModel:
    name, _, address = entry.partition("@")
    return OpenAIModel(name, address or settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY)
