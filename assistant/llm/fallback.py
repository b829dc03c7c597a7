"""Several models in their order: each is asked when those before it have failed."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.llm.port import Anew, Call, ChatModel, Items, ModelFailure, Prompt


@dataclass(frozen=True)
class Fallback:
    """The first model, or whichever comes after it; at least one. A text that was begun is begun anew by the next."""

    models: Sequence[ChatModel]

    @property
    def name(self) -> str:
        return self.models[0].name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. Raises the last model's failure."""
        begun, last = False, ModelFailure("refused", "there is no model")
        for place, model in enumerate(self.models):
            if begun:
                yield Anew()
                begun = False
            this = replace(call, alternatives=len(self.models) - place - 1, kind="fallback" if place else call.kind)
            try:
                async with contextlib.aclosing(model.stream(prompt, this)) as items:
                    async for item in items:
                        begun = not isinstance(item, Anew)
                        yield item
                return
            except ModelFailure as failure:
                last = failure
        raise last
