"""How much longer an answer will take, as lately observed; nothing where too little was observed to tell."""

import asyncio
import math
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

import structlog
from django.db import Error as DatabaseError
from django.utils import timezone

from assistant.events.threads import in_thread
from assistant.llm import gateway
from assistant.models import Completion

log = structlog.get_logger(__name__)

FEWEST = 20
# Of these, so many must have lasted as long as the one in question: fewer say nothing of what is left.
FEWEST_LASTING = 5
# So many of ten answers are there when the estimate is over.
SHARE = 0.8
REFRESH_SECONDS = 30.0
LATELY = timedelta(hours=6)
NEWEST_CALLS = 1000
# A slow database, perhaps the very reason of the delay, does not delay the notice; it may be in time for the next.
READ_SECONDS = 0.5


class Call(NamedTuple):
    """One call of a model, as stored: times in milliseconds."""

    turn: object
    attempt: int
    model: str
    outcome: str
    first_token_ms: float | None
    total_ms: float
    made_at: datetime


class Observed(NamedTuple):
    """An answer of models: seconds from the first call to the first word, and to the last; failed calls included."""

    first: float
    whole: float


def seconds_left(observed: Sequence[Observed], elapsed: float, heard: bool) -> int | None:
    """Seconds within which eight of ten answers are whole that took as long as `elapsed` already.

    `heard`: the model's first word has come. None when too few such answers were observed.
    """
    if len(observed) < FEWEST:
        return None
    lasting = sorted(each.whole - elapsed for each in observed if (each.whole if heard else each.first) > elapsed)
    if len(lasting) < FEWEST_LASTING:
        return None
    return max(1, math.ceil(lasting[math.ceil(SHARE * len(lasting)) - 1]))


def observed_in(calls: Iterable[Call], model: str) -> list[Observed]:
    """The answers that began with a call of `model`, timed from when it was made, as calls may overlap."""
    found = []
    for _, each in groupby(sorted(calls, key=lambda call: (_attempt(call), call.made_at)), key=_attempt):
        made = list(each)
        answers = [call for call in made if call.outcome == "ok"]
        if made[0].model == model and answers:
            found.append(_timed(made[0], answers[-1]))
    return found


def _attempt(call: Call) -> tuple[str, int]:
    return str(call.turn), call.attempt


def _timed(begun: Call, answer: Call) -> Observed:
    before = (answer.made_at - begun.made_at).total_seconds()
    first_ms = answer.total_ms if answer.first_token_ms is None else answer.first_token_ms
    return Observed(before + first_ms / 1000, before + answer.total_ms / 1000)


class Recent:
    """What this process knows of the last hours' answers."""

    def __init__(self) -> None:
        self.observed: list[Observed] = []
        self.read_at = -math.inf
        self.reading: asyncio.Task[None] | None = None

    async def seconds_left(self, elapsed: float, heard: bool) -> int | None:
        """As the function of this name, of what was observed at most REFRESH_SECONDS ago."""
        if time.monotonic() - self.read_at >= REFRESH_SECONDS:
            self.read_at = time.monotonic()  # whoever else asks meanwhile takes what there is
            self.reading = asyncio.create_task(self._read())
            await asyncio.wait([self.reading], timeout=READ_SECONDS)
        return seconds_left(self.observed, elapsed, heard)

    async def _read(self) -> None:
        try:
            self.observed = await in_thread(_read, gateway.entries()[0].name)
        except DatabaseError as error:
            log.info("answers_not_observed", error=repr(error))


recent = Recent()


def _read(model: str) -> list[Observed]:
    fields = ("turn_id", "attempt", "model", "outcome", "first_token_ms", "total_ms", "created_at", "purpose")
    newest = list(Completion.objects.order_by("-pk").values_list(*fields)[:NEWEST_CALLS])
    since = timezone.now() - LATELY
    calls = [
        Call(turn, attempt, name, outcome, first_token_ms, total_ms or 0.0, made_at)
        for turn, attempt, name, outcome, first_token_ms, total_ms, made_at, purpose in newest
        if purpose == gateway.ANSWER and made_at >= since and turn is not None
    ]
    return observed_in(calls, model)
