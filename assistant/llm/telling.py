"""What the log says of a model's failures: each call that failed, though in an outage no more than can be read.

A breaker keeps most calls from a model that fails; what it does not count, and what many answers ask at once, it does
not bound.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from assistant.answers import CompletionRecord
from assistant.llm.breaker import Breaker
from assistant.llm.failures import failure_words

log = structlog.get_logger(__name__)

# In any minute, of one model in one process.
MOST_LINES = 10
WINDOW_SECONDS = 60.0
# The caller's doing, which tells nothing of the model.
_NO_FAILURE = frozenset({"ok", "cancelled"})


@dataclass
class Telling:
    """One model's failures in this process. Times are seconds of a clock that never goes back."""

    clock: Callable[[], float] = time.monotonic
    _told: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    _left_out: int = 0

    def of_call(self, record: CompletionRecord) -> None:
        """A line for a call that failed; one that comes after MOST_LINES is counted in the next. Nothing that was said.

        Whoever binds the ids of a turn has them in the line.
        """
        if record.outcome in _NO_FAILURE:
            return
        now = self.clock()
        if len(self._told) == MOST_LINES and now < self._told[0] + WINDOW_SECONDS:
            self._left_out += 1
            return
        left_out, self._left_out = self._left_out, 0
        self._told.append(now)
        log.warning(
            "model_call_failed",
            model=record.model,
            provider=record.provider,
            purpose=record.purpose,
            kind=record.kind,
            outcome=record.outcome,
            why=failure_words(record.outcome, record.status),
            **({"status": record.status} if record.status is not None else {}),
            **({"left_out_before": left_out} if left_out else {}),
        )


@dataclass
class Watched:
    """A breaker of a model's calls. One that lets a call through to see, and stays, was open all along."""

    breaker: Breaker
    model: str
    provider: str
    calls: str
    _was_closed: bool = True

    def look(self) -> None:
        """A line where it has opened or closed since the last look."""
        is_closed = self.breaker.state == "closed"
        if is_closed == self._was_closed:
            return
        self._was_closed = is_closed
        event = "breaker_closed" if is_closed else "breaker_opened"
        why = "a call came to text" if is_closed else "its last calls failed"
        more = {} if is_closed else {"tried_after_seconds": self.breaker.open_seconds}
        log.warning(event, model=self.model, provider=self.provider, calls=self.calls, why=why, **more)
