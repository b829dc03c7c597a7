"""Leaves a server alone for as long as it asked for: who comes next is not sent there to be turned away too."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from assistant.llm.port import LIMITED, Call, ChatModel, Items, ModelFailure, Prompt

# A server may ask for an hour, or by a clock that is wrong. Once a minute it is asked whether it still means it.
LONGEST_SECONDS = 60.0


@dataclass
class Rest:
    """Until when a model's server wants no call. Times are seconds of a clock that never goes back."""

    clock: Callable[[], float] = time.monotonic
    _until: float = float("-inf")

    @property
    def seconds(self) -> float:
        """How long from now; 0 when it takes calls."""
        return max(0.0, self._until - self.clock())

    def note(self, failure: ModelFailure) -> None:
        """A call was turned away, perhaps with a Retry-After. What was asked for before holds until it is over."""
        if failure.kind in LIMITED and failure.retry_after_seconds:
            self._until = max(self._until, self.clock() + min(failure.retry_after_seconds, LONGEST_SECONDS))


@dataclass(frozen=True)
class Rested:
    """A model that is not asked while its server rests."""

    inner: ChatModel
    rest: Rest

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        if seconds := self.rest.seconds:
            raise ModelFailure("resting", f"it wants no call for {seconds:.1f} s", seconds)
        try:
            async with contextlib.aclosing(self.inner.stream(prompt, call)) as items:
                async for item in items:
                    yield item
        except ModelFailure as failure:
            self.rest.note(failure)
            raise
