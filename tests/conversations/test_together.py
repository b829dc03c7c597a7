"""Rows of several tables, inserted by one statement."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assistant.conversations.together import insert_together
from assistant.models import Conversation, Event, Turn
from tests.cast import make_visitor, make_widget

pytestmark = pytest.mark.django_db


def rows(**more):
    """A conversation, a turn and an event of it, none of them stored."""
    customer = make_visitor(make_widget()).customer
    conversation = Conversation(widget_id=customer.widget_id, customer=customer, **more)
    turn = Turn(conversation=conversation, deadline_at=timezone.now())
    return conversation, turn, Event(conversation=conversation, seq=1, type="a.b", frame={"ü": [1, None, "'"]})


def test_what_is_stored_is_what_the_orm_reads():
    conversation, turn, event = rows(seq=1, locale="pt-BR")
    with CaptureQueriesContext(connection) as captured:
        assert insert_together(conversation, turn, event)
    assert len(captured) == 1
    for row in (conversation, turn, event):
        stored = type(row).objects.get()
        assert stored == row
        assert not row._state.adding
        assert {f.attname: getattr(stored, f.attname) for f in row._meta.concrete_fields} == {
            f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields
        }
    conversation.locale = "de"
    conversation.save()
    assert Conversation.objects.get().locale == "de"


def test_nothing_is_stored_where_the_first_is_there_already():
    conversation, turn, event = rows()
    Conversation.objects.bulk_create([conversation])
    assert not insert_together(conversation, turn, event)
    assert not Turn.objects.exists()
    assert not Event.objects.exists()
    assert turn._state.adding


def test_a_text_that_is_too_long_for_its_column_is_refused_and_not_cut():
    with pytest.raises(DataError), transaction.atomic():
        insert_together(*rows(locale="x" * 36))
    assert not Conversation.objects.exists()
