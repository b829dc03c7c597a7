from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistant.conversations.widgets import _WIDGET_FIELDS, widget_for_answers
from assistant.models import Widget
from assistant.states import Grounding
from tests.cast import make_widget

pytestmark = pytest.mark.django_db


def test_what_answers_need_of_a_widget_is_read_in_one_statement_and_the_rest_when_it_is_asked_for():
    made = make_widget()
    caps = {"cost_cap_conversation_usd": Decimal("0.50"), "cost_cap_day_usd": None, "wrong_answer_cost": 1.5}
    Widget.objects.filter(pk=made.pk).update(grounding=Grounding.AFTER, active=False, accent="#123456", **caps)
    stored = Widget.objects.select_related("collection").get(pk=made.pk)
    with CaptureQueriesContext(connection) as captured:
        widget = widget_for_answers(made.pk)
        assert {name: getattr(widget, name) for name in _WIDGET_FIELDS} == {
            name: getattr(stored, name) for name in _WIDGET_FIELDS
        }
        assert widget.collection.slug == stored.collection.slug
    assert len(captured) == 1
    assert (widget.accent, widget.allowed_origins, widget.collection) == ("#123456", [], stored.collection)
    assert widget.collection.name == stored.collection.name


def test_there_is_no_widget_that_is_gone():
    with pytest.raises(Widget.DoesNotExist):
        widget_for_answers(0)
