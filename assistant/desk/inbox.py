"""The desk's list: its views, their counts, and pages of rows that hold still while others arrive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from assistant.conversations.channel import is_channel, on_channel
from assistant.conversations.rendering import plain_words
from assistant.conversations.waiting import PRESSING, USUAL, rank
from assistant.models import Conversation, Message, User
from assistant.states import ConversationStatus, Role

PAGE_ROWS = 30
MAX_REFRESHED_ROWS = 300
MAX_COUNTED = 999
MAX_ANNOUNCED = 200
LATE_AFTER = timedelta(minutes=5)
WORDS_SHOWN = 160
OPEN = (ConversationStatus.ASSISTANT, ConversationStatus.WAITING, ConversationStatus.AGENT)


# Asked by a program, or on the command line, which has its answer: nobody waits there for anybody.
BY_API = Q(status=ConversationStatus.ASSISTANT, **on_channel("widget__"))


class View(StrEnum):
    """The lists of the desk."""

    WAITING = "waiting"
    MINE = "mine"
    OPEN = "open"
    RESOLVED = "resolved"
    API = "api"


LABELS = {
    View.WAITING: "Waiting",
    View.MINE: "Mine",
    View.OPEN: "All open",
    View.RESOLVED: "Resolved",
    View.API: "Asked by API",
}


@dataclass(frozen=True)
class Cursor:
    """A row's place in its list: everything after it comes on the next page."""

    rank: int
    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.rank}_{self.at.isoformat()}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """The cursor written as `text`; None when it is not one."""
        try:
            place, at, identifier = text.split("_")
            cursor = cls(int(place), datetime.fromisoformat(at), UUID(identifier))
        except ValueError:
            return None
        return cursor if cursor.at.tzinfo else None


@dataclass(frozen=True)
class Row:
    """One conversation as the list shows it; `awaited` is true while a customer waits for words of an agent's."""

    conversation: Conversation
    name: str
    words: str
    speaker: str
    since: datetime
    awaited: bool
    late: bool
    pressing: bool
    by_api: bool
    unread: bool
    cursor: Cursor


@dataclass(frozen=True)
class Page:
    """Rows of one view; `more` when others follow."""

    view: View
    rows: tuple[Row, ...]
    more: bool


@dataclass(frozen=True)
class Tab:
    """One view with its size; `count` reads "999+" when it is larger."""

    view: View
    label: str
    count: str


def page(view: View, agent: User, after: Cursor | None = None, size: int = PAGE_ROWS) -> Page:
    """`size` rows of `view` (at most MAX_REFRESHED_ROWS), those after `after` where it is given. One query."""
    rows = _ordered(view, agent)
    if after:
        rows = rows.filter(_beyond(view, after))
    limit = max(PAGE_ROWS, min(size, MAX_REFRESHED_ROWS))
    found = list(rows[: limit + 1])
    now = timezone.now()
    return Page(view, tuple(_row(view, conversation, now) for conversation in found[:limit]), len(found) > limit)


def tabs(agent: User) -> tuple[Tab, ...]:
    """The views and how many conversations each holds, without BY_API's while it is empty. Two queries."""
    open_ones = Conversation.objects.filter(status__in=OPEN).aggregate(
        waiting=Count("id", filter=Q(status=ConversationStatus.WAITING)),
        mine=Count("id", filter=Q(status=ConversationStatus.AGENT, agent=agent)),
        open=Count("id", filter=~BY_API),
        api=Count("id", filter=BY_API),
    )
    # Resolved ones grow for ever: count no further than is shown.
    resolved = Conversation.objects.filter(status=ConversationStatus.RESOLVED)[: MAX_COUNTED + 1].count()
    sizes = {**open_ones, "resolved": resolved}
    shown = [view for view in View if sizes[view] or view is not View.API]
    return tuple(Tab(view, LABELS[view], _count_text(sizes[view])) for view in shown)


