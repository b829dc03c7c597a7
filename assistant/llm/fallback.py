"""Several models in their order: each is asked when those before it have failed."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from assistant.llm.port import Anew, Call, ChatModel, Items, ModelFailure, Prompt


@dataclass(frozen=True)
class Fallback:
    """The first model, or whichever comes after it; at least one. A text that was begun is begun anew by the next."""

    models: Sequence[ChatModel]

    @property
    def name(self) -> str:
        return self.models[0].name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. The first that had no place is waited for once all others failed. Raises the last failure."""
        begun, last = False, ModelFailure("refused", "there is no model")
        full: list[tuple[ChatModel, Call]] = []
        for model, this in chain(self._in_order(call), full):
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
                if failure.kind == "busy" and this.alternatives and not full:
                    full.append((model, replace(this, alternatives=0)))
        raise last

    def _in_order(self, call: Call) -> Iterator[tuple[ChatModel, Call]]:
        """Each model, and the call as it comes to that one."""
        for place, model in enumerate(self.models):
            kind = "fallback" if place else call.kind
            yield model, replace(call, alternatives=len(self.models) - place - 1, kind=kind)
