"""Conversations in every state, made by the services as customers and agents make them."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from assistant.conversations import services
from assistant.models import Conversation, Turn, User, Widget
from assistant.states import TurnStatus
from tests.cast import client_id, make_answer, make_visitor


def asked(widget: Widget, text: str = "Where is my parcel?", name: str = "") -> Conversation:
    """A customer's first question; its turn is open."""
    visitor = make_visitor(widget)
    if name:
        visitor.customer.name = name
        visitor.customer.save()
    accepted = services.accept_message(None, visitor.session, client_id(), text)
    return accepted.message_event.conversation


def answered(widget: Widget, text: str = "Where is my parcel?", name: str = "") -> Conversation:
    """A question with the assistant's answer."""
    conversation = asked(widget, text, name)
    answer_open_turn(conversation)
    return fresh(conversation)


def answer_open_turn(conversation: Conversation) -> UUID:
    """The assistant's answer to what was asked last; the turn's id."""
    turn = Turn.objects.get(conversation=conversation, status=TurnStatus.QUEUED)
    Turn.objects.filter(pk=turn.pk).update(status=TurnStatus.RUNNING, attempt=1)
    assert services.record_answer(turn.pk, 1, make_answer())
    return turn.pk


def failed(widget: Widget, text: str = "Where is my parcel?", name: str = "") -> Conversation:
    """A question that could not be answered."""
    conversation = asked(widget, text, name)
    turns = Turn.objects.filter(conversation=conversation)
    turns.update(status=TurnStatus.RUNNING, attempt=1)
    assert services.give_up(turns.get().pk, 1, "model away", {})
    return fresh(conversation)


def waiting(widget: Widget, text: str = "I want a person", name: str = "", minutes: int = 0) -> Conversation:
    """A customer who has waited for a person for `minutes`."""
    conversation = asked(widget, text, name)
    services.request_handoff(conversation, client_id(), "Wants a person")
    since = timezone.now() - timedelta(minutes=minutes)
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=since)
    return fresh(conversation)


def taken(widget: Widget, agent: User, text: str = "I want a person", name: str = "") -> Conversation:
    """A conversation that `agent` has."""
    conversation = waiting(widget, text, name)
    services.take_over(conversation.pk, agent)
    return fresh(conversation)


def resolved(widget: Widget, agent: User, text: str = "Thanks", name: str = "") -> Conversation:
    """A closed conversation."""
    conversation = taken(widget, agent, text, name)
    services.resolve(conversation.pk, agent)
    return fresh(conversation)


def fresh(conversation: Conversation) -> Conversation:
    """The conversation as it is stored now."""
    return Conversation.objects.get(pk=conversation.pk)
