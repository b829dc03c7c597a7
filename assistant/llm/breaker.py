"""Keeps calls from a model that fails: after a while one is let through, and whether it comes to text decides.

Of our own: purgatory and aiobreaker count failures in a row by a clock that may jump, let everybody through when half
open, and take a call that was cancelled for a failure or a success.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from assistant.llm.port import NOT_MADE, Call, ChatModel, Finished, Items, ModelFailure, Prompt

State = Literal["closed", "half open", "open"]

WINDOW_CALLS = 20
WINDOW_SECONDS = 60.0
FAILURES_IN_A_ROW = 3
OPEN_SECONDS = 10.0
# A call that is let through, and neither comes to text nor ends for so long, lets another through.
PROBE_SECONDS = 16.0
# What tells nothing of whether the model would answer another.
NEITHER = NOT_MADE | {"refused", "filtered", "cut", "repeated", "deadline"}


@dataclass
class Breaker:
    """Opens when half of the last 20 calls failed, or the last 3, if they are half of those of `window_seconds`.

    The second is for few calls: without its condition a model that fails one time in six would be found dead every
    few hundred calls. Times are seconds of a clock that never goes back; `watch` is called when the state may differ.
    `probe_seconds` is how long a call that is let through may be silent; longer than a call is waited for. None is let
    through for `open_seconds`.
    """

    clock: Callable[[], float] = time.monotonic
    watch: Callable[[], None] = lambda: None
    probe_seconds: float = PROBE_SECONDS
    open_seconds: float = OPEN_SECONDS
    window_seconds: float = WINDOW_SECONDS
    _ended: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=WINDOW_CALLS))
    _opened_at: float | None = None
    _probe_until: float = 0.0
    _era: int = 0

    @property
    def state(self) -> State:
        """Closed: calls pass. Half open: one may. Open: none does."""
        if self._opened_at is None:
            return "closed"
        return "half open" if self.clock() >= self._opened_at + self.open_seconds else "open"

    @property
    def is_news(self) -> bool:
        """Whether the model was found dead lately: open, or half open for less than `window_seconds`.

        Only a call ends half open, and of a model that is not needed nobody asks for one: it may last for weeks.
        """
        lately = self.open_seconds + self.window_seconds
        return self._opened_at is not None and self.clock() < self._opened_at + lately

    def permit(self) -> "Permit | None":
        """The right to one call; None when it may not be made."""
        state = self.state
        if state == "open" or (state == "half open" and self.clock() < self._probe_until):
            return None
        if state == "half open":
            self._probe_until = self.clock() + self.probe_seconds
            self._era += 1  # what an earlier probe still says comes too late
            self.watch()
        return Permit(self, self._era)

    def heard(self, era: int) -> int:
        """A call came to text, which is all that a probe has to show. The era in which its end counts."""
        if era == self._era and self._opened_at is not None:
            self._close()
            return self._era
        return era

    def ended(self, era: int, failed: bool | None) -> None:
        """What became of a call: it failed, it did not, or None: it says neither."""
        if era != self._era:
            return
        if self._opened_at is not None:
            self._probed(failed)
        elif failed is not None:
            self._ended.append((self.clock(), failed))
            if self._fails():
                self._open()

    def _probed(self, failed: bool | None) -> None:
        self._probe_until = 0.0
        if failed:
            self._open()
        elif failed is False:
            self._close()

    def _close(self) -> None:
        self._opened_at = None
        self._probe_until = 0.0
        self._era += 1
        self.watch()

    def _open(self) -> None:
        self._opened_at = self.clock()
        self._ended.clear()
        self._era += 1
        self.watch()

    def _fails(self) -> bool:
        since = self.clock() - self.window_seconds
        recent = [failed for moment, failed in self._ended if moment >= since]
        in_a_row = len(recent) >= FAILURES_IN_A_ROW and all(recent[-FAILURES_IN_A_ROW:])
        return (in_a_row or len(recent) == WINDOW_CALLS) and sum(recent) * 2 >= len(recent)


@dataclass
class Permit:
    """The right to one call, whose end is told once; the first word counts."""

    breaker: Breaker
    era: int
    _told: bool = False

    def heard(self) -> None:
        """See Breaker.heard."""
        self.era = self.breaker.heard(self.era)

    def end(self, failed: bool | None) -> None:
        """See Breaker.ended."""
        if not self._told:
            self._told = True
            self.breaker.ended(self.era, failed)


@dataclass(frozen=True)
class Broken:
    """A model that is not asked while its breaker is open."""

    inner: ChatModel
    breaker: Breaker

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        permit = self.breaker.permit()
        if permit is None:
            raise ModelFailure("open", "it failed too often just now")
        try:
            async with contextlib.aclosing(self.inner.stream(prompt, call)) as items:
                async for item in items:
                    if isinstance(item, Finished):
                        permit.end(failed=False)
                    else:
                        permit.heard()
                    yield item
        except ModelFailure as failure:
            permit.end(None if failure.kind in NEITHER else True)
            raise
        finally:
            permit.end(None)  # the caller left
