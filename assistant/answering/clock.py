"""How long an answer takes, and how long it may."""

import time


class Clock:
    """Milliseconds since the attempt began, and seconds until it has to end."""

    def __init__(self, seconds: float) -> None:
        self._started = time.monotonic()
        self._seconds = seconds
        self._marks: dict[str, float] = {}

    def elapsed_seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._started

    def seconds_left(self) -> float:
        """Until the end; below 0 after it."""
        return self._seconds - self.elapsed_seconds()

    def mark(self, name: str, once: bool = False) -> None:
        """Note what has happened now; `once`: only the first time."""
        if not (once and name in self._marks):
            self._marks[name] = round(self.elapsed_seconds() * 1000, 1)

    def timings(self) -> dict[str, float]:
        """The contract's three figures: what never happened counts as the whole."""
        total = round(self.elapsed_seconds() * 1000, 1)
        return {"retrieve": 0.0, "first_token": total, **self._marks, "total": total}
