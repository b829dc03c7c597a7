"""The same model once more, where that may help."""

import asyncio
import contextlib
import random
from dataclasses import dataclass, replace

from assistant.llm.port import NOT_MADE, Anew, Call, ChatModel, Items, ModelFailure, Prompt

PAUSE_SECONDS = 0.3
# A server that asks for more patience than this is passed over.
LONGEST_PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Retry:
    """A model that is asked again after a failure that may pass; a text that was begun is begun anew.

    Not while others are left to ask: after silence, as its price is a whole budget of time; when it asks for rest, as
    they can be asked at once; and when calls are counted because some model was found dead. A call that is a retry
    already, as Fallback makes them, may wait for its turn and is made once.

    Written out, and not stamina's: what tenacity keeps of its attempts is a cycle, which held on to a whole turn until
    the collector looked at old objects, and that is rarely (assistant/realtime/lifespan.py).
    """

    inner: ChatModel

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        begun = False
        for this in (call, replace(call, kind="retry")):
            try:
                async with contextlib.aclosing(self.inner.stream(prompt, this)) as items:
                    async for item in items:
                        begun = True
                        yield item
                return
            except ModelFailure as failure:
                pause = _pause_before_another(failure, call) if this is call else None
                if pause is None:
                    raise
            await asyncio.sleep(pause)
            if begun:
                yield Anew()


def wants_rest(failure: ModelFailure) -> bool:
    """Whether a server that may do right later is not to be asked as soon as it would be asked again anyway."""
    rests = failure.kind == "resting" or (failure.retry_after_seconds or 0.0) > PAUSE_SECONDS
    return rests and failure.retryable


def pause_after(rest: float) -> float:
    """Seconds until the next call of a server that wants so many of rest, apart for all who were sent away until then:
    they would come at once.
    """
    return rest + PAUSE_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311


def _pause_before_another(failure: ModelFailure, call: Call) -> float | None:
    """Seconds until the second attempt; None for none."""
    if not failure.retryable or (call.kind == "retry" and failure.kind not in NOT_MADE):
        return None
    if call.alternatives and (failure.kind == "timeout" or wants_rest(failure) or call.tally.most is not None):
        return None
    rest = failure.retry_after_seconds or 0.0
    pause = pause_after(rest)
    in_time = call.may_go_on(asyncio.get_running_loop().time() + pause)
    return pause if in_time and rest <= LONGEST_PAUSE_SECONDS else None
