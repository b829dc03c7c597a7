"""Who works on a turn: claimed, renewed and released by conditional UPDATE, fenced by `attempt`."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, Least, RowNumber
from django.utils import timezone

from assistant.answering.owners import is_gone
from assistant.answers import Question, Source
from assistant.conversations.messages import UNSTARTED_SECONDS, Accepted, storable
from assistant.conversations.selectors import question_of, question_on
from assistant.conversations.spending import is_capped
from assistant.models import Message, Turn
from assistant.states import OPEN_TURN_STATUSES, Role, TurnStatus

Id = uuid.UUID | str

PROMISE_SECONDS = 10.0
MOST_FAILURES = 3
# Whoever works on a turn gives it up at its deadline, unless that is too late for its process.
OVERDUE_SECONDS = 2.0
# The newest message that a turn answers; its deadline does not tell, which moves so far only.
ASKED = Message.objects.filter(turn=OuterRef("pk"), role=Role.CUSTOMER)
ASKED_AT = Coalesce(Subquery(ASKED.order_by("-seq").values("created_at")[:1]), "created_at")

# Waits for no lock: a turn whose outcome is being written must not keep the leases of all others waiting.
RENEW_ALL = """
WITH held AS (
    SELECT turn.id, told.text, told.sources, told.shown
    FROM assistant_turn AS turn
    JOIN unnest(
        %(ids)s::uuid[], %(attempts)s::int[], %(texts)s::text[], %(sources)s::text[], %(shown)s::timestamptz[]
    ) AS told (id, attempt, text, sources, shown) USING (id, attempt)
    WHERE turn.status = %(running)s
    FOR UPDATE OF turn SKIP LOCKED
)
UPDATE assistant_turn AS turn
SET lease_until = %(lease)s, partial_text = held.text, partial_sources = held.sources::jsonb,
    first_token_at = coalesce(turn.first_token_at, held.shown)
FROM held WHERE turn.id = held.id RETURNING turn.id, turn.attempt
"""


@dataclass(frozen=True)
class Claim:
    """The right to run a turn until the lease ends; `attempt` is the fencing number.

    `head` is the conversation's newest event when it was claimed: all that is answered came before.
    `capped`: what its calls of models may cost is limited.
    """

    turn_id: uuid.UUID
    conversation_id: uuid.UUID
    attempt: int
    asked_at: datetime
    deadline_at: datetime
    failures: int
    question: Question
    head: int
    capped: bool = True

    @property
    def seconds_left(self) -> float:
        """Until the turn's deadline."""
        return (self.deadline_at - timezone.now()).total_seconds()

    @property
    def waited_seconds(self) -> float:
        """Since the customer's newest message."""
        return (timezone.now() - self.asked_at).total_seconds()


class Renewal(NamedTuple):
    """What `renew` takes. `shown_at` is when the first of the text was shown."""

    held: Claim
    partial_text: str
    sources: Sequence[Source] = ()
    shown_at: datetime | None = None


def claim(turn_id: Id, owner: str, *, even_last: bool = True) -> Claim | None:
    """Take a queued turn, or a running one whose lease ran out. None when somebody else has it, or it ended.

    A lease that ran out is a failed attempt: its owner died. So did who has not given it up long after its deadline.
    Without `even_last` a turn that would have its last attempt is left; one that is to be given up never is.
    """
    now = timezone.now()
    mine: dict[str, Any] = {
        "status": TurnStatus.RUNNING,
        "attempt": F("attempt") + 1,
        "owner": owner[:100],
        "lease_until": now + timedelta(seconds=settings.TURN_LEASE_SECONDS),
        "started_at": Coalesce(F("started_at"), Value(now)),
        "partial_text": "",
        "partial_sources": [],
    }
    turn = Turn.objects.filter(pk=turn_id)
    queued = Q(status=TurnStatus.QUEUED)
    lapsed = Q(status=TurnStatus.RUNNING) & (Q(lease_until__lt=now) | _overdue(now))
    if not even_last:
        queued &= ~Q(failures=MOST_FAILURES - 1, deadline_at__gt=now)
        lapsed &= ~Q(failures=MOST_FAILURES - 2, deadline_at__gt=now)
    # The row stays locked until it is read: what is read is what was claimed. Changed once only, because Postgres
    # checks the foreign keys of a row that a transaction changes again, and would wait for the conversation's lock.
    with transaction.atomic():
        taken = turn.filter(queued).update(**mine) or turn.filter(lapsed).update(**mine, failures=F("failures") + 1)
        if not taken:
            return None
        row = turn.select_related("conversation__widget__collection").annotate(asked_at=ASKED_AT).get()
        return _claimed(row, row.asked_at, question_of(row), row.conversation.seq)


