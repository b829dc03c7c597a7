"""Several models in their order: each is asked when those before it have failed."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from assistant.llm.port import NOT_MADE, Anew, Call, ChatModel, Items, ModelFailure, Prompt
from assistant.llm.retry import LONGEST_PAUSE_SECONDS, wants_rest


@dataclass(frozen=True)
class Fallback:
    """The first model, or whichever comes after it; at least one. A text that was begun is begun anew by the next."""

    models: Sequence[ChatModel]

    @property
    def name(self) -> str:
        return self.models[0].name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. Raises the last failure.

        When all failed, those whose servers asked for a short rest are asked once more, the soonest first, and then
        those that had no place.
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
                if this.alternatives and _is_for_later(failure):
                    later.append(_later(model, this, failure))
        raise last

    def _in_order(self, call: Call, later: list["_Later"]) -> Iterator[tuple[ChatModel, Call]]:
        """Each model, and the call as it comes to that one; then those that were put off meanwhile."""
        for place, model in enumerate(self.models):
            left = len(self.models) - place - 1
            yield model, replace(call, alternatives=left or len(later), kind="fallback" if place else call.kind)
        for put_off in sorted(later, key=lambda each: (each.is_full, each.at)):
            yield put_off.model, put_off.call


class _Later(NamedTuple):
    is_full: bool  # who knows for how long
    at: float  # on the event loop's clock
    model: ChatModel
    call: Call


def _is_for_later(failure: ModelFailure) -> bool:
    """Whether the model may be waited for when all others have failed."""
    is_short = (failure.retry_after_seconds or 0.0) <= LONGEST_PAUSE_SECONDS
    return failure.kind == "busy" or (wants_rest(failure) and is_short)


def _later(model: ChatModel, call: Call, failure: ModelFailure) -> _Later:
    kind = call.kind if failure.kind in NOT_MADE else "retry"
    at = asyncio.get_running_loop().time() + (failure.retry_after_seconds or 0.0)
    return _Later(failure.kind == "busy", at, model, replace(call, alternatives=0, kind=kind))
