"""Whether models answer, by what became of the newest calls of all processes: a server may list some and serve none."""

from collections.abc import Hashable, Iterable
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from assistant.llm.failures import failure_words
from assistant.llm.port import ANSWER, RETRYABLE
from assistant.models import Completion

RECENT = timedelta(minutes=5)
NEWEST_CALLS = 50
LEAST_FAILED = 3
# What tells of the model's server, not of the prompt or of the caller's time.
_FAILED = (RETRYABLE - {"repeated"}) | {"denied", "refused", "cut"}


class Ended(NamedTuple):
    """What became of a call, with the status of HTTP where the server refused it with one."""

    outcome: str
    status: int | None = None


def calls_trouble() -> str:
    """What is wrong where the last answers were all written by no model, as three calls or more failed; else empty.

    With how the newest of them failed.
    """
    fields = ("turn_id", "outcome", "status", "created_at")
    newest = Completion.objects.filter(purpose=ANSWER).order_by("-pk").values_list(*fields)
    since = timezone.now() - RECENT
    failed = failed_in_a_row(
        (turn, Ended(outcome, status)) for turn, outcome, status, made in newest[:NEWEST_CALLS] if made > since
    )
    return f"the last {len(failed)} calls failed ({failure_words(*failed[0])})" if len(failed) >= LEAST_FAILED else ""


def failed_in_a_row(calls: Iterable[tuple[Hashable, Ended]]) -> list[Ended]:
    """The calls that failed since the last turn that a model answered. `calls`: each with its turn, the newest first.

    By turns, since a fallback answers where the first model failed; one that is under way says nothing yet.
    """
    of_turns: dict[Hashable, list[Ended]] = {}
    for turn, ended in calls:
        of_turns.setdefault(turn, []).append(ended)
    failed: list[Ended] = []
    for of_turn in of_turns.values():
        outcomes = {ended.outcome for ended in of_turn}
        if "ok" in outcomes:
            break
        if "started" not in outcomes:
            failed += [ended for ended in of_turn if ended.outcome in _FAILED]
    return failed
