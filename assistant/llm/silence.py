"""Says that a model was silent for its time, before anything else is asked: somebody else may go on with it."""

import asyncio
import contextlib
from dataclasses import dataclass

from assistant.llm.port import Call, ChatModel, Items, ModelFailure, Prompt

# With less there is nothing to be gained elsewhere.
LEAST_LEFT_SECONDS = 1.0


@dataclass(frozen=True)
class Noticed:
    """A model whose silence of `first` seconds, with no text at all, is told to `Call.on_silence`.

    Only while time and calls are left for more. A server that could not be reached is no silence: it is known sooner,
    and another is asked as soon.
    """

    inner: ChatModel
    first: float

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        clock = asyncio.get_running_loop().time
        late_at, heard = clock() + self.first, False
        try:
            async with contextlib.aclosing(self.inner.stream(prompt, call)) as items:
                async for item in items:
                    heard = True
                    yield item
        except ModelFailure as failure:
            silent = failure.kind == "timeout" and not heard and clock() >= late_at
            if silent and call.may_go_on(clock() + LEAST_LEFT_SECONDS):
                await call.on_silence()
            raise
