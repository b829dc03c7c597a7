"""Ends a model's silence: before its first text, between two pieces, and at the caller's deadline."""

import asyncio
import contextlib
from dataclasses import dataclass

from assistant.llm.port import Call, ChatModel, Finished, Item, Items, ModelFailure, Prompt


@dataclass(frozen=True)
class Deadline:
    """A model that is given `first` seconds until its first text and `gap` seconds between pieces of it.

    What the caller's own time ends is a "deadline" and says nothing of the model; the rest is a "timeout".
    """

    inner: ChatModel
    first: float
    gap: float

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        loop = asyncio.get_running_loop()
        own, others = loop.time() + self.first, call.begin_by
        async with contextlib.aclosing(self.inner.stream(prompt, call)) as items:
            while (item := await _next(items, own, others)) is not None:
                yield item
                if isinstance(item, Finished):
                    return
                own, others = loop.time() + self.gap, call.deadline
        raise ModelFailure("malformed", "the stream ended without its end")


async def _next(items: Items, own: float, others: float) -> Item | None:
    try:
        async with asyncio.timeout_at(min(own, others)):
            return await anext(items, None)
    except TimeoutError as error:
        if others < own:
            raise ModelFailure("deadline", "no time was left for the model") from error
        raise ModelFailure("timeout", "the model fell silent") from error
