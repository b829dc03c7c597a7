"""What a connection brings in: its opening, and its messages with their limits. One database visit each."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from assistant.conversations import identity, limits, sessions
from assistant.conversations.errors import NotFound, OriginRefused, SessionInvalid, WidgetUnknown
from assistant.conversations.messages import (
    LONGEST_TEXT,
    Accepted,
    accept_message,
    check_text,
    new_conversation,
    repeated_message,
)
from assistant.conversations.selectors import agents_available
from assistant.events.catalogue import Hello, MessageSend
from assistant.models import Conversation, Customer, Session, Widget
from assistant.origins import origin_allowed

T = TypeVar("T")


@dataclass
class Opened:
    """A connection's right to one conversation, which may not be stored yet."""

    conversation: Conversation
    session: Session
    token: str
    settings: dict[str, Any]


def open_chat(hello: Hello, origin: str | None, address: str | None) -> Opened:
    """Check everything a hello claims and find or prepare its conversation.

    Raises WidgetUnknown, OriginRefused, IdentityInvalid, SessionInvalid, NotFound, RateLimited.
    """
    widget = Widget.objects.filter(key=hello.widget[:64], active=True).first()
    if widget is None:
        raise WidgetUnknown
    if not origin_allowed(origin, widget.allowed_origins):
        raise OriginRefused
    proven = identity.verify(widget, hello.identity) if hello.identity is not None else None
    if hello.conversation is not None and hello.session is None and proven is None:
        raise SessionInvalid
    with ExitStack() as counted:
        if hello.session is None and proven is None:
            counted.enter_context(limits.counted("visitor", address=address))
        counted.enter_context(transaction.atomic())
        before = sessions.open_session(widget, hello.session) if hello.session is not None else None
        customer = _customer(widget, proven, before)
        session, token = _session(customer, before, hello.session)
        conversation = _conversation(hello, session, before)
        return Opened(conversation, session, token, widget_settings(widget))


def take_message(
    opened: Opened,
    frame: MessageSend,
    address: str | None,
    owner: str = "",
    on_first: Callable[[str], None] = lambda text: None,
) -> Accepted:
    """Accept a customer's message within the limits; a repeat is none, once the conversation is stored.

    `on_first` gets the text of a first message that may be stored. Raises as accept_message, and RateLimited.
    """
    conversation = opened.conversation
    known = None if conversation._state.adding else repeated_message(conversation, frame.client_id)
    if known is not None:
        return Accepted(known, None, repeated=True)
    with ExitStack() as counted:
        counted.enter_context(limits.counted("message", visitor=opened.session.customer_id, address=address))
        if conversation._state.adding:
            counted.enter_context(limits.counted("conversation", address=address))
            check_text(frame.text)
            on_first(frame.text)
        return accept_message(conversation, opened.session, frame.client_id, frame.text, conversation.locale, owner)


def take_action(opened: Opened, address: str | None, action: Callable[..., T], *arguments: Any) -> T:
    """Do something other than a message for the customer, within the limits. Raises as it does, and RateLimited."""
    with limits.counted("action", visitor=opened.session.customer_id, address=address):
        return action(opened.conversation, *arguments)


def widget_settings(widget: Widget) -> dict[str, Any]:
    """What the `settings` of `welcome` tell a client. `email`: an answer can follow to an address that is left."""
    return {
        "name": widget.name,
        "accent": widget.accent,
        "greeting": widget.greeting,
        "suggestions": widget.suggestions,
        "agents_available": agents_available(),
        "email": settings.MAIL_LEAVES,
        "limits": {"message_characters": LONGEST_TEXT},
    }


def _customer(widget: Widget, proven: identity.Identity | None, before: Session | None) -> Customer:
    if proven is not None:
        return identity.identify(widget, proven, before)
    if before is not None:
        return before.customer
    return Customer.objects.create(widget=widget)


def _session(customer: Customer, before: Session | None, token: str | None) -> tuple[Session, str]:
    if before is not None and token is not None and before.customer_id == customer.id:
        return before, token
    return sessions.create(customer)


def _conversation(hello: Hello, session: Session, before: Session | None) -> Conversation:
    if hello.conversation is None:
        return new_conversation(session, hello.locale, prepared_id(session.customer_id))
    try:
        wanted = uuid.UUID(hello.conversation)
    except ValueError:
        raise NotFound from None
    row = Conversation.objects.filter(pk=wanted).first()
    if row is not None:
        if row.customer_id != session.customer_id:
            raise NotFound
        return row
    holders = {session.customer_id, before.customer_id if before else session.customer_id}
    if not any(is_prepared(wanted, holder) for holder in holders):
        raise NotFound
    return new_conversation(session, hello.locale, wanted)


# A conversation is stored with its first message, but a client may lose its connection before
# that one is acknowledged. Its id is therefore recognisable as one that this customer was given,
# so that coming back with it finds an empty conversation and not a stranger's error.


def prepared_id(customer_id: uuid.UUID) -> uuid.UUID:
    """A fresh conversation id that `is_prepared` knows again."""
    nonce = secrets.token_bytes(8)
    return uuid.UUID(bytes=nonce + _seal(nonce, customer_id))


def is_prepared(conversation_id: uuid.UUID, customer_id: uuid.UUID) -> bool:
    """True when `prepared_id` made this id for this customer."""
    nonce, seal = conversation_id.bytes[:8], conversation_id.bytes[8:]
    return hmac.compare_digest(seal, _seal(nonce, customer_id))


def _seal(nonce: bytes, customer_id: uuid.UUID) -> bytes:
    key = hashlib.sha256(b"conversation ids:" + settings.SECRET_KEY.encode()).digest()
    return hmac.digest(key, nonce + customer_id.bytes, "sha256")[:8]
