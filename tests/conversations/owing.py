"""Conversations that owe a mail, for tests."""

from django.utils import timezone

from assistant.answering import turns
from assistant.conversations import services
from assistant.models import Conversation, Outgoing
from tests.cast import client_id, make_answer, make_visitor

QUESTION = "How do I open the settings of my kettle?"
ADDRESS = "ada@example.org"
PAGE = "https://shop.example/kettles"


def ask(widget, text=QUESTION, address=ADDRESS, locale="en"):
    """A question of a visitor who left an address, not answered yet."""
    visitor = make_visitor(widget)
    accepted = services.accept_message(None, visitor.session, client_id(), text, locale)
    conversation = accepted.message_event.conversation
    if address:
        services.save_contact(conversation, client_id(), address, PAGE)
    return conversation, accepted.turn_id


def answer(turn_id, text="Open the settings [1]."):
    assert services.record_answer(turn_id, turns.claim(turn_id, "web").attempt, make_answer(text))


def answered(widget, **fields):
    conversation, turn_id = ask(widget, **fields)
    answer(turn_id)
    return Conversation.objects.get(pk=conversation.pk)


def states():
    return list(Outgoing.objects.order_by("pk").values_list("state", flat=True))


def later(**fields):
    """Time goes by for the mails that wait."""
    Outgoing.objects.update(due_at=timezone.now(), **fields)
