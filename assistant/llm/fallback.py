"""Several models in their order: each is asked when those before it have failed."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from assistant.llm.port import NOT_MADE, Anew, Call, ChatModel, Items, ModelFailure, Prompt


@dataclass(frozen=True)
class Fallback:
    """The first model, or whichever comes after it; at least one. A text that was begun is begun anew by the next."""

    models: Sequence[ChatModel]

    @property
    def name(self) -> str:
        return self.models[0].name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. Raises the last failure.

        When all failed, those that had no place, or whose servers asked for rest, are waited for; the soonest first.
        """
        begun, last = False, ModelFailure("refused", "there is no model")
        later: list[_Later] = []
        for model, this in self._in_order(call, later):
            if begun:
                yield Anew()
                begun = False
            try:
                async with contextlib.aclosing(model.stream(prompt, this)) as items:
                    async for item in items:
                        begun = not isinstance(item, Anew)
                        yield item
                return
            except ModelFailure as failure:
                last = failure
                if this.alternatives and (failure.kind == "busy" or failure.retry_after_seconds):
                    later.append(_later(model, this, failure))
        raise last

    def _in_order(self, call: Call, later: list["_Later"]) -> Iterator[tuple[ChatModel, Call]]:
        """Each model, and the call as it comes to that one; then those that were put off meanwhile."""
        for place, model in enumerate(self.models):
            left = len(self.models) - place - 1
            yield model, replace(call, alternatives=left or len(later), kind="fallback" if place else call.kind)
        for put_off in sorted(later, key=lambda each: each.at):
            yield put_off.model, put_off.call


class _Later(NamedTuple):
    at: float  # on the event loop's clock
    model: ChatModel
    call: Call


def _later(model: ChatModel, call: Call, failure: ModelFailure) -> _Later:
    kind = call.kind if failure.kind in NOT_MADE else "retry"
    at = asyncio.get_running_loop().time() + (failure.retry_after_seconds or 0.0)
    return _Later(at, model, replace(call, alternatives=0, kind=kind))
