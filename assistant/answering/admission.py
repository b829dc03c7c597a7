"""Who may wait for an answer when everybody is at work: the queue is bounded in all, for a widget and for a visitor.

The rows are the queue. A place in it is the number of queued turns that came before, so it only moves forward, and
who was let in once is never turned away.
"""

import math
import uuid
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q
from django.utils import timezone

from assistant.answering.turns import ASKED_AT
from assistant.models import Turn
from assistant.states import TurnStatus

LONGEST_LINE = 1000


@dataclass(frozen=True)
class Waiting:
    """Numbers of turns: in all, of one widget, of one visitor."""

    all: int
    of_widget: int
    of_visitor: int


@dataclass(frozen=True)
class Place:
    """Where a turn stands in the queue; `position` from 1. `beside` turns are worked on meanwhile.

    `head` is its conversation's newest event.
    """

    turn_id: uuid.UUID
    conversation_id: uuid.UUID
    attempt: int
    head: int
    position: int
    beside: int
    asked_at: datetime
    deadline_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether the customer has to be told that it takes longer than usual."""
        return (timezone.now() - self.asked_at).total_seconds() >= settings.SLOW_NOTICE_SECONDS

    @property
    def seconds_left(self) -> float:
        """Until the turn's deadline."""
        return (self.deadline_at - timezone.now()).total_seconds()


@dataclass(frozen=True)
class Full:
    """A bound of the queue that leaves no room for another turn: whose it is, and how many wait."""

    of: str
    waiting: int
    bound: int

    @property
    def basis(self) -> dict[str, Any]:
        """Why a turn is turned away."""
        return {"rule": f"turns that may wait, {self.of}", "value": self.waiting, "threshold": self.bound}


def full(before: Waiting, most: Waiting) -> Full | None:
    """The first bound that so many who wait already have reached; a bound of 0 is none."""
    counted = zip(("in all", "of a widget", "of a visitor"), astuple(before), astuple(most), strict=True)
    return next((Full(of, count, bound) for of, count, bound in counted if 0 < bound <= count), None)


def seconds_in_line(position: int, beside: int, whole_seconds: float) -> int:
    """Until the answer of this place is whole, when each of the `beside` takes `whole_seconds` (Little's law)."""
    return math.ceil(whole_seconds * (1 + position / max(beside, 1)))


def bounds() -> Waiting:
    """The configured bounds."""
    return Waiting(settings.QUEUE_TURNS, settings.QUEUE_TURNS_A_WIDGET, settings.QUEUE_TURNS_A_VISITOR)


def refused(turn_id: uuid.UUID | str) -> Full | None:
    """Why the turn may not wait; None where it may, and for one that waited or was begun before, or has ended."""
    fresh = Turn.objects.filter(pk=turn_id, status=TurnStatus.QUEUED, attempt=0, lease_until=None)
    turn = fresh.select_related("conversation").first()
    return full(_before(turn), bounds()) if turn else None


def line(turn_id: uuid.UUID | str | None = None) -> list[Place]:
    """Who waits, in the order in which they came: all, or this one."""
    queued = Turn.objects.filter(status=TurnStatus.QUEUED)
    chosen = queued.filter(pk=turn_id) if turn_id else queued
    told = chosen.annotate(asked_at=ASKED_AT, head=F("conversation__seq"))
    rows = list(told.order_by("created_at")[:LONGEST_LINE])
    if not rows:
        return []
    first = queued.filter(created_at__lt=rows[0].created_at).count() + 1
    beside = Turn.objects.filter(status=TurnStatus.RUNNING).count()
    return [
        Place(row.pk, row.conversation_id, row.attempt, row.head, position, beside, row.asked_at, row.deadline_at)
        for position, row in enumerate(rows, start=first)
    ]


def _before(turn: Turn) -> Waiting:
    before = Turn.objects.filter(status=TurnStatus.QUEUED, created_at__lt=turn.created_at)
    counts = before.aggregate(
        all=Count("pk"),
        of_widget=Count("pk", filter=Q(conversation__widget=turn.conversation.widget_id)),
        of_visitor=Count("pk", filter=Q(conversation__customer=turn.conversation.customer_id)),
    )
    return Waiting(**counts)
