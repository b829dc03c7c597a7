"""Bounds how many calls of one provider's models are under way in this process."""

import asyncio
import contextlib
import weakref
from dataclasses import dataclass, field

from assistant.llm.port import Call, ChatModel, Items, ModelFailure, Prompt


@dataclass
class Places:
    """So many places for calls; each event loop has its own, as it can only wait for its own."""

    many: int
    _of_loop: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]" = field(
        default_factory=weakref.WeakKeyDictionary
    )

    def here(self) -> asyncio.Semaphore:
        """The running loop's."""
        return self._of_loop.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.many))


@dataclass(frozen=True)
class Limited:
    """A model whose calls wait for a place, at most until their text is due.

    Nobody waits who has another way: a hedge has the first request, others the models that are left to ask. When those
    have failed too, Fallback comes back and waits.
    """

    inner: ChatModel
    places: Places

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        places = self.places.here()
        if places.locked() and (call.kind == "hedge" or call.alternatives):
            raise ModelFailure("busy", "no place was free")
        try:
            async with asyncio.timeout_at(call.begin_by):
                await places.acquire()
        except TimeoutError as error:
            raise ModelFailure("busy", "no place became free in time") from error
        try:
            async with contextlib.aclosing(self.inner.stream(prompt, call)) as items:
                async for item in items:
                    yield item
        finally:
            places.release()
