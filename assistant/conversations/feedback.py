"""What a customer tells besides messages: an address, a rating, how far they have read."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest, Least
from django.utils.encoding import punycode

from assistant.conversations import mailing
from assistant.conversations.errors import InvalidText, NotFound, TooLong
from assistant.conversations.messages import LONGEST_TEXT, locked, storable
from assistant.events.publish import ring_desk
from assistant.models import Conversation, Feedback, Message
from assistant.origins import page_on_site
from assistant.states import Role

LONGEST_ADDRESS, LONGEST_LOCAL_PART = 254, 64


def save_contact(conversation: Conversation, client_id: str, email: str, page: str | None = None) -> str:
    """Keep where an answer may follow, and mail there what was said and not seen; the address as stored.

    `page` is where the customer is now, kept if it lies on a site of the widget. InvalidText for what is no address.
    """
    address = _one_spelling(email.strip())
    with transaction.atomic():
        row = locked(conversation)
        row.contact_email = address
        row.contact_page = page_on_site(page or "", row.widget.allowed_origins)
        row.save(update_fields=["contact_email", "contact_page"])
        mailing.queue_unseen(row)
        ring_desk(row)
    return address


def rate_message(conversation: Conversation, message_id: str, rating: int, comment: str | None = None) -> Feedback:
    """Rate an assistant's message of this conversation; the last rating counts. NotFound for any other."""
    if comment is not None and len(comment) > LONGEST_TEXT:
        raise TooLong
    message = Message.objects.filter(
        pk=_uuid(message_id),
        role=Role.ASSISTANT,
        conversation_id=conversation.pk,
        conversation__customer_id=conversation.customer_id,
    ).first()
    if message is None:
        raise NotFound
    with transaction.atomic():
        feedback, _ = Feedback.objects.update_or_create(
            message=message, defaults={"rating": rating, "comment": storable(comment or "")}
        )
        ring_desk(message.conversation)
    return feedback


def mark_read_by_customer(conversation: Conversation, seq: int) -> None:
    """The customer has seen everything up to `seq`; never goes back, never past the head."""
    seen = Least(Value(seq), F("seq"))
    rows = Conversation.objects.filter(pk=conversation.pk, customer_id=conversation.customer_id)
    with transaction.atomic():  # where it stands in line no longer than others (assistant/events/threads.py)
        rows.update(customer_read_seq=Greatest(F("customer_read_seq"), seen))


def _one_spelling(address: str) -> str:
    """The address with its domain as mails are sent to it. InvalidText for what is no address, or has other spellings.

    What mailboxes are counted by: a quoted name, an address in brackets and a domain beyond ASCII can each be written
    in many ways that arrive at one.
    """
    local, _, domain = address.rpartition("@")
    try:
        validate_email(address)
        written = f"{local}@{punycode(domain)}"
    except (ValidationError, UnicodeError):
        raise InvalidText("This is not an e-mail address.") from None
    too_long = len(written) > LONGEST_ADDRESS or len(local) > LONGEST_LOCAL_PART
    if too_long or not written.isascii() or any(character in written for character in '"['):
        raise InvalidText("This is not an e-mail address.")
    return written


def _uuid(value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError:
        raise NotFound from None
