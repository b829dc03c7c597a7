"""How much longer an answer will take, as lately observed; nothing where too little was observed to tell."""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
# An answer is an attempt's last call; without one, a call that is under way is, or that its process left so.
LAST = {"ok": 2, "started": 1}


class Asked(NamedTuple):
    """A model at a server."""

    model: str
    provider: str


class Call(NamedTuple):
    """One call of a model, as stored: times in milliseconds."""

    turn: object
    attempt: int
    asked: Asked
    outcome: str
    first_token_ms: float | None
    total_ms: float
    made_at: datetime


class Observed(NamedTuple):
    """An answer: seconds from the first call of a model to the first word, and to the last; failed calls included.

    Where all failed, the articles were quoted, all at once.
    """

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


def observed_in(calls: Iterable[Call]) -> Mapping[Asked, Sequence[Observed]]:
    """The answers by who was asked first, timed from when that call was made, as calls may overlap."""
    found = defaultdict(list)
    for made in _made_for_answers(calls):
        last = max(made, key=lambda call: (LAST.get(call.outcome, 0), _ended_at(call)))
        if last.outcome not in ("started", "cancelled"):
            found[made[0].asked].append(_timed(made[0], last))
    return found


def _made_for_answers(calls: Iterable[Call]) -> Iterator[list[Call]]:
    """The calls of each attempt, in the order in which they were made.

    Those of one that went on where models were silent come with what was asked before, too: for who waits so long.
    """
    for _, of_turn in groupby(sorted(calls, key=lambda call: (_attempt(call), call.made_at)), key=_turn):
        before: list[Call] = []
        for _, each in groupby(of_turn, key=_attempt):
            made = list(each)
            if before:
                yield made
            before += made
            if not _silent(before):
                yield before
                before = []
        if before:
            yield before


def _silent(made: Sequence[Call]) -> bool:
    """Whether nothing was heard of any, for its whole time of one at least: then another attempt may go on."""
    unheard = all(call.first_token_ms is None and call.outcome not in (*LAST, "cancelled") for call in made)
    return unheard and any(call.outcome == "timeout" for call in made)


def _turn(call: Call) -> str:
    return str(call.turn)


def _attempt(call: Call) -> tuple[str, int]:
    return _turn(call), call.attempt


def _ended_at(call: Call) -> datetime:
    return call.made_at + timedelta(milliseconds=call.total_ms)


def _timed(begun: Call, last: Call) -> Observed:
    before = (last.made_at - begun.made_at).total_seconds()
    wrote = last.first_token_ms if last.outcome == "ok" else None
    first_ms = last.total_ms if wrote is None else wrote
    return Observed(before + first_ms / 1000, before + last.total_ms / 1000)


class Recent:
    """What this process knows of the last hours' answers."""

    def __init__(self) -> None:
        self.observed: Mapping[Asked, Sequence[Observed]] = {}
        self.read_at = -math.inf
        self.reading: asyncio.Task[None] | None = None

    async def seconds_left(self, elapsed: float, heard: bool) -> int | None:
        """As the function of this name, of what was observed at most REFRESH_SECONDS ago.

        Of answers that began where one would begin now: not of a model before a change, nor of one that is away.
        """
        if time.monotonic() - self.read_at >= REFRESH_SECONDS:
            self.read_at = time.monotonic()  # whoever else asks meanwhile takes what there is
            self.reading = asyncio.create_task(self._read())
            await asyncio.wait([self.reading], timeout=READ_SECONDS)
        asked = gateway.first_asked()
        return seconds_left(self.observed.get(Asked(asked.name, asked.provider), ()), elapsed, heard)

    async def _read(self) -> None:
        try:
            self.observed = await in_thread(_read)
        except DatabaseError as error:
            log.info("answers_not_observed", error=repr(error))


recent = Recent()


def _read() -> Mapping[Asked, Sequence[Observed]]:
    fields = ("turn_id", "attempt", "model", "provider", "outcome", "first_token_ms", "total_ms", "created_at")
    newest = Completion.objects.order_by("-pk").values_list(*fields, "purpose")[:NEWEST_CALLS]
    since = timezone.now() - LATELY
    calls = [
        Call(turn, attempt, Asked(name, provider), outcome, first_token_ms, total_ms or 0.0, made_at)
        for turn, attempt, name, provider, outcome, first_token_ms, total_ms, made_at, purpose in newest
        if purpose == gateway.ANSWER and made_at >= since and turn is not None
    ]
    return observed_in(calls)
