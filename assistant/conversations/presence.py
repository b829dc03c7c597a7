"""Which agents have the desk open, and which customers their chat."""

import uuid
from collections.abc import Iterable

import redis
import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from assistant.models import Event, User

log = structlog.get_logger(__name__)

# Some pulses of the sockets long: one that comes late makes nobody absent.
CUSTOMER_SECONDS = 40


def beat(agent: User) -> int:
    """The agent's desk is open now. Gives the newest event of all, which tells whether a ring was missed."""
    with transaction.atomic():  # where it stands in line no longer than others (assistant/events/threads.py)
        User.objects.filter(pk=agent.pk).update(desk_seen_at=timezone.now())
    newest: int | None = Event.objects.aggregate(newest=Max("id"))["newest"]
    return newest or 0


def mark_customers(conversation_ids: Iterable[uuid.UUID]) -> None:
    """These conversations are open in a customer's browser now. Never fails: it is told again soon."""
    there = {_key(conversation_id): 1 for conversation_id in conversation_ids}
    try:
        if there:
            cache.set_many(there, CUSTOMER_SECONDS)
    except redis.RedisError as error:
        log.warning("presence_unknown", error=repr(error))


def customer_is_there(conversation_id: uuid.UUID) -> bool:
    """True while a browser has the conversation open; False too when that cannot be known."""
    try:
        return cache.get(_key(conversation_id)) is not None
    except redis.RedisError as error:
        log.warning("presence_unknown", error=repr(error))
        return False


def _key(conversation_id: uuid.UUID) -> str:
    return f"customer-there:{conversation_id}"
