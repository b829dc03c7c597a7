"""Keeps account of every single call: set aside before it what it may cost, put down after it what it did.

Calls that are cancelled, lost to a hedge or broken off are put down like all others. Their server may have written more
than was heard, thinking above all, and says nothing of it: the most that they may cost stays put down, or a cap bounds
nothing.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assistant import metrics
from assistant.answers import CompletionRecord
from assistant.llm.port import UNKNOWN, Call, ChatModel, Finished, Items, ModelFailure, Prompt, Usage
from assistant.llm.prices import Price
from assistant.llm.telling import Telling

# A token is about so many bytes of UTF-8, in English and in most other scripts.
BYTES_A_TOKEN = 4
TOKENS_A_MESSAGE = 4


@dataclass
class _Entry:
    """One call, as it goes on."""

    model: str
    provider: str
    call: Call
    prompt: Prompt
    price: Price | None
    started: float
    first_at: float | None = None
    pieces: list[str] = field(default_factory=list)

    def record(self, outcome: str, usage: Usage, status: int | None, now: float) -> CompletionRecord:
        text = "".join(self.pieces)
        read, written = usage.prompt_tokens, usage.completion_tokens
        said = read is not None and written is not None
        if read is None or written is None:
            read, written = prompt_tokens(self.prompt), tokens_of(text)
        likely = self.price.of(read, written) if self.price else None
        usd = likely if said or outcome == "ok" else most_usd(self.price, self.prompt)
        return CompletionRecord(
            purpose=self.call.purpose,
            model=self.model,
            outcome=outcome,
            prompt_tokens=read,
            completion_tokens=written,
            first_token_ms=None if self.first_at is None else (self.first_at - self.started) * 1000,
            total_ms=(now - self.started) * 1000,
            text=text,
            kind=self.call.kind,
            provider=self.provider,
            cost_usd=None if usd is None else round(usd, 6),
            estimated=not said,
            status=status,
        )


@dataclass(frozen=True)
class Ledger:
    """A model at a provider whose calls are counted, paid and recorded. Without a price they cost an unknown sum.

    Those that fail are told to `telling`.
    """

    inner: ChatModel
    provider: str
    price: Price | None
    telling: Telling = field(default_factory=Telling)

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. Raises ModelFailure("spent") or ("deadline") for a call that is not made."""
        clock, tally = asyncio.get_running_loop().time, call.tally
        if clock() >= call.begin_by:
            raise ModelFailure("deadline", "no time is left for a call")
        reserved = await self._reserved(prompt, call)
        entry = _Entry(self.name, self.provider, call, prompt, self.price, clock())
        outcome, usage, status = "cancelled", UNKNOWN, None
        try:
            async with contextlib.aclosing(self.inner.stream(prompt, call)) as items:
                async for item in items:
                    if isinstance(item, Finished):
                        outcome, usage = "ok", item.usage
                    elif isinstance(item, str):
                        entry.pieces.append(item)
                        if entry.first_at is None:
                            entry.first_at = clock()
                    yield item
        except ModelFailure as failure:
            outcome, usage, status = failure.kind, failure.usage, failure.status
            raise
        finally:
            record = entry.record(outcome, usage, status, clock())
            tally.records.append(record)
            _count(record)
            self.telling.of_call(record)
            call.payer.settle(reserved, record)

    async def _reserved(self, prompt: Prompt, call: Call) -> Any:
        most = most_usd(self.price, prompt)
        if call.tally.most is not None and call.tally.begun >= call.tally.most:
            raise ModelFailure("spent", f"{call.tally.most} calls were made for it")
        call.tally.begun += 1
        try:
            async with asyncio.timeout_at(call.begin_by):
                return await call.payer.reserve(call, self.name, self.provider, most)
        except ModelFailure as refused:
            call.tally.begun -= 1  # not made, so that a cheaper one may be
            if refused.scope:
                call.tally.records.append(self._refused(call, refused))
            raise
        except TimeoutError as error:
            raise ModelFailure("deadline", "what it may cost was not set aside in time") from error

    def _refused(self, call: Call, refused: ModelFailure) -> CompletionRecord:
        return CompletionRecord(
            purpose=call.purpose,
            model=self.name,
            outcome=refused.kind,
            prompt_tokens=0,
            completion_tokens=0,
            kind=call.kind,
            provider=self.provider,
            cost_usd=0.0,
            scope=refused.scope,
        )


def most_usd(price: Price | None, prompt: Prompt) -> float | None:
    """What a call may cost at most, in US dollars; None without a price."""
    return price.of(most_prompt_tokens(prompt), prompt.max_tokens) if price else None


def most_prompt_tokens(prompt: Prompt) -> int:
    """No token is less than a byte, and some are no more: digits, signs, words of scripts that a model hardly knows."""
    return sum(_bytes(message.content) + TOKENS_A_MESSAGE for message in prompt.messages)


def prompt_tokens(prompt: Prompt) -> int:
    """About as many as a server would count."""
    return sum(tokens_of(message.content) + TOKENS_A_MESSAGE for message in prompt.messages)


def tokens_of(text: str) -> int:
    """About as many as a server would count."""
    return -(-_bytes(text) // BYTES_A_TOKEN)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "ignore"))


def _count(record: CompletionRecord) -> None:
    metrics.completions.labels(record.model, record.kind, record.outcome).inc()
    for kind, many in _tokens(record):
        metrics.tokens.labels(record.model, kind).inc(many)
    metrics.spend_usd.labels(record.model).inc(record.cost_usd or 0)


def _tokens(record: CompletionRecord) -> Iterator[tuple[str, int]]:
    yield "prompt", record.prompt_tokens or 0
    yield "completion", record.completion_tokens or 0
