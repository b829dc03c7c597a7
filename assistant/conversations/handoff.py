"""Asking for a person, and going back to the assistant."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from assistant.answers import ASKED
from assistant.conversations.channel import is_channel
from assistant.conversations.counting import count_turn
from assistant.conversations.errors import InvalidText, TooLong
from assistant.conversations.messages import LONGEST_TEXT, author_of, locked, open_turn, reopen, say, storable
from assistant.conversations.notices import notice
from assistant.conversations.selectors import agents_available
from assistant.conversations.waiting import PRESSING
from assistant.events.catalogue import ConversationUpdated
from assistant.events.publish import publish
from assistant.models import Conversation, Event, Message, Turn
from assistant.states import ConversationStatus, Role, TurnStatus, check_conversation, check_turn


def request_handoff(conversation: Conversation, client_id: str, reason: str | None = None) -> Event:
    """Ask for a person; ends the running turn. With a person there or asked for already: acknowledged, unchanged."""
    if reason is not None and len(reason) > LONGEST_TEXT:
        raise TooLong
    if reason is not None and storable(reason) != reason:
        raise InvalidText
    with transaction.atomic():
        row = locked(conversation)
        known = already_done(row, client_id)
        if known or row.status in (ConversationStatus.WAITING, ConversationStatus.AGENT):
            return acknowledge(row, client_id)
        if row.status == ConversationStatus.RESOLVED:
            reopen(row)
        return wait_for_person(
            row, turn=cancel_open_turn(row), client_id=client_id, reason=_in_their_words(reason or ASKED)
        )


def _in_their_words(reason: str) -> str:
    """A customer's reason as it is kept: nobody goes before the others by naming one that the assistant finds."""
    return f"“{reason}”" if reason in PRESSING else reason


def cancel_handoff(conversation: Conversation, client_id: str) -> Event:
    """Go back to the assistant. With the assistant already, or resolved: acknowledged, unchanged."""
    with transaction.atomic():
        row = locked(conversation)
        known = already_done(row, client_id)
        if known or row.status in (ConversationStatus.ASSISTANT, ConversationStatus.RESOLVED):
            return acknowledge(row, client_id)
        return to_assistant(row, client_id)


def wait_for_person(
    row: Conversation, *, turn: Turn | None, client_id: str | None = None, reason: str = "", words: str = ""
) -> Event:
    """Put the conversation in the desk's queue; `turn` is the one this is the outcome of.

    `words` are said to the customer as a system message, and so is that nobody is there when nobody is; but nothing of
    it to a program, which can neither leave an address nor go back.
    """
    row.status = check_conversation(row.status, ConversationStatus.WAITING)
    row.waiting_since = timezone.now()
    row.handoff_reason = reason
    row.agent = None
    event = publish(
        row,
        ConversationUpdated(status=row.status, turn=str(turn.id) if turn else None, client_id=client_id),
        client_id,
    )
    alone = not is_channel(row.widget) and not agents_available()
    said = " ".join(part for part in (words, notice(_absent(row), row) if alone else "") if part)
    if said:
        say(row, Role.SYSTEM, said)
    return event


def _absent(row: Conversation) -> str:
    """What is said when nobody is there: an address is asked for where mail leaves, and once."""
    if not settings.MAIL_LEAVES:
        return "nobody_there_no_mail"
    return "nobody_there_known" if row.contact_email else "nobody_there"


def to_assistant(row: Conversation, client_id: str | None = None) -> Event:
    """The assistant speaks again; who was left unanswered is asked to write again. The caller holds the lock."""
    row.status = check_conversation(row.status, ConversationStatus.ASSISTANT)
    row.agent = None
    row.waiting_since = None
    row.resolved_at = None
    event = publish(row, ConversationUpdated(status=row.status, client_id=client_id), client_id)
    # What was written to a person has no turn, and so no answer is owed to it.
    if _customer_spoke_last(row):
        say(row, Role.SYSTEM, notice("ask_again", row))
    return event


def _customer_spoke_last(row: Conversation) -> bool:
    said = Message.objects.filter(conversation=row).exclude(role=Role.SYSTEM).order_by("-seq")
    return said.values_list("role", flat=True).first() == Role.CUSTOMER


def cancel_open_turn(row: Conversation) -> Turn | None:
    """End the open turn without a message; the caller publishes its outcome in the same transaction."""
    turn = open_turn(row)
    if turn is not None:
        end_turn(turn, TurnStatus.CANCELLED)
    return turn


def end_turn(turn: Turn, status: TurnStatus) -> None:
    """Close a locked turn; whoever ran it can no longer finish it."""
    turn.status = check_turn(turn.status, status)
    turn.finished_at = timezone.now()
    turn.lease_until = None
    turn.save()
    count_turn(turn)


def already_done(row: Conversation, client_id: str) -> bool:
    """True when a frame with this client id took effect before: a repeat must not act again."""
    return Event.objects.filter(conversation=row, client_id=client_id, type=ConversationUpdated.type).exists()


def acknowledge(row: Conversation, client_id: str) -> Event:
    """Say with an event that nothing had to change."""
    agent = author_of(row.agent) if row.status in (ConversationStatus.AGENT, ConversationStatus.RESOLVED) else None
    return publish(row, ConversationUpdated(status=str(row.status), client_id=client_id, agent=agent), client_id)
