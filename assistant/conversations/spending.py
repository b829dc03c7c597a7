"""Who pays for a turn's calls of models: the turn, within its number of calls and the caps of what they may cost.

A call is reserved before it is made, by conditional UPDATEs of one transaction, so that nothing that is sent at the
same time slips past a cap; and settled after it. A killed process leaves what it reserved as spent. The first call of a
turn's first attempt, which was claimed a moment ago, is put down while it is on its way, where nothing is capped.

Locked in this order: the turn's row, then what was spent in the conversation, the widget and the day. Never the
conversation's row, which whoever writes a message holds while it wants the turn's.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from assistant import metrics
from assistant.answers import CompletionRecord
from assistant.events.threads import begun_in_thread, in_thread
from assistant.llm.port import ANSWER, CHECK, NOTHING_EARLIER, Call, Earlier, ModelFailure, payer
from assistant.models import Completion, Spend, Turn, Widget
from assistant.states import TurnStatus

log = structlog.get_logger(__name__)

# A number of its own: an answer of many sentences must not use up the calls that are there to write it.
CHECKS_A_TURN = 80
# For a request to go out, before it is put down.
HEAD_START_SECONDS = 0.01


@dataclass(frozen=True)
class Cap:
    """What calls under a key may cost together; None: any sum, which is counted all the same."""

    scope: str
    key: str
    usd: Decimal | None

    def rows(self) -> "QuerySet[Spend]":
        """Its row, once something was spent."""
        return Spend.objects.filter(scope=self.scope, key=self.key)

    def spent(self) -> Decimal:
        """US dollars so far."""
        return self.rows().values_list("usd", flat=True).first() or Decimal(0)


@dataclass(frozen=True)
class Reserved:
    """A call that may be made: its row, what was set aside in US dollars, and under which caps."""

    completion: int
    usd: Decimal | None
    caps: tuple[Cap, ...]


class PutDownSoon:
    """A call that is put down a moment after it is made, or as soon as that is asked for."""

    def __init__(self, reserve: Callable[[], Reserved]) -> None:
        self._reserve = reserve
        self._begun: Future[Reserved] | None = None
        self._timer = asyncio.get_running_loop().call_later(HEAD_START_SECONDS, self.now)

    def now(self) -> "Future[Reserved]":
        """Begin to put it down, once."""
        if self._begun is None:
            self._timer.cancel()
            self._begun = begun_in_thread(self._reserve)
        return self._begun

    def settle(self, record: CompletionRecord) -> "Future[None]":
        """Put it right, in a thread that begins after the one that puts it down."""
        return begun_in_thread(_settle_late, self.now(), self._reserve, record)


class TurnPayer:
    """Pays for one attempt at a turn."""

    def __init__(self, turn_id: uuid.UUID | str, attempt: int, capped: bool) -> None:
        self._turn_id, self._attempt = turn_id, attempt
        self._is_first = attempt == 1 and not capped and settings.LLM_CALLS_A_TURN > 0
        self._settling: list[Future[None]] = []

    async def reserve(self, call: Call, model: str, provider: str, usd: float | None) -> Reserved | PutDownSoon:
        """See llm.port.Payer."""
        asked = (self._turn_id, self._attempt, call, model, provider, usd)
        if self._is_first:
            self._is_first = False
            return PutDownSoon(partial(_reserve, *asked, made=True))
        begun = begun_in_thread(_reserve, *asked)
        try:
            return await asyncio.wrap_future(begun)
        except ModelFailure as refused:
            metrics.calls_refused.labels(refused.scope).inc()
            log.warning("call_refused", turn=str(self._turn_id), model=model, why=str(refused))
            raise
        except DatabaseError as error:
            raise ModelFailure("spent", "what it costs could not be kept") from error
        except asyncio.CancelledError:
            begun.add_done_callback(_give_back)
            raise

    def settle(self, reserved: Reserved | PutDownSoon, record: CompletionRecord) -> None:
        """See llm.port.Payer."""
        if isinstance(reserved, PutDownSoon):
            self._settling.append(reserved.settle(record))
        else:
            self._settling.append(begun_in_thread(_settle, reserved, record))

    async def affords(self, usd: float | None) -> bool:
        """See llm.port.Payer. True where it cannot be read: the call itself will be refused."""
        try:
            return bool(await in_thread(_affords, self._turn_id, usd))
        except DatabaseError:
            return True

    async def settled(self) -> None:
        """All that was put down so far is kept; it is too if whoever waits for it is cancelled."""
        for each in list(self._settling):
            await asyncio.shield(asyncio.wrap_future(each))


@contextlib.asynccontextmanager
async def paid_by_turn(turn_id: uuid.UUID | str, attempt: int, *, capped: bool = True) -> AsyncIterator[TurnPayer]:
    """What is asked of models within, and in tasks begun within, is paid by this attempt at a turn.

    All of it is kept when this ends; nothing within waits for that. `capped`: a cap may refuse a call.
    """
    paying = TurnPayer(turn_id, attempt, capped)
    token = payer.set(paying)
    try:
        yield paying
    finally:
        payer.reset(token)
        await paying.settled()


def asked_in_vain(turn_id: uuid.UUID | str, since: datetime) -> Earlier:
    """What earlier attempts at the turn asked since then, where that found models that said nothing in their time."""
    made_since = Completion.objects.filter(turn_id=turn_id, purpose=ANSWER, created_at__gte=since)
    budget_ms = settings.FIRST_TOKEN_BUDGET_SECONDS * 1000  # who could not be reached is known sooner
    silent = made_since.filter(outcome="timeout", first_token_ms=None, total_ms__gte=budget_ms)
    calls = [(row.model, row.provider, row.created_at, timedelta(milliseconds=row.total_ms or 0)) for row in silent]
    if not calls:
        return NOTHING_EARLIER
    beside = max(made + lasted for *_, made, lasted in calls) - min(made for *_, made, _ in calls)
    after = sum((lasted for *_, lasted in calls), timedelta())
    models = frozenset((model, provider) for model, provider, *_ in calls)
    # Clocks are moved: in no way did they last longer than one after the other.
    return Earlier(models, min(beside, after).total_seconds(), made_since.count())


def forget_past_days() -> int:
    """Remove what was spent in days that no cap reads any more; every call's row stays. How many rows went.

    Yesterday stays: a call that began before midnight is settled there. So do conversations, which may go on.
    """
    gone, _ = Spend.objects.filter(day__lt=timezone.now().date() - timedelta(days=1)).delete()
    return gone


def _reserve(
    turn_id: uuid.UUID | str, attempt: int, call: Call, model: str, provider: str, usd: float | None, made: bool = False
) -> Reserved:
    """Put it down; where it is not `made` yet, only if it may be.

    Raises ModelFailure; for what is made only where its turn is gone.
    """
    counted, most = ("checks", CHECKS_A_TURN) if call.purpose == CHECK else ("calls", settings.LLM_CALLS_A_TURN)
    with transaction.atomic():
        turn = Turn.objects.filter(pk=turn_id)
        may_be = turn.filter(attempt=attempt, status=TurnStatus.RUNNING, **{f"{counted}__lt": most})
        if not (turn if made else may_be).update(**{counted: F(counted) + 1}):
            why = f"{most} calls were made for the turn, or it is no more this attempt's"
            raise ModelFailure("spent", why, scope="turn")
        amount = None if usd is None else Decimal(usd).quantize(Decimal("0.000001"))
        caps = _counted_under(turn_id, amount, made)
        for cap in caps:
            _set_aside(cap, amount)
        row = Completion.objects.create(
            turn_id=turn_id,
            attempt=attempt,
            purpose=call.purpose[:40],
            kind=call.kind,
            model=model[:200],
            provider=provider[:200],
            outcome="started",
            cost_usd=amount,
        )
        return Reserved(row.pk, amount, caps)


def _counted_under(turn_id: uuid.UUID | str, amount: Decimal | None, made: bool) -> tuple[Cap, ...]:
    """The caps that bound a call or count its amount. What is `made` is bounded by none."""
    if made:
        return () if amount is None else tuple(replace(cap, usd=None) for cap in _caps(turn_id))
    return tuple(cap for cap in _caps(turn_id) if amount is not None or cap.usd is not None)


def _affords(turn_id: uuid.UUID | str, usd: float | None) -> bool:
    capped = [cap for cap in _caps(turn_id) if cap.usd is not None]
    return not capped or (usd is not None and all(cap.spent() + Decimal(usd) <= cap.usd for cap in capped if cap.usd))


def _caps(turn_id: uuid.UUID | str) -> Iterator[Cap]:
    """The caps of the turn's conversation, widget and day, in the order in which their rows are locked."""
    conversation, widget, own_conversation, own_day = Turn.objects.values_list(
        "conversation_id",
        "conversation__widget_id",
        "conversation__widget__cost_cap_conversation_usd",
        "conversation__widget__cost_cap_day_usd",
    ).get(pk=turn_id)
    yield Cap("conversation", str(conversation), _cap(own_conversation, settings.COST_CAP_CONVERSATION_USD))
    yield from caps_of_today(widget, own_day)


