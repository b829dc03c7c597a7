"""Several models in their order: each is asked when those before it have failed."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from assistant.llm.port import Anew, Call, ChatModel, Items, ModelFailure, Prompt
from assistant.llm.retry import LONGEST_PAUSE_SECONDS, pause_after, wants_rest

# Others who were sent away come back at the same time, and the first of them may lengthen the rest for all.
MOST_RESTS = 2


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
        while (standing := await line.next()) is not None:
            if begun:
                yield Anew()
                begun = False
            this, made = standing.call, call.tally.begun
            try:
                async with contextlib.aclosing(standing.model.stream(prompt, this)) as items:
                    async for item in items:
                        begun = not isinstance(item, Anew)
                        yield item
                return
            except ModelFailure as failure:
                last = failure.with_traceback(None)  # else it and this frame hold on to each other, and to the turn
                if call.tally.begun == made:
                    call.tally.skipped[standing.model.name] = failure.kind
                if this.alternatives:
                    line.put_off(standing, failure, call.tally.begun - made)
        try:
            raise last
        finally:
            del last


class _Standing(NamedTuple):
    """A model in the line, with the call as it comes to it; `rests` is how often it was put off for a rest."""

    model: ChatModel
    call: Call
    rests: int = 0


class _Resting(NamedTuple):
    until: float  # on the event loop's clock
    standing: _Standing


class _Line:
    """Who is asked next.

    That is whoever's rest is over, then who was not asked yet, then whose rest is over soonest; at last those that had
    no place, of which nobody knows when they will have one.
    """

    def __init__(self, models: Sequence[ChatModel], call: Call) -> None:
        self._call = call
        kinds = (call.kind if place == 0 else "fallback" for place in range(len(models)))
        self._new = deque(_Standing(model, replace(call, kind=kind)) for model, kind in zip(models, kinds, strict=True))
        self._resting: list[_Resting] = []
        self._full: deque[_Standing] = deque()

    async def next(self) -> _Standing | None:
        """Waited for where it rests; None when nobody is left to ask."""
        now = asyncio.get_running_loop().time()
        self._resting = [each for each in self._resting if self._call.may_go_on(max(each.until, now))]
        self._resting.sort(key=lambda each: each.until)
        if self._resting and (not self._new or self._resting[0].until <= now):
            until, standing = self._resting.pop(0)
            await asyncio.sleep(until - now)
        elif self._new:
            standing = self._new.popleft()
        elif self._full:
            standing = self._full.popleft()
        else:
            return None
        alternatives = len(self._new) + len(self._resting)
        return standing._replace(call=replace(standing.call, alternatives=alternatives))

    def put_off(self, standing: _Standing, failure: ModelFailure, made: int) -> None:
        """Ask it once more later, if that may help; `made` calls of it were made just now, and two of it are enough."""
        kind = "retry" if made else standing.call.kind
        again = standing._replace(call=replace(standing.call, kind=kind))
        if failure.kind == "busy":
            self._full.append(again)
        rest = failure.retry_after_seconds or 0.0
        enough = made > 1 or (made and standing.call.kind == "retry") or standing.rests == MOST_RESTS
        if wants_rest(failure) and rest <= LONGEST_PAUSE_SECONDS and not enough:
            until = asyncio.get_running_loop().time() + pause_after(rest)
            self._resting.append(_Resting(until, again._replace(rests=standing.rests + 1)))
