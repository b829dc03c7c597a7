"""Ends a model's silence: before its first text, between two pieces, and at the caller's deadline."""

import asyncio
import contextlib
from dataclasses import dataclass

from assistant.llm.port import Call, ChatModel, Finished, Item, Items, ModelFailure, Prompt, Thinking


@dataclass(frozen=True)
class Deadline:
    """A model that is given `first` seconds until its first text and `gap` seconds between pieces of it.

    One that thinks, and says so at most `gap` seconds apart, has until the caller's patience ends; where models are
    left to ask, only as long as it leaves `first` seconds to the next. What the caller's own time ends is a "deadline"
    and says nothing of the model; the rest is a "timeout", as is thinking without a text in all that time.
    """

    inner: ChatModel
    first: float
    gap: float

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. Thinking is not passed on: it is no text, and whoever waits for text goes on waiting."""
        loop = asyncio.get_running_loop()
        due = own = loop.time() + self.first
        others = call.begin_by
        async with contextlib.aclosing(self.inner.stream(prompt, call)) as items:
            while (item := await _next(items, own, others)) is not None:
                if isinstance(item, Thinking):
                    patience = call.begin_by - (self.first if call.alternatives else 0.0)
                    own = min(loop.time() + self.gap, max(due, patience))
                    continue
                yield item
                if isinstance(item, Finished):
                    return
                due = own = loop.time() + self.gap
                others = call.deadline
        raise ModelFailure("malformed", "the stream ended without its end")


async def _next(items: Items, own: float, others: float) -> Item | None:
    try:
        async with asyncio.timeout_at(min(own, others)):
            return await anext(items, None)
    except TimeoutError as error:
        if others < own:
            raise ModelFailure("deadline", "no time was left for the model") from error
        raise ModelFailure("timeout", "the model fell silent") from error
