"""An event saves the columns that events change, and leaves alone what others wrote meanwhile."""

import pytest
from django.db import transaction

from assistant.conversations import services
from assistant.conversations.messages import locked, say
from assistant.models import Conversation
from assistant.states import Role
from tests.cast import client_id, make_visitor, make_widget

pytestmark = pytest.mark.django_db


def test_a_reading_mark_survives_an_event() -> None:
    visitor = make_visitor(make_widget())
    conversation = services.accept_message(None, visitor.session, client_id(), "hi").message_event.conversation
    with transaction.atomic():
        row = locked(conversation)
        services.mark_read_by_agent(row.pk, 1)
        say(row, Role.SYSTEM, "Noted.")
    assert Conversation.objects.get().agent_read_seq == 1
