"""Several models in their order: each is asked when those before it have failed."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from assistant.llm.port import Anew, Call, ChatModel, Items, ModelFailure, Prompt
from assistant.llm.retry import LONGEST_PAUSE_SECONDS, pause_after, wants_rest


@dataclass(frozen=True)
class Fallback:
    """The first model, or whichever comes after it; at least one. A text that was begun is begun anew by the next."""

    models: Sequence[ChatModel]

    @property
    def name(self) -> str:
        return self.models[0].name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. Raises the last failure."""
        begun, last = False, ModelFailure("refused", "there is no model")
        line = _Line(self.models, call)
        while (next_one := await line.next()) is not None:
            model, this = next_one
            if begun:
                yield Anew()
                begun = False
            made = call.tally.begun
            try:
                async with contextlib.aclosing(model.stream(prompt, this)) as items:
                    async for item in items:
                        begun = not isinstance(item, Anew)
                        yield item
                return
            except ModelFailure as failure:
                last = failure
                if this.alternatives:
                    line.put_off(model, this, failure, call.tally.begun - made)
        raise last


class _Resting(NamedTuple):
    until: float  # on the event loop's clock
    model: ChatModel
    call: Call


class _Line:
    """Who is asked next.

    That is whoever's rest is over, then who was not asked yet, then whose rest is over soonest; at last those that had
    no place, of which nobody knows when they will have one.
    """

    def __init__(self, models: Sequence[ChatModel], call: Call) -> None:
        self._call = call
        kinds = (call.kind if place == 0 else "fallback" for place in range(len(models)))
        self._new = deque((model, replace(call, kind=kind)) for model, kind in zip(models, kinds, strict=True))
        self._resting: list[_Resting] = []
        self._full: deque[tuple[ChatModel, Call]] = deque()

    async def next(self) -> tuple[ChatModel, Call] | None:
        """The model, waited for where it rests, and the call as it comes to it; None when nobody is left to ask."""
        now = asyncio.get_running_loop().time()
        self._resting = [each for each in self._resting if self._call.may_go_on(max(each.until, now))]
        self._resting.sort(key=lambda each: each.until)
        if self._resting and (not self._new or self._resting[0].until <= now):
            until, model, this = self._resting.pop(0)
            await asyncio.sleep(until - now)
        elif self._new:
            model, this = self._new.popleft()
        elif self._full:
            model, this = self._full.popleft()
        else:
            return None
        return model, replace(this, alternatives=len(self._new) + len(self._resting))

    def put_off(self, model: ChatModel, call: Call, failure: ModelFailure, made: int) -> None:
        """Ask it once more later, if that may help; not after a second call, of the `made` ones or by `next`."""
        if failure.kind == "busy":
            self._full.append((model, call))
        rest = failure.retry_after_seconds or 0.0
        if wants_rest(failure) and rest <= LONGEST_PAUSE_SECONDS and call.kind != "retry" and made < 2:
            until = asyncio.get_running_loop().time() + pause_after(rest)
            self._resting.append(_Resting(until, model, replace(call, kind="retry")))
