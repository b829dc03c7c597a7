"""What is said: a customer's messages in, everybody's messages out.

Lock order, everywhere: the conversation's row, then its turn's, then what hangs on them. Whoever
claims or renews a turn touches the turn's row alone, by one conditional UPDATE; a turn may also be
claimed as it is opened, by who has room for it.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from assistant.answers import Source
from assistant.conversations.counting import count_message
from assistant.conversations.errors import InvalidText, NotFound, TooLong
from assistant.conversations.rendering import absolute, escape_text, render_markdown
from assistant.conversations.together import insert_together
from assistant.events.catalogue import Author, ConversationUpdated, MessageBody, MessageCreated
from assistant.events.publish import announce, numbered, publish
from assistant.models import Citation, Conversation, Event, Message, Session, Turn, User, Widget
from assistant.states import OPEN_TURN_STATUSES, ConversationStatus, Role, TurnStatus, check_conversation
from knowledge.models import Document

LONGEST_TEXT = 8000
# What was just opened or joined is about to be started by whoever did so: no sweep takes it.
UNSTARTED_SECONDS = 2.0


@dataclass(frozen=True)
class Accepted:
    """What became of a customer's message. `turn_id` is the turn that owes its answer, None where none does.

    `joined`: the turn was there before, at that `attempt`. `begun` is one that was opened and claimed in one.
    """

    message_event: Event
    turn_id: uuid.UUID | None
    repeated: bool
    joined: bool = False
    attempt: int = 0
    begun: Turn | None = None


def check_text(text: str) -> None:
    """InvalidText for white space only, NUL and lone surrogates; TooLong past 8,000 code points."""
    if not text.strip() or "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidText
    if len(text) > LONGEST_TEXT:
        raise TooLong


def storable(text: str) -> str:
    """Text of a machine's making without what Postgres or UTF-8 cannot hold."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def new_conversation(session: Session, locale: str, conversation_id: uuid.UUID | None = None) -> Conversation:
    """A conversation that is not stored yet; its first write stores it."""
    return Conversation(
        id=conversation_id or uuid.uuid4(),
        widget_id=session.customer.widget_id,
        customer_id=session.customer_id,
        locale=locale[:35],
    )


def locked(conversation: Conversation) -> Conversation:
    """The conversation's row, locked until the transaction ends; stored now if it was not.

    `conversation` is the caller's right to it: NotFound when its customer is not the row's.
    """
    if conversation._state.adding:
        Conversation.objects.bulk_create([_unstored(conversation)], ignore_conflicts=True)
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("widget__collection")
    row = rows.filter(pk=conversation.pk).first()
    if row is None or row.customer_id != conversation.customer_id:
        raise NotFound
    return row


def _unstored(conversation: Conversation) -> Conversation:
    """A copy to store: the caller's stays unstored if that is rolled back."""
    return Conversation(
        id=conversation.id,
        widget_id=conversation.widget_id,
        customer_id=conversation.customer_id,
        locale=conversation.locale,
    )


def repeated_message(conversation: Conversation | None, client_id: str) -> Event | None:
    """The stored `message.created` of a client id that was used before, with its conversation as it is stored."""
    if conversation is None:
        return None
    # With the conversation, as any accepted message has it: a connection's loop, which takes it over, must not ask.
    return (
        Event.objects.select_related("conversation")
        .filter(
            conversation_id=conversation.pk,
            conversation__customer_id=conversation.customer_id,
            client_id=client_id,
            type=MessageCreated.type,
        )
        .first()
    )


def accept_message(
    conversation: Conversation | None,
    session: Session,
    client_id: str,
    text: str,
    locale: str = "en",
    owner: str = "",
) -> Accepted:
    """Store a customer's message, once for each client id, and open or restart the turn that owes the answer.

    A None `conversation` is a new one of the session's customer. A turn that is opened is the `owner`'s at once, where
    one is named. Raises InvalidText, TooLong, NotFound.
    """
    if conversation is None:
        conversation = new_conversation(session, locale)
    if conversation.customer_id != session.customer_id:
        raise NotFound
    if conversation._state.adding and (first := _begun(conversation, client_id, text, owner)):
        return first
    with transaction.atomic():
        row = locked(conversation)
        known = repeated_message(row, client_id) if row.seq else None
        if known is not None:
            return Accepted(known, None, repeated=True)
        check_text(text)
        if row.status == ConversationStatus.RESOLVED:
            reopen(row)
        if row.status != ConversationStatus.ASSISTANT:
            return Accepted(say(row, Role.CUSTOMER, text, client_id=client_id), None, repeated=False)
        joined = open_turn(row) if row.seq else None
        turn = _rejoined(joined) if joined else _opened(row, owner)
        turn.save(force_insert=joined is None)
        event = say(row, Role.CUSTOMER, text, client_id=client_id, turn=turn)
        return _owed(event, turn, joined is not None)


def _begun(conversation: Conversation, client_id: str, text: str, owner: str) -> Accepted | None:
    """A conversation, stored with its first message and the turn that it opens; None where it is stored already."""
    check_text(text)
    row = _unstored(conversation)
    row.widget = Widget.objects.select_related("collection").get(pk=row.widget_id)
    turn = _opened(row, owner)
    message = _said(row, Role.CUSTOMER, text, client_id=client_id, turn=turn)
    event = numbered(row, MessageCreated(message_body(message)), client_id)
    with transaction.atomic():  # or a server that was slow would keep what nobody waited for (decision 042)
        if not insert_together(row, turn, message, event):
            return None
    count_message(Role.CUSTOMER)
    announce(event)
    return _owed(event, turn, False)


