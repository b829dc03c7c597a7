"""Conversations out: a list, and one with its messages. A key for one collection sees that one's only."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router

from assistant.api.auth import collection_for, key_of
from assistant.api.errors import not_found
from assistant.api.paging import before_moment, encode, page
from assistant.api.schemas import ConversationQuery, MessageQuery
from assistant.conversations.messages import source_json
from assistant.models import ApiKey, Conversation, Message
from assistant.states import ConversationStatus

router = Router(tags=["conversations"])


def visible(key: ApiKey) -> QuerySet[Conversation]:
    """The stored conversations that a key may read."""
    rows = Conversation.objects.filter(seq__gt=0).select_related("customer", "agent", "widget__collection")
    return rows.filter(widget__collection_id=key.collection_id) if key.collection_id else rows


@router.get("", summary="List conversations, newest first")
def list_conversations(request: HttpRequest, query: Query[ConversationQuery]) -> dict[str, Any]:
    key = key_of(request)
    rows = visible(key).filter(before_moment(query.after))
    if query.collection:
        rows = rows.filter(widget__collection=collection_for(key, query.collection))
    if query.status:
        rows = rows.filter(status=query.status)
    found, last = page(rows.order_by("-created_at", "-pk"), query.limit)
    cursor = encode(f"{last.created_at.isoformat()}|{last.pk}") if last else None
    return {"items": [summary(row) for row in found], "next": cursor}


@router.get("/{conversation_id}", summary="Read a conversation with its messages")
def read_conversation(request: HttpRequest, conversation_id: str, query: Query[MessageQuery]) -> dict[str, Any]:
    conversation = visible(key_of(request)).filter(pk=_uuid(conversation_id)).first()
    if conversation is None:
        raise not_found("conversation")
    rows = Message.objects.filter(conversation=conversation, seq__gt=query.after).order_by("seq")
    found, last = page(rows.select_related("author", "feedback").prefetch_related("citations"), query.limit)
    messages = [message_json(message) for message in found]
    return {**summary(conversation), "messages": messages, "next": last.seq if last else None}


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise not_found("conversation") from None


def summary(conversation: Conversation) -> dict[str, Any]:
    """A conversation without its messages. Times are ISO 8601 in UTC."""
    customer, agent = conversation.customer, conversation.agent
    return {
        "id": str(conversation.id),
        "status": conversation.status,
        "collection": conversation.widget.collection.slug,
        "widget": conversation.widget.key,
        "locale": conversation.locale,
        "customer": {"id": customer.external_id, "name": customer.name, "email": customer.email},
        "contact_email": conversation.contact_email,
        "agent": agent.public_name if agent else None,
        "created_at": conversation.created_at,
        "last_message_at": conversation.last_message_at,
        "resolved_at": conversation.resolved_at if conversation.status == ConversationStatus.RESOLVED else None,
    }


def message_json(message: Message) -> dict[str, Any]:
    """A message with its sources and rating, as far as it has any."""
    feedback = getattr(message, "feedback", None)
    return {
        "id": str(message.id),
        "seq": message.seq,
        "role": message.role,
        "author": message.author.public_name if message.author else None,
        "turn": str(message.turn_id) if message.turn_id else None,
        "text": message.text,
        "decision": message.decision or None,
        "stopped": message.stopped,
        "sources": [source_json(citation) for citation in message.citations.all()],
        "rating": feedback.rating if feedback else None,
        "created_at": message.created_at,
    }
