"""A model's text on its way out of the pipeline: what may be shown of it, as it comes."""

import asyncio
from collections.abc import Awaitable, Callable

from assistant.answering import model_check, outcomes
from assistant.answering.checking import in_checking_thread
from assistant.answering.cleaned import Cleaned
from assistant.answering.clock import Clock
from assistant.answering.release import Evidence, Release, Verified
from assistant.answers import Delta, Source, Status
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
        self._let_through, self._shown = "", ""
        self._cited: tuple[Source, ...] = ()

    async def take(self, offset: int, text: str) -> None:
        """A piece of the model's text; offset 0 is a new attempt."""
        release = self._release
        if offset == 0 or release is None:
            release = self._release = self._kind(await self._evidence)
            self._let_through, self._cited = "", ()
        if release.add(text):
            await self._check.before(release, await self._evidence)
            await self._keep(release, await in_checking_thread(release.take))
        if not release.incomplete:
            await self._show(self._let_through + release.early)

    async def finish(self) -> None:
        """The text is whole: send what was held back."""
        if self._release is not None:
            await self._check.before(self._release, await self._evidence, whole=True)
            await self._keep(self._release, await in_checking_thread(self._release.close))
            if not self._release.incomplete:
                await self._show(self._let_through)

    async def _keep(self, release: Release, piece: str) -> None:
        if piece:
            self._let_through += piece
            self._cited = outcomes.cited_sources(release.cited, release.quotes, (await self._evidence).passages)

    async def _show(self, text: str) -> None:
        """Send what is new; all of it again, where it does not go on from what was shown."""
        if not text.startswith(self._shown):
            await self._on_event(Delta(0, ""))
            self._shown = ""
        if piece := text[len(self._shown) :]:
            self._clock.mark("first_token", once=True)
            await self._on_event(Delta(len(self._shown), piece, self._cited))
            self._shown = text