def is_capped(widget: Widget) -> bool:
    """Whether what is asked of models for its conversations may be refused for what it costs."""
    own = _cap(widget.cost_cap_conversation_usd, settings.COST_CAP_CONVERSATION_USD)
    return own is not None or any(cap.usd is not None for cap in caps_of_today(widget.pk, widget.cost_cap_day_usd))


def caps_of_today(widget: int, own: Decimal | None) -> Iterator[Cap]:
    """The caps of a widget's day, of its `own` where it has one, and of everybody's. The day is UTC's."""
    today = timezone.now().date().isoformat()
    yield Cap("widget", f"{widget} {today}", _cap(own, settings.COST_CAP_WIDGET_USD))
    yield Cap("day", today, _cap(None, settings.COST_CAP_DAY_USD))


def _cap(own: Decimal | None, general: float) -> Decimal | None:
    return (Decimal(str(general)) if own is None else own) or None


def _set_aside(cap: Cap, amount: Decimal | None) -> None:
    """Count the amount as spent from now on. Raises ModelFailure when it does not fit under the cap."""
    if amount is None:
        why = f"a {cap.scope} has a cap, and LLM_PRICES does not say what the model costs"
        raise ModelFailure("spent", why, scope="price")
    within = cap.rows() if cap.usd is None else cap.rows().filter(usd__lte=cap.usd - amount)
    if within.update(usd=F("usd") + amount):
        return
    day = None if cap.scope == "conversation" else timezone.now().date()
    Spend.objects.bulk_create([Spend(scope=cap.scope, key=cap.key, day=day)], ignore_conflicts=True)
    if not within.update(usd=F("usd") + amount):
        raise ModelFailure("spent", f"the cap of the {cap.scope} is reached", scope=cap.scope)