def claim_of(accepted: Accepted) -> Claim | None:
    """The claim to a turn that was opened for an owner, and not for the queue."""
    turn, event = accepted.begun, accepted.message_event
    if turn is None:
        return None
    return _claimed(turn, turn.created_at, question_on(turn, event.frame["message"]["text"], event.seq), event.seq)


def _claimed(row: Turn, asked_at: datetime, question: Question, head: int) -> Claim:
    times, capped = (asked_at, row.deadline_at), is_capped(row.conversation.widget)
    return Claim(row.id, row.conversation_id, row.attempt, *times, row.failures, question, head, capped)


def renew(held: Claim, partial_text: str, sources: Sequence[Source] = (), shown_at: datetime | None = None) -> bool:
    """Keep the lease, and what has been shown so far. False when the attempt is no longer the newest."""
    lease = timezone.now() + timedelta(seconds=settings.TURN_LEASE_SECONDS)
    shown: dict[str, Any] = {"partial_text": storable(partial_text), "partial_sources": _kept(sources)}
    if shown_at is not None:
        shown["first_token_at"] = Coalesce(F("first_token_at"), Value(shown_at))
    return bool(_held(held).update(lease_until=lease, **shown))


def renew_all(renewals: Sequence[Renewal]) -> list[bool]:
    """As `renew`, of many turns in one statement; each by itself that is not held, or that somebody else changes."""
    held = [each.held for each in renewals]
    told: dict[str, Any] = {
        "ids": [each.turn_id for each in held],
        "attempts": [each.attempt for each in held],
        "texts": [storable(each.partial_text) for each in renewals],
        "sources": [_as_json(tuple(each.sources)) for each in renewals],
        "shown": [each.shown_at for each in renewals],
        "running": TurnStatus.RUNNING.value,
        "lease": timezone.now() + timedelta(seconds=settings.TURN_LEASE_SECONDS),
    }
    with connection.cursor() as cursor:
        cursor.execute(RENEW_ALL, told)
        # By attempt: a process may work on the newest, and not yet have left the one before.
        renewed = set(cursor.fetchall())
    return [(each.held.turn_id, each.held.attempt) in renewed or renew(*each) for each in renewals]


@lru_cache(maxsize=512)
def _as_json(sources: tuple[Source, ...]) -> str:
    """They are the same from one second to the next, for as long as a turn lasts."""
    return json.dumps(_kept(sources))


