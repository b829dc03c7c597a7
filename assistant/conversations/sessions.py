"""A customer's sessions: random tokens, stored as hashes, valid for 30 days from their last use."""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from assistant.conversations.errors import SessionInvalid
from assistant.models import Customer, Session, Widget

LIFETIME = timedelta(days=30)
# Writing each use of a busy session would only make rows to vacuum.
USE_GRAIN = timedelta(minutes=10)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def create(customer: Customer) -> tuple[Session, str]:
    """A new session and its token, which is nowhere else; older sessions stay valid."""
    token = secrets.token_urlsafe(32)
    session = Session.objects.create(customer=customer, token_hash=token_hash(token), last_used_at=timezone.now())
    return session, token


def open_session(widget: Widget, token: str) -> Session:
    """The session of the token, used now. SessionInvalid when unknown, expired, revoked or another widget's."""
    now = timezone.now()
    session = (
        Session.objects.select_related("customer")
        .filter(
            token_hash=token_hash(token),
            customer__widget=widget,
            revoked_at=None,
            last_used_at__gte=now - LIFETIME,
        )
        .first()
    )
    if session is None:
        raise SessionInvalid
    if session.last_used_at < now - USE_GRAIN:
        Session.objects.filter(pk=session.pk).update(last_used_at=now)
    return session


def sign_out(customer: Customer) -> int:
    """End every session of the customer, and say how many; open sockets close with 4401 at their next check."""
    return Session.objects.filter(customer=customer, revoked_at=None).update(revoked_at=timezone.now())


def forget_expired() -> int:
    """Remove sessions past their lifetime, and anonymous visitors that are left with none and never wrote.

    How many rows went.
    """
    expired, _ = Session.objects.filter(last_used_at__lt=timezone.now() - LIFETIME).delete()
    silent = Customer.objects.filter(external_id=None, sessions=None, conversations=None)
    gone, _ = silent.delete()
    return expired + gone
