"""Number a durable event, store it, and ring on commit; pass progress on without storing it."""

import uuid
from dataclasses import replace
from typing import Any

from django.db import transaction

from assistant.events.catalogue import ConversationUpdated, DurableEvent, Envelope, ProgressFrame
from assistant.events.doorbell import DESK_GROUP, QUEUE_GROUP, conversation_group, origin, ring
from assistant.models import Conversation, Event

SAVED_WITH_EVENTS = (
    "seq",
    "status",
    "agent",
    "handoff_reason",
    "waiting_since",
    "resolved_at",
    "last_message_at",
)


def publish(conversation: Conversation, event: DurableEvent, client_id: uuid.UUID | str | None = None) -> Event:
    """Store `event` as the conversation's next; every connection is told when the transaction commits.

    The caller holds the conversation's row lock (`select_for_update`) in an open transaction: that
    is what makes `seq` gapless and visible in order. Columns that events change are saved with it,
    and no others: readers' marks and the like change without this row in hand.
    """
    stored = numbered(conversation, event, client_id)
    stored.save(force_insert=True)
    conversation.save(update_fields=SAVED_WITH_EVENTS)
    announce(stored)
    return stored


def numbered(conversation: Conversation, event: DurableEvent, client_id: uuid.UUID | str | None = None) -> Event:
    """`event` as the conversation's next, not stored yet, as the conversation's own columns are not."""
    conversation.seq += 1
    frame = {**event.frame(), "seq": conversation.seq}
    return Event(conversation=conversation, seq=conversation.seq, type=event.type, frame=frame, client_id=client_id)


def announce(stored: Event) -> None:
    """Tell every connection of an event when the transaction that stores it commits."""
    conversation_id, status = stored.conversation_id, stored.conversation.status
    transaction.on_commit(lambda: _ring(conversation_id, stored.frame, status))


def progress(
    conversation_id: uuid.UUID | str,
    frame: ProgressFrame,
    *,
    attempt: int = 0,
    after: int = 0,
    follows: int | None = None,
    here: bool = True,
    elsewhere: bool = True,
    later: bool = False,
) -> None:
    """Tell every connection of the conversation, now, without storing; may be lost.

    `here` and `elsewhere` choose this process's connections and those of the others, which hear of it in a moment where
    it may be `later`; the rest is as in Envelope.
    """
    group, envelope = conversation_group(conversation_id), Envelope(frame.frame(), attempt, origin(), after, follows)
    ring(group, envelope, here=here, elsewhere=elsewhere, later=later)


def ring_desk(conversation: Conversation) -> None:
    """Tell the desk that something it shows changed without an event: a contact, a rating."""
    frame = changed_frame(conversation.id, conversation.seq, conversation.status)
    transaction.on_commit(lambda: ring(DESK_GROUP, Envelope(frame, origin=origin())))


def changed_frame(conversation_id: object, seq: int, status: str) -> dict[str, Any]:
    """What the desk's doorbell says."""
    return {
        "type": "conversation.changed",
        "conversation": str(conversation_id),
        "seq": seq,
        "status": str(status),
    }


def _ring(conversation_id: uuid.UUID, frame: dict[str, Any], status: str) -> None:
    envelope = Envelope(frame, origin=origin())
    ring(conversation_group(conversation_id), envelope)
    desk = replace(envelope, frame=changed_frame(conversation_id, frame["seq"], status))
    ring(DESK_GROUP, desk)
    if frame["type"] == ConversationUpdated.type:
        ring(QUEUE_GROUP, desk)
