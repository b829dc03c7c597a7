"""How long each stage of a search took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stages:
    """A stopwatch that is started by being made."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._taken_ms: dict[str, float] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """The block is that stage."""
        started = time.perf_counter()
        yield
        self._taken_ms[stage] = (time.perf_counter() - started) * 1000

    def timings_ms(self) -> dict[str, float]:
        """Milliseconds by stage, and `total` until now."""
        return {**self._taken_ms, "total": (time.perf_counter() - self._started) * 1000}
