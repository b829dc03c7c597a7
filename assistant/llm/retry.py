"""The same model once more, where that may help."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import stamina

from assistant.llm.port import NOT_MADE, Anew, Call, ChatModel, Items, ModelFailure, Prompt

ATTEMPTS = 2
PAUSE_SECONDS = 0.3
# A server that asks for more patience than this is passed over.
LONGEST_PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Retry:
    """A model that is asked again after a failure that may pass; a text that was begun is begun anew.

    Not while others are left to ask: after silence, as its price is a whole budget of time; when it asks for rest, as
    they can be asked at once; and when calls are counted because some model was found dead. A call that is a retry
    already, as Fallback makes them, may wait for its turn and is made once.
    """

    inner: ChatModel

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        begun = False
        async for attempt in stamina.retry_context(on=_pause_for(call), attempts=ATTEMPTS, timeout=None):
            # tenacity holds back every exception here, also that of a caller who leaves, and raises it again at once:
            # only a ModelFailure gets a pause.
            with attempt:
                if begun:
                    yield Anew()
                    begun = False
                this = call if attempt.num == 1 else replace(call, kind="retry")
                async with contextlib.aclosing(self.inner.stream(prompt, this)) as items:
                    async for item in items:
                        begun = True
                        yield item


def wants_rest(failure: ModelFailure) -> bool:
    """Whether a server that may do right later is not to be asked as soon as it would be asked again anyway."""
    rests = failure.kind == "resting" or (failure.retry_after_seconds or 0.0) > PAUSE_SECONDS
    return rests and failure.retryable


def pause_after(rest: float) -> float:
    """Seconds until the next call of a server that wants so many of rest, apart for all who were sent away until then:
    they would come at once.
    """
    return rest + PAUSE_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311


def _pause_for(call: Call) -> Callable[[Exception], bool | float]:
    """stamina's hook: seconds until the next attempt; False for none."""

    def pause(error: Exception) -> bool | float:
        if not isinstance(error, ModelFailure) or not error.retryable:
            return False
        if call.kind == "retry" and error.kind not in NOT_MADE:
            return False
        if call.alternatives and (error.kind == "timeout" or wants_rest(error) or call.tally.most is not None):
            return False
        rest = error.retry_after_seconds or 0.0
        seconds = pause_after(rest)
        in_time = call.may_go_on(asyncio.get_running_loop().time() + seconds)
        return seconds if in_time and rest <= LONGEST_PAUSE_SECONDS else False

    return pause
