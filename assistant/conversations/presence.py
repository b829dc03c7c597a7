"""Which agents have the desk open."""

from django.db.models import Max
from django.utils import timezone

from assistant.models import Event, User


def beat(agent: User) -> int:
    """The agent's desk is open now. Gives the newest event of all, which tells whether a ring was missed."""
    User.objects.filter(pk=agent.pk).update(desk_seen_at=timezone.now())
    newest: int | None = Event.objects.aggregate(newest=Max("id"))["newest"]
    return newest or 0
