"""What agents do in a conversation. Every one of these ends the assistant's say first."""

import uuid

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from assistant.conversations import mailing
from assistant.conversations.errors import AlreadyTaken, NotFound, NotYours
from assistant.conversations.handoff import cancel_open_turn, to_assistant
from assistant.conversations.messages import author_of, check_text, say
from assistant.events.catalogue import ConversationUpdated
from assistant.events.publish import publish, ring_desk
from assistant.models import Conversation, Draft, Event, Message, Note, User
from assistant.states import ConversationStatus, Role, check_conversation

Id = uuid.UUID | str


def take_over(conversation_id: Id, agent: User) -> Conversation:
    """The agent speaks from now on; an open turn ends. AlreadyTaken when another agent does."""
    with transaction.atomic():
        row = _locked_for_desk(conversation_id)
        _take(row, agent)
        return row


def reply(conversation_id: Id, agent: User, client_id: str, text: str) -> Event:
    """An agent's message, once for each client id; takes the conversation over when nobody has.

    Raises AlreadyTaken, InvalidText, TooLong, NotFound.
    """
    with transaction.atomic():
        row = _locked_for_desk(conversation_id)
        known = Message.objects.filter(conversation=row, client_id=client_id).first()
        if known is not None:
            return Event.objects.get(conversation=row, seq=known.seq)
        check_text(text)
        _take(row, agent)
        Draft.objects.filter(conversation=row, author=agent).delete()
        said = say(row, Role.AGENT, text, client_id=client_id, author=agent)
        mailing.queue(row, said)
        return said


def hand_back(conversation_id: Id, agent: User) -> Conversation:
    """The assistant speaks again, as `to_assistant` does it. NotYours when another agent has the conversation."""
    with transaction.atomic():
        row = _locked_for_desk(conversation_id)
        _check_not_anothers(row, agent)
        if row.status != ConversationStatus.ASSISTANT:
            to_assistant(row)
        return row


def resolve(conversation_id: Id, agent: User) -> Conversation:
    """Close the conversation; a later message reopens it. NotYours when another agent has it."""
    with transaction.atomic():
        row = _locked_for_desk(conversation_id)
        _check_not_anothers(row, agent)
        if row.status == ConversationStatus.RESOLVED:
            return row
        turn = cancel_open_turn(row)
        row.status = check_conversation(row.status, ConversationStatus.RESOLVED)
        row.agent = agent
        row.resolved_at = timezone.now()
        row.waiting_since = None
        publish(row, _updated(row, agent, turn.id if turn else None))
        return row


def add_note(conversation_id: Id, agent: User, text: str) -> Note:
    """A private remark; takes no `seq`, and no customer sees it."""
    check_text(text)
    with transaction.atomic():
        row = _conversation(conversation_id)
        note = Note.objects.create(conversation=row, author=agent, text=text)
        ring_desk(row)
        return note


def save_draft(conversation_id: Id, agent: User, text: str) -> None:
    """Keep what the agent has typed and not sent; an empty text removes it."""
    row = _conversation(conversation_id)
    if not text:
        Draft.objects.filter(conversation=row, author=agent).delete()
        return
    text = text.replace("\x00", "")
    Draft.objects.update_or_create(conversation=row, author=agent, defaults={"text": text})


def mark_read_by_agent(conversation_id: Id, seq: int) -> None:
    """The desk has shown everything up to `seq`; never goes back, never past the head."""
    seen = Least(Value(seq), F("seq"))
    rows = Conversation.objects.filter(pk=_conversation(conversation_id).pk)
    with transaction.atomic():  # where it stands in line no longer than others (assistant/events/threads.py)
        rows.update(agent_read_seq=Greatest(F("agent_read_seq"), seen))


def _take(row: Conversation, agent: User) -> None:
    if row.status == ConversationStatus.AGENT and row.agent_id == agent.pk:
        return
    _check_free(row, agent)
    turn = cancel_open_turn(row)
    row.status = check_conversation(row.status, ConversationStatus.AGENT)
    row.agent = agent
    row.waiting_since = None
    row.resolved_at = None
    publish(row, _updated(row, agent, turn.id if turn else None))


def _check_free(row: Conversation, agent: User) -> None:
    if row.status == ConversationStatus.AGENT and row.agent is not None and row.agent_id != agent.pk:
        raise AlreadyTaken(row.agent.public_name)


def _check_not_anothers(row: Conversation, agent: User) -> None:
    if row.status == ConversationStatus.AGENT and row.agent is not None and row.agent_id != agent.pk:
        raise NotYours(f"{row.agent.public_name} has this conversation.")


def _updated(row: Conversation, agent: User, turn_id: uuid.UUID | None) -> ConversationUpdated:
    return ConversationUpdated(status=str(row.status), turn=str(turn_id) if turn_id else None, agent=author_of(agent))


def _locked_for_desk(conversation_id: Id) -> Conversation:
    row = Conversation.objects.select_for_update().filter(pk=_uuid(conversation_id)).first()
    if row is None:
        raise NotFound
    return row


def _conversation(conversation_id: Id) -> Conversation:
    row = Conversation.objects.filter(pk=_uuid(conversation_id)).first()
    if row is None:
        raise NotFound
    return row


def _uuid(value: Id) -> uuid.UUID:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
    except ValueError:
        raise NotFound from None