def waiting_ids() -> list[str]:
    """Who waits now, in the order of the list: what the browser announces is what is new in here. One query."""
    waiting = Conversation.objects.filter(status=ConversationStatus.WAITING).order_by(rank(), "waiting_since")
    return [str(identifier) for identifier in waiting.values_list("id", flat=True)[:MAX_ANNOUNCED]]


def _count_text(count: int) -> str:
    return f"{MAX_COUNTED}+" if count > MAX_COUNTED else str(count)


def _ordered(view: View, agent: User) -> QuerySet[Conversation]:
    """The view's conversations with what a row needs: by rank and longest waiting first, else latest words first."""
    rows = _described().filter(_membership(view, agent))
    if view is View.WAITING:
        waiting = rows.annotate(rank=rank(), place=Coalesce("waiting_since", "created_at"))
        return waiting.order_by("rank", "place", "id")
    return rows.annotate(rank=Value(USUAL), place=F("spoken_at")).order_by("-place", "-id")


def _membership(view: View, agent: User) -> Q:
    match view:
        case View.WAITING:
            return Q(status=ConversationStatus.WAITING)
        case View.MINE:
            return Q(status=ConversationStatus.AGENT, agent=agent)
        case View.OPEN:
            return Q(status__in=OPEN) & ~BY_API
        case View.RESOLVED:
            return Q(status=ConversationStatus.RESOLVED)
        case View.API:
            return BY_API


def _described() -> QuerySet[Conversation]:
    said = Message.objects.filter(conversation=OuterRef("pk")).exclude(role=Role.SYSTEM).order_by("-seq")
    heard = said.filter(role=Role.CUSTOMER)
    return Conversation.objects.select_related("customer", "agent", "widget").annotate(
        spoken_at=Coalesce("last_message_at", "created_at"),
        words=Subquery(said.annotate(start=Left("text", WORDS_SHOWN)).values("start")[:1]),
        speaker=Subquery(said.values("role")[:1]),
        asked=Subquery(heard.annotate(start=Left("text", WORDS_SHOWN)).values("start")[:1]),
        heard_seq=Subquery(heard.values("seq")[:1]),
    )


def _beyond(view: View, cursor: Cursor) -> Q:
    if view is View.WAITING:
        later = Q(place__gt=cursor.at) | Q(place=cursor.at, id__gt=cursor.id)
        return Q(rank__gt=cursor.rank) | Q(rank=cursor.rank) & later
    return Q(place__lt=cursor.at) | Q(place=cursor.at, id__lt=cursor.id)


def _row(view: View, conversation: Any, now: datetime) -> Row:
    """What the list says of one annotated conversation."""
    waiting = conversation.status == ConversationStatus.WAITING
    by_api = is_channel(conversation.widget)
    with_agent = conversation.status == ConversationStatus.AGENT
    awaited = not by_api and (waiting or (with_agent and conversation.speaker == Role.CUSTOMER))
    words, speaker = conversation.words or "", conversation.speaker or ""
    if conversation.asked and (waiting or view is View.API):  # what it is about, not what the assistant said to it
        words, speaker = conversation.asked, Role.CUSTOMER
    since = conversation.waiting_since if waiting and conversation.waiting_since else conversation.spoken_at
    return Row(
        conversation=conversation,
        name=str(conversation.customer),
        words=" ".join(words.split()) if speaker == Role.CUSTOMER else plain_words(words),
        speaker=speaker,
        since=since,
        awaited=awaited,
        late=awaited and now - since > LATE_AFTER,
        pressing=waiting and conversation.handoff_reason in PRESSING,
        by_api=by_api,
        unread=_with_people(conversation) and (conversation.heard_seq or 0) > conversation.agent_read_seq,
        cursor=Cursor(conversation.rank, conversation.place, conversation.id),
    )


def _with_people(conversation: Conversation) -> bool:
    """True while agents have to read what the customer says."""
    return conversation.status in (ConversationStatus.WAITING, ConversationStatus.AGENT)