def _settle(reserved: Reserved, record: CompletionRecord) -> None:
    try:
        with transaction.atomic():
            _put_right(reserved, record)
    except DatabaseError as error:
        log.warning("call_not_settled", model=record.model, outcome=record.outcome, error=repr(error))


def _settle_late(begun: "Future[Reserved]", again: Callable[[], Reserved], record: CompletionRecord) -> None:
    """Settle what was put down by a thread that began before this one, or is now where the database was away then."""
    try:
        _settle(again() if begun.exception() else begun.result(), record)
    except (ModelFailure, DatabaseError) as error:
        log.warning("call_not_put_down", model=record.model, outcome=record.outcome, error=repr(error))


def _put_right(reserved: Reserved, record: CompletionRecord) -> None:
    cost = None if record.cost_usd is None else Decimal(record.cost_usd).quantize(Decimal("0.000001"))
    Completion.objects.filter(pk=reserved.completion).update(
        outcome=record.outcome[:40],
        status=record.status,
        prompt_tokens=record.prompt_tokens,
        completion_tokens=record.completion_tokens,
        estimated=record.estimated,
        first_token_ms=record.first_token_ms,
        total_ms=record.total_ms,
        cost_usd=cost,
    )
    tokens = (record.prompt_tokens or 0) + (record.completion_tokens or 0)
    difference = (cost or Decimal(0)) - (reserved.usd or Decimal(0))
    for cap in reserved.caps:
        cap.rows().update(usd=F("usd") + difference, tokens=F("tokens") + tokens)


def _give_back(begun: "Future[Reserved]") -> None:
    """Whoever reserved it was cancelled meanwhile: the call is not made."""
    if begun.cancelled() or begun.exception() is not None:
        return
    reserved = begun.result()
    begun_in_thread(_settle, reserved, CompletionRecord("", "", "cancelled", 0, 0, cost_usd=0.0))