def _owed(event: Event, turn: Turn, joined: bool) -> Accepted:
    begun = turn if turn.status == TurnStatus.RUNNING else None
    return Accepted(event, turn.id, False, joined, turn.attempt, begun)


def reopen(row: Conversation) -> None:
    """A resolved conversation goes back to the assistant, with an event."""
    row.status = check_conversation(row.status, ConversationStatus.ASSISTANT)
    row.agent = None  # `resolved_at` stays, so that the desk sees that it was opened again
    publish(row, ConversationUpdated(status=row.status))


def say(
    row: Conversation,
    role: Role,
    text: str,
    *,
    client_id: str | None = None,
    turn: Turn | None = None,
    author: User | None = None,
    decision: str = "",
    stopped: bool = False,
    sources: Iterable[Source] = (),
    offers_person: bool = False,
) -> Event:
    """Store one message with its citations and publish it; the caller holds the row's lock."""
    message = _said(row, role, text, client_id=client_id, turn=turn, author=author, decision=decision, stopped=stopped)
    message.save(force_insert=True)
    citations = _cite(message, tuple(sources))
    count_message(role)
    return publish(row, MessageCreated(message_body(message, citations, offers_person)), client_id)


def _said(row: Conversation, role: Role, text: str, **more: Any) -> Message:
    """A message that is not stored yet, as the conversation's next and newest."""
    row.last_message_at = timezone.now()
    return Message(conversation=row, seq=row.seq + 1, role=role, text=text, created_at=row.last_message_at, **more)


def message_body(message: Message, citations: Iterable[Citation] = (), offers_person: bool = False) -> MessageBody:
    """The message as clients get it."""
    plain = message.role == Role.CUSTOMER
    return MessageBody(
        id=str(message.id),
        client_id=str(message.client_id) if plain and message.client_id else None,
        turn=str(message.turn_id) if message.turn_id else None,
        role=str(message.role),
        author=author_of(message.author),
        text=message.text,
        html=escape_text(message.text) if plain else render_markdown(message.text),
        sources=[source_frame(citation) for citation in citations],
        decision=str(message.decision) or None,
        stopped=message.stopped,
        created_at=message.created_at.isoformat().replace("+00:00", "Z"),
        offers_person=offers_person,
    )


def author_of(agent: User | None) -> Author | None:
    """An agent as customers see one."""
    return Author(agent.public_name, absolute(agent.avatar) or None) if agent else None


def source_json(source: Citation | Source) -> dict[str, Any]:
    """A source in the shape of `ask --json`; the address of a page of ours is relative to this site."""
    return {
        "n": source.n,
        "article": source.article,
        "title": source.title,
        "url": source.url,
        "heading": source.heading,
        "quote": source.quote,
        "score": source.score,
    }


def source_frame(source: Citation | Source) -> dict[str, Any]:
    """A source for a client on another site: its address absolute."""
    return {**source_json(source), "url": absolute(source.url)}


def open_turn(row: Conversation) -> Turn | None:
    """The turn that still owes an outcome, locked; the caller holds the conversation's lock."""
    return Turn.objects.select_for_update().filter(conversation=row, status__in=OPEN_TURN_STATUSES).first()


def _opened(row: Conversation, owner: str) -> Turn:
    """The turn that a message opens; in the queue, unless an `owner` has it from the first."""
    now = timezone.now()
    turn = Turn(conversation=row, deadline_at=now + timedelta(seconds=settings.TURN_DEADLINE_SECONDS))
    if owner:
        turn.status, turn.attempt, turn.owner, turn.started_at = TurnStatus.RUNNING, 1, owner[:100], now
        turn.lease_until = now + timedelta(seconds=settings.TURN_LEASE_SECONDS)
    return turn


def _rejoined(turn: Turn) -> Turn:
    """The turn that a message joins: whoever holds it is fenced out, and it starts anew with all the messages.

    Its failures stay, and its deadline moves so far only: who writes on and on keeps no turn open, and paid for, for
    ever.
    """
    now, patience = timezone.now(), timedelta(seconds=settings.TURN_DEADLINE_SECONDS)
    turn.status = TurnStatus.QUEUED
    turn.owner = ""
    turn.lease_until = now + timedelta(seconds=settings.BURST_PAUSE_SECONDS + UNSTARTED_SECONDS)
    turn.deadline_at = min(now + patience, turn.created_at + 2 * patience)
    turn.partial_text = ""
    turn.partial_sources = []
    return turn


def _cite(message: Message, sources: tuple[Source, ...]) -> list[Citation]:
    # An article may be removed while it is being answered from: its quote stays, its row is gone.
    wanted = [source.document_id for source in sources]
    existing = set(Document.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    return Citation.objects.bulk_create(_citation(message, source, existing) for source in sources)


def _citation(message: Message, source: Source, existing: set[int]) -> Citation:
    return Citation(
        message=message,
        n=source.n,
        document_id=source.document_id if source.document_id in existing else None,
        revision=source.revision,
        article=source.article[:500],
        title=source.title[:500],
        url=source.url[:2000],
        heading=storable(source.heading),
        quote=storable(source.quote),
        start=source.start,
        end=source.end,
        score=source.score,
    )
