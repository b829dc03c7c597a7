"""Who the company says a visitor is: HS256 tokens signed with the widget's secret."""

import time
from dataclasses import dataclass

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from assistant.conversations.errors import IdentityInvalid
from assistant.models import Conversation, Customer, Session, Widget

LONGEST_TOKEN = 8 * 1024
LONGEST_SUBJECT = 200
FURTHEST_EXPIRY_SECONDS = 24 * 3600
# Between the clock that signed a token for a whole day and ours.
CLOCK_SKEW_SECONDS = 5


@dataclass(frozen=True)
class Identity:
    subject: str
    email: str
    name: str


def verify(widget: Widget, token: str, now: float | None = None) -> Identity:
    """What the token proves. IdentityInvalid for anything but a fresh HS256 token for this widget."""
    if len(token) > LONGEST_TOKEN:
        raise IdentityInvalid
    try:
        claims = jwt.decode(
            token,
            widget.secret,
            algorithms=["HS256"],
            audience=widget.key,
            options={"require": ["sub", "exp", "aud"], "strict_aud": True, "verify_iat": False},
        )
        expires, subject = int(claims["exp"]), claims["sub"]
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        raise IdentityInvalid from None
    if expires > (now or time.time()) + FURTHEST_EXPIRY_SECONDS + CLOCK_SKEW_SECONDS:
        raise IdentityInvalid
    if not subject.strip() or len(subject) > LONGEST_SUBJECT or "\x00" in subject:
        raise IdentityInvalid
    return Identity(subject, email=_email(claims.get("email")), name=_name(claims.get("name")))


def identify(widget: Widget, identity: Identity, anonymous: Session | None) -> Customer:
    """The customer of a proven identity, one for each widget and subject.

    What a visitor said before is moved to it when `anonymous` is that visitor's session: holding it
    is the proof. The visitor's own tokens open nothing of the identified customer's, so a token
    planted in a browser beforehand reads nothing afterwards.
    """
    with transaction.atomic():
        customer, created = Customer.objects.get_or_create(widget=widget, external_id=identity.subject)
        if created or (customer.name, customer.email) != (identity.name, identity.email):
            customer.name = identity.name or customer.name
            customer.email = identity.email or customer.email
            customer.save(update_fields=["name", "email"])
        if anonymous is not None and anonymous.customer.external_id is None:
            Conversation.objects.filter(customer=anonymous.customer).update(customer=customer)
        return customer


def _email(claim: object) -> str:
    if not isinstance(claim, str) or len(claim) > 254:
        return ""
    try:
        validate_email(claim)
    except ValidationError:
        return ""
    return claim


def _name(claim: object) -> str:
    return claim.replace("\x00", "").strip()[:200] if isinstance(claim, str) else ""
