"""A model's text on its way out of the pipeline: what may be shown of it, as it comes."""

import asyncio
from collections.abc import Awaitable, Callable

from assistant.answering import model_check, outcomes
from assistant.answering.checking import in_checking_thread
from assistant.answering.clock import Clock
from assistant.answering.release import Cleaned, Evidence, Release, Verified
from assistant.answers import Delta, Status
from assistant.states import Grounding

OnEvent = Callable[[Status | Delta], Awaitable[None]]


class Writing:
    """Sends what may be shown of a streamed text, and starts anew when another attempt does."""

    def __init__(
        self,
        evidence: "asyncio.Task[Evidence]",
        grounding: Grounding,
        check: model_check.ModelCheck,
        on_event: OnEvent,
        clock: Clock,
    ) -> None:
        self._evidence, self._check, self._on_event, self._clock = evidence, check, on_event, clock
        self._kind = Verified if grounding is Grounding.BEFORE else Cleaned
        self._release: Release | None = None
        self._shown = 0

    async def take(self, offset: int, text: str) -> None:
        """A piece of the model's text; offset 0 is a new attempt."""
        if offset == 0 and self._shown:
            await self._on_event(Delta(0, ""))
        if offset == 0 or self._release is None:
            self._release, self._shown = self._kind(await self._evidence), 0
        if self._release.add(text):
            await self._check.before(self._release, await self._evidence)
            await self._send(self._release, await in_checking_thread(self._release.take))

    async def finish(self) -> None:
        """The text is whole: send what was held back."""
        if self._release is not None:
            await self._check.before(self._release, await self._evidence, whole=True)
            await self._send(self._release, await in_checking_thread(self._release.close))

    async def _send(self, release: Release, piece: str) -> None:
        if piece:
            self._clock.mark("first_token", once=True)
            cited = outcomes.cited_sources(release.cited, release.quotes, (await self._evidence).passages)
            await self._on_event(Delta(self._shown, piece, cited))
            self._shown += len(piece)