def _kept(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """What a stopped text needs of its sources: of a model's text they have no spans."""
    return [{name: value for name, value in asdict(source).items() if name != "spans"} for source in sources]


def mark_late(*turn_ids: Id) -> None:
    """Note when the customers were first told that it takes longer than usual, whatever became of an attempt since."""
    Turn.objects.filter(pk__in=turn_ids, late_at=None).update(late_at=timezone.now())


def release(held: Claim, *, failed: bool) -> bool:
    """Give the turn back to the queue, counting a failure or not. False when it was not held any more."""
    failures = F("failures") + (1 if failed else 0)
    return bool(_held(held).update(status=TurnStatus.QUEUED, owner="", lease_until=None, failures=failures))


def standing(turn_id: Id) -> int | None:
    """The attempt of a turn that is open; None of one that has ended."""
    return Turn.objects.filter(pk=turn_id, status__in=OPEN_TURN_STATUSES).values_list("attempt", flat=True).first()


def take_back(turn_id: Id, owner: str, attempt: int) -> bool:
    """Whether nobody works on the turn, although it is `owner`'s, or nobody's yet: then it is in the queue.

    Only for who knows that this owner has not begun this attempt.
    """
    turn = Turn.objects.filter(pk=turn_id, attempt=attempt)
    given_back = turn.filter(status=TurnStatus.RUNNING, owner=owner[:100]).update(
        status=TurnStatus.QUEUED, owner="", lease_until=None
    )
    return bool(given_back) or turn.filter(status=TurnStatus.QUEUED, lease_until=None).exists()


def why_no_more(held: Claim, failures: int) -> tuple[str, dict[str, Any]]:
    """Why no attempt follows, where so many failed or no time is left: the reason, and the rule with its figures."""
    if failures >= MOST_FAILURES:
        worn_out = {"rule": "attempts that may fail", "value": failures, "threshold": MOST_FAILURES}
        return "too many failed attempts", worn_out
    allowed, waited = (held.deadline_at - held.asked_at).total_seconds(), held.waited_seconds
    figures = {"value": round(waited, 2), "threshold": round(allowed, 2)}
    return "out of time", {"rule": "seconds that an answer may take", **figures}


def promise(turn_id: Id) -> None:
    """A queued turn is being handed to the broker: the sweep leaves it alone for a while."""
    until = timezone.now() + timedelta(seconds=PROMISE_SECONDS)
    Turn.objects.filter(pk=turn_id, status=TurnStatus.QUEUED).update(lease_until=until)


def ownerless(for_seconds: float = 0.0) -> list[uuid.UUID]:
    """Open turns that nobody works on: a lease ran out, a start was lost or a promise was not kept, so long ago.

    The leases of processes that are known to be gone run out now.
    """
    now = timezone.now()
    _put_right(now)
    _end_leases_of_the_gone(now)
    then = now - timedelta(seconds=for_seconds)
    lapsed = Q(lease_until__lt=then)
    unstarted = Q(
        status=TurnStatus.QUEUED, lease_until=None, created_at__lt=then - timedelta(seconds=UNSTARTED_SECONDS)
    )
    open_turns = Turn.objects.filter(status__in=[TurnStatus.QUEUED, TurnStatus.RUNNING])
    return list(open_turns.filter(lapsed | unstarted).order_by("created_at").values_list("pk", flat=True)[:200])


def _end_leases_of_the_gone(now: datetime) -> None:
    running = Turn.objects.filter(status=TurnStatus.RUNNING, lease_until__gte=now)
    gone = [owner for owner in running.order_by().values_list("owner", flat=True).distinct() if is_gone(owner)]
    if gone:
        running.filter(owner__in=gone).update(lease_until=now - timedelta(milliseconds=1))


def overdue() -> list[uuid.UUID]:
    """Open turns that nobody has given up although their deadline has passed, whether anybody works on them or not."""
    late = Turn.objects.filter(_overdue(timezone.now()), status__in=OPEN_TURN_STATUSES)
    return list(late.order_by("created_at").values_list("pk", flat=True)[:200])


def _overdue(now: datetime) -> Q:
    grace = timedelta(seconds=OVERDUE_SECONDS)
    # Not what was claimed just now, by somebody who is about to give it up.
    stale = Q(lease_until=None) | Q(lease_until__lt=now + timedelta(seconds=settings.TURN_LEASE_SECONDS) - grace)
    return stale & Q(deadline_at__lt=now - grace)


def oldest_in_line(most: int) -> list[uuid.UUID]:
    """Turns that wait for a worker and were never begun: each widget's oldest first, then each one's second, and so on.

    A widget of which many are asked leaves the others' customers their turn.
    """
    waiting = Turn.objects.filter(status=TurnStatus.QUEUED, attempt=0, lease_until__isnull=False)
    of_widget = Window(RowNumber(), partition_by=F("conversation__widget"), order_by="created_at")
    in_line = waiting.annotate(of_widget=of_widget).order_by("of_widget", "created_at")
    return list(in_line.values_list("pk", flat=True)[:most])


def _put_right(now: datetime) -> None:
    """Bring back the times of open turns that lie further ahead than any is set: the clock was put back since.

    Who works on one renews its lease before the one that is given here runs out.
    """
    lease, patience = (timedelta(seconds=s) for s in (settings.TURN_LEASE_SECONDS, settings.TURN_DEADLINE_SECONDS))
    too_far = Q(created_at__gt=now + lease) | Q(lease_until__gt=now + 3 * lease) | Q(deadline_at__gt=now + 3 * patience)
    Turn.objects.filter(too_far, status__in=OPEN_TURN_STATUSES).update(
        created_at=Least("created_at", now),
        lease_until=Least("lease_until", now + lease),
        deadline_at=Least("deadline_at", now + patience),
    )


def _held(held: Claim) -> QuerySet[Turn]:
    return Turn.objects.filter(pk=held.turn_id, status=TurnStatus.RUNNING, attempt=held.attempt)
