"""An event loop on which waiting takes no time: when nothing is ready, the clock goes to what comes next."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _NoWaiting(selectors.DefaultSelector):
    """Counts the seconds that it should have waited."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready if ready or timeout is not None else super().select(None)


class SkippingLoop(asyncio.SelectorEventLoop):
    """Begins at second 1000 and skips what it waits for."""

    def __init__(self) -> None:
        self.skipped = _NoWaiting()
        super().__init__(self.skipped)

    def time(self) -> float:
        """The loop's own seconds."""
        return 1000.0 + self.skipped.now


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result, on a loop of its own that skips all waiting."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(work)
