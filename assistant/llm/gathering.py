"""Gathers pieces of text that come soon after each other: what each costs in all the layers around is paid once."""

import asyncio
import contextlib
from dataclasses import dataclass

from assistant.llm.port import Call, ChatModel, Item, Items, Prompt

# Whoever reads on waits while so much is not taken.
MOST_CHARACTERS, MOST_ITEMS = 10_000, 100


@dataclass(frozen=True)
class Gathered:
    """A model whose pieces come at least `Prompt.gather_seconds` apart; the first, and what is no text, at once.

    It is read on meanwhile: what was written before it failed is told before the failure.
    """

    inner: ChatModel

    @property
    def name(self) -> str:
        return self.inner.name

    def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        items = self.inner.stream(prompt, call)
        return _gathered(items, prompt.gather_seconds) if prompt.gather_seconds else items


async def _gathered(items: Items, seconds: float) -> Items:
    held = _Held(seconds)
    reading = asyncio.create_task(held.read(items))
    try:
        while not held.is_over:
            for item in await held.take():
                yield item
    finally:
        reading.cancel()
        await asyncio.wait([reading])


class _Held:
    """What was read and not taken yet."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._items: list[Item] = []
        self._failure: Exception | None = None
        self._ended = False
        self._taken_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._due: asyncio.Future[None] = self._loop.create_future()
        self._room = asyncio.Event()
        self._room.set()

    async def read(self, items: Items) -> None:
        """Until their end, or the failure that ends them."""
        try:
            async with contextlib.aclosing(items):
                async for item in items:
                    self._put(item)
                    await self._room.wait()
        except Exception as failure:
            self._failure = failure
        finally:
            self._ended = True
            self._wake()

    @property
    def is_over(self) -> bool:
        """Whether all was read and taken, and nothing failed."""
        return self._ended and not self._items and self._failure is None

    async def take(self) -> list[Item]:
        """What was gathered, once it is due. Raises what ended the reading, after all that came before."""
        if not self._ended:
            await self._due
        if self._timer is not None:
            self._timer.cancel()
        self._due, self._timer, self._taken_at = self._loop.create_future(), None, self._loop.time()
        items, self._items = self._items, []
        self._room.set()
        if not items and self._failure is not None:
            raise self._failure
        return items

    def _put(self, item: Item) -> None:
        last = self._items[-1] if self._items else None
        if isinstance(item, str) and isinstance(last, str):
            self._items[-1] = item = last + item
        else:
            self._items.append(item)
        if len(self._items) >= MOST_ITEMS or (isinstance(item, str) and len(item) >= MOST_CHARACTERS):
            self._room.clear()
        at = self._taken_at + self._seconds
        if not isinstance(item, str) or self._loop.time() >= at:
            self._wake()
        elif self._timer is None:
            self._timer = self._loop.call_at(at, self._wake)

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._due.done():
            self._due.set_result(None)
