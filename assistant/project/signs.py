"""Signs of life in the cache: when each queue was last consumed, and when the clock of periodic tasks last ticked."""

import time

from django.core.cache import cache

from assistant.project.supervision import QUEUES

BEAT = "beat"
SIGNS = (*QUEUES, BEAT)
# Each comes at least so often where all is well.
EVERY_SECONDS = 10.0
AWAY_AFTER_SECONDS = 35.0
KEPT_SECONDS = 600


def note(name: str) -> None:
    """Write down that the queue `name` was consumed just now, or that beat ticked. Raises when the cache is away."""
    cache.set(f"heartbeat:{name}", time.time(), KEPT_SECONDS)


def ages_seconds() -> dict[str, float | None]:
    """How long ago each of SIGNS was last seen; None when it never was. Raises when the cache is away."""
    now = time.time()
    seen = cache.get_many([f"heartbeat:{name}" for name in SIGNS])
    return {name: _age(now, seen.get(f"heartbeat:{name}")) for name in SIGNS}


def _age(now: float, seen: float | None) -> float | None:
    """None for a sign from the future too: the clock was put back, and nothing is known."""
    return None if seen is None or seen > now + EVERY_SECONDS else max(0.0, now - seen)


def is_away(age_seconds: float | None) -> bool:
    """True when who left a sign of this age has to be taken for dead."""
    return age_seconds is None or age_seconds > AWAY_AFTER_SECONDS
