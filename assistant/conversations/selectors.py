"""Reads of conversations. A customer's reads need the conversation and the customer both."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import RowNumber
from django.utils import timezone

from assistant.answers import Question, Said
from assistant.conversations.channel import answering_as
from assistant.conversations.policy import rules_for
from assistant.conversations.waiting import rank
from assistant.models import Conversation, Event, Message, Session, Turn, User
from assistant.states import OPEN_TURN_STATUSES, ConversationStatus, Decision, Grounding, Role

DESK_HEARTBEAT = timedelta(seconds=60)
HISTORY_MESSAGES = 20
FIRST_SEQ = 1
PAGE = 200


@dataclass(frozen=True)
class OpenTurn:
    """A turn without an outcome, as a connection that resumes announces it, and the conversation's head then."""

    id: str
    attempt: int
    partial_text: str
    head: int


@dataclass(frozen=True)
class Opening:
    """What a connection that opens is shown first: the row, its place in the queue while it waits, the next events.

    `events` follow what the client has, and may end before the row's head, or after it; `turn` was read last.
    """

    conversation: Conversation
    position: int | None
    events: list[dict[str, Any]]
    turn: OpenTurn | None


@dataclass(frozen=True)
class Standing:
    """Where a conversation stands: its head, whose it is, and its place in its widget's queue, from 1."""

    seq: int
    customer_id: uuid.UUID
    position: int | None


def agents_available() -> bool:
    """True while an available agent has the desk open."""
    return User.objects.filter(
        is_active=True, available=True, desk_seen_at__gte=timezone.now() - DESK_HEARTBEAT
    ).exists()


def events_after(conversation_id: uuid.UUID | str, seq: int, limit: int = PAGE) -> list[dict[str, Any]]:
    """The next stored frames after `seq`, in order, at most `limit`: ask again until there are none."""
    rows = Event.objects.filter(conversation_id=conversation_id, seq__gt=seq).order_by("seq")
    return list(rows.values_list("frame", flat=True)[:limit])


def open_turn_of(conversation_id: uuid.UUID | str) -> OpenTurn | None:
    """The conversation's turn that still owes an outcome."""
    rows = Turn.objects.filter(conversation_id=conversation_id, status__in=OPEN_TURN_STATUSES)
    found = rows.values_list("id", "attempt", "partial_text", "conversation__seq").first()
    return OpenTurn(str(found[0]), *found[1:]) if found else None


def conversation_of(conversation: Conversation) -> Conversation:
    """The row as it is now; the conversation itself while it is not stored or no more that customer's."""
    row = Conversation.objects.filter(pk=conversation.pk, customer_id=conversation.customer_id).first()
    return row or conversation


def opening_of(conversation: Conversation, after: int) -> Opening:
    """The row as `conversation_of`, and all else that one visit finds for a client that has the events up to `after`.

    One that has more than there are is shown all of them.
    """
    row = conversation_of(conversation)
    position = queue_places([row.pk]).get(row.pk) if row.status == ConversationStatus.WAITING else None
    events = events_after(row.pk, after if after < row.seq else 0) if after != row.seq else []
    return Opening(row, position, events, open_turn_of(row.pk) if row.seq else None)


def standings(conversation_ids: list[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """Where each conversation stands that is stored."""
    named = Conversation.objects.filter(pk__in=_listed(conversation_ids, "uuid"))
    rows = list(named.values_list("id", "seq", "customer_id", "status"))
    places = queue_places([pk for pk, _, _, status in rows if status == ConversationStatus.WAITING])
    return {pk: Standing(seq, customer_id, places.get(pk)) for pk, seq, customer_id, _ in rows}


def queue_places(conversation_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The place, from 1, of those that wait among all that wait in the same widget, in the desk's order."""
    if not conversation_ids:
        return {}
    widgets = Conversation.objects.filter(pk__in=conversation_ids).values("widget_id")
    queue = Conversation.objects.filter(status=ConversationStatus.WAITING, widget_id__in=widgets)
    place = Window(RowNumber(), partition_by=F("widget_id"), order_by=[rank(), F("waiting_since").asc(), F("pk").asc()])
    places: dict[uuid.UUID, int] = dict(queue.annotate(place=place).values_list("pk", "place"))
    return {pk: places[pk] for pk in conversation_ids if pk in places}


def ended_sessions(session_ids: list[int]) -> set[int]:
    """Those of the sessions that were revoked or are gone."""
    named = Session.objects.filter(pk__in=_listed(session_ids, "bigint"), revoked_at=None)
    return set(session_ids) - set(named.values_list("pk", flat=True))


def _listed(ids: Sequence[object], of_type: str) -> RawSQL:
    """Hundreds of ids as one parameter: each as one of its own holds the process up for as long as a message takes."""
    return RawSQL(f"SELECT unnest(%s::{of_type}[])", [list(ids)])  # noqa: S611 - no stranger's text


def question_of(turn: Turn) -> Question:
    """What the turn has to answer: its customer messages together, and what was said before them."""
    asked = list(Message.objects.filter(turn=turn, role=Role.CUSTOMER).order_by("seq").values_list("seq", "text"))
    first = asked[0][0] if asked else turn.conversation.seq
    return question_on(turn, "\n".join(text for _, text in asked), first)


def question_on(turn: Turn, text: str, first: int) -> Question:
    """What the turn has to answer: this, and what was said before the message that was numbered `first`."""
    begun = first > FIRST_SEQ
    widget = answering_as(turn.conversation.widget)
    return Question(
        text=text,
        collection=turn.conversation.widget.collection.slug,
        locale=turn.conversation.locale,
        history=_history(turn.conversation_id, first) if begun else (),
        second_failure=begun and _abstained_before(turn),
        grounding=Grounding(widget.grounding),
        rules=rules_for(widget.pk),
        wrong_answer_cost=widget.wrong_answer_cost,
    )


def _history(conversation_id: uuid.UUID, before_seq: int) -> tuple[Said, ...]:
    rows = Message.objects.filter(conversation_id=conversation_id, seq__lt=before_seq).exclude(role=Role.SYSTEM)
    newest = rows.order_by("-seq").values_list("role", "text")[:HISTORY_MESSAGES]
    return tuple(Said(Role(role), text) for role, text in reversed(newest))


def _abstained_before(turn: Turn) -> bool:
    before = (
        Turn.objects.filter(conversation_id=turn.conversation_id, created_at__lt=turn.created_at)
        .exclude(pk=turn.pk)
        .order_by("-created_at")
        .values_list("decision", flat=True)  # alone: the row carries a whole record
        .first()
    )
    return before == Decision.ABSTAIN
