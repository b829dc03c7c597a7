"""How an attempt stands, as its budgets see it."""

import asyncio
import uuid
from datetime import timedelta

from asgiref.sync import async_to_sync
from django.utils import timezone

from assistant.answering.attempts import Attempt
from assistant.answering.turns import Claim
from assistant.answers import Delta, Question, Status


def begun() -> Attempt:
    now = timezone.now()
    question = Question("How do I reset it?", "default")
    held = Claim(uuid.uuid4(), uuid.uuid4(), 1, now, now + timedelta(seconds=45), 0, question, 1)
    return Attempt(held, served=True)


def test_a_search_that_took_long_takes_nothing_from_the_time_in_which_models_may_be_heard() -> None:
    async def worked() -> tuple[float, float]:
        attempt = begun()
        attempt.began -= 1000
        searching = attempt.progress().worked
        await attempt.on_event(Status("writing"))
        return searching, attempt.progress().worked

    searching, writing = async_to_sync(worked)()
    assert searching >= 1000 > writing


def test_a_model_that_writes_on_unseen_leaves_the_customer_in_silence() -> None:
    async def quiet() -> tuple[float, float]:
        attempt = begun()
        attempt.stream.text, attempt.shown_at = "A sentence.", 0.0
        attempt.heard_at = asyncio.get_running_loop().time()
        unseen = attempt.progress().quiet
        await attempt.on_event(Delta(11, " Another."))
        return unseen, attempt.progress().quiet

    unseen, seen = async_to_sync(quiet)()
    assert unseen > seen
