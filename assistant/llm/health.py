"""What this process has seen of each model at each provider. Every process sees for itself."""

from dataclasses import dataclass, field

from django.conf import settings

from assistant import metrics
from assistant.llm.breaker import Breaker
from assistant.llm.concurrency import Places
from assistant.llm.entries import Entry
from assistant.llm.hedge import Bucket, Pace
from assistant.llm.rest import Rest
from assistant.llm.telling import Telling, Watched

# An answer can do without a check, and each that is let through may cost its customer GROUNDING_SECONDS: one in five
# minutes, and found dead also where there are few answers.
CHECKS_OPEN_SECONDS = 300.0
CHECKS_WINDOW_SECONDS = 600.0
_STATES = {"closed": 0, "half open": 1, "open": 2}


@dataclass(frozen=True)
class Health:
    """The breaker, the rest and the pace of one model, and what the log said of it; the places are its provider's.

    `checks` is the breaker of calls that check sentences: who is too slow for these may still answer.
    """

    breaker: Breaker
    rest: Rest
    pace: Pace
    places: Places
    checks: Breaker = field(default_factory=Breaker)
    telling: Telling = field(default_factory=Telling)

    @property
    def takes_calls(self) -> bool:
        """Whether it neither rests nor was found dead."""
        return self.breaker.state == "closed" and not self.rest.seconds


seen: dict[tuple[str, str], Health] = {}


def of(entry: Entry) -> Health:
    """What was seen of the model; nothing yet, the first time."""
    known = seen.get((entry.base_url, entry.name))
    if known is None:
        breaker, rest = Breaker(probe_seconds=settings.MODELS_SECONDS), Rest()
        checks = Breaker(
            probe_seconds=settings.MODELS_SECONDS,
            open_seconds=CHECKS_OPEN_SECONDS,
            window_seconds=CHECKS_WINDOW_SECONDS,
        )
        pace = Pace(Bucket(settings.HEDGE_SHARE), breaker, rest)
        known = Health(breaker, rest, pace, _places(entry), checks)
        seen[entry.base_url, entry.name] = known
        _watch(entry, breaker, checks)
    return known


def _watch(entry: Entry, breaker: Breaker, checks: Breaker) -> None:
    """Tell the metrics and the log of both from now on."""
    gauge = metrics.breaker_state.labels(entry.name, entry.provider)
    lines = [Watched(of, entry.name, entry.provider, calls) for of, calls in ((breaker, "answers"), (checks, "checks"))]

    def told() -> None:
        gauge.set(max(_STATES[breaker.state], _STATES[checks.state]))
        for line in lines:
            line.look()

    breaker.watch = checks.watch = told


def _places(entry: Entry) -> Places:
    """Those that other models of the same provider have, however its address is written."""
    shared = (health.places for (at, name), health in seen.items() if Entry(name, at, "").provider == entry.provider)
    return next(shared, None) or Places(settings.LLM_CONCURRENCY)
