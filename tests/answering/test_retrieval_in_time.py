"""A search that hangs does not take the whole turn, and touches the database no more once nobody waits for it."""

import threading
import time
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError

from assistant.answering import pipeline
from assistant.answers import AnswerUnavailable, Question
from assistant.events.threads import until
from assistant.models import Turn


async def unheard(event):
    pass


def test_a_search_that_hangs_leaves_time_for_another_try():
    answered_meanwhile, waited_out = threading.Event(), []

    def hanging(*asked):
        waited_out.append(answered_meanwhile.wait(30))
        raise OperationalError("the connection was lost")

    async def tried():
        with pytest.raises(AnswerUnavailable, match="not read in time"):
            await pipeline.answer(
                Question("How do I reset my board?", "shop"), unheard, 1.0, replace(pipeline.TODAY, look_up=hanging)
            )
        answered_meanwhile.set()

    async_to_sync(tried)()
    assert waited_out in ([], [True])


@pytest.mark.django_db
def test_no_statement_begins_once_the_time_is_over():
    count = Turn.objects.count
    assert until(time.monotonic() + 60, count)() == 0
    with pytest.raises(OperationalError, match="no time left"):
        until(time.monotonic(), count)()
    assert count() == 0
