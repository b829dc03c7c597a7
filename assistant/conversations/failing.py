"""Whether models answer, by what became of the newest calls of all processes: a server may list some and serve none."""

from collections.abc import Hashable, Iterable
from datetime import timedelta

from django.utils import timezone

from assistant.llm.port import ANSWER, RETRYABLE
from assistant.models import Completion

RECENT = timedelta(minutes=5)
NEWEST_CALLS = 50
LEAST_FAILED = 3
# What tells of the model's server, not of the prompt or of the caller's time.
_FAILED = (RETRYABLE - {"repeated"}) | {"denied", "refused", "cut"}


def calls_trouble() -> str:
    """What is wrong where the last answers were all written by no model, as three calls or more failed; else empty."""
    newest = Completion.objects.filter(purpose=ANSWER).order_by("-pk").values_list("turn_id", "outcome", "created_at")
    since = timezone.now() - RECENT
    failed = failed_in_a_row((turn, outcome) for turn, outcome, made in newest[:NEWEST_CALLS] if made > since)
    return f"the last {failed} calls failed" if failed >= LEAST_FAILED else ""


def failed_in_a_row(calls: Iterable[tuple[Hashable, str]]) -> int:
    """How many calls failed since the last turn that a model answered. `calls`: turn and outcome, the newest first.

    By turns, since a fallback answers where the first model failed; one that is under way says nothing yet.
    """
    of_turns: dict[Hashable, list[str]] = {}
    for turn, outcome in calls:
        of_turns.setdefault(turn, []).append(outcome)
    failed = 0
    for outcomes in of_turns.values():
        if "ok" in outcomes:
            break
        if "started" not in outcomes:
            failed += sum(outcome in _FAILED for outcome in outcomes)
    return failed
