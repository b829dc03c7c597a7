"""How an attempt stands, as its budgets see it."""

import uuid
from datetime import timedelta

from asgiref.sync import async_to_sync
from django.utils import timezone

from assistant.answering.attempts import Attempt
from assistant.answering.turns import Claim
from assistant.answers import Question, Status


def test_a_search_that_took_long_takes_nothing_from_the_time_in_which_models_may_be_heard() -> None:
    now = timezone.now()
    question = Question("How do I reset it?", "default")
    held = Claim(uuid.uuid4(), uuid.uuid4(), 1, now, now + timedelta(seconds=45), 0, question)

    async def worked() -> tuple[float, float]:
        attempt = Attempt(held, served=True)
        attempt.began -= 1000
        searching = attempt.progress().worked
        await attempt.on_event(Status("writing"))
        return searching, attempt.progress().worked

    searching, writing = async_to_sync(worked)()
    assert searching >= 1000 > writing
