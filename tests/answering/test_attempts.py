"""How an attempt stands, as its budgets see it."""

import asyncio
import math
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from assistant.answering import queue
from assistant.answering.attempts import Attempt, Leave
from assistant.answering.turns import Claim
from assistant.answers import Delta, Question, Status


def begun(attempt: int = 1) -> Attempt:
    now = timezone.now()
    question = Question("How do I reset it?", "default")
    held = Claim(uuid.uuid4(), uuid.uuid4(), attempt, now, now + timedelta(seconds=45), 0, question, 1)
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


@pytest.fixture
def worker(embedded_services: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One has just taken work, nothing waits for it, and nobody looked for it yet."""
    monkeypatch.setattr(queue, "_seen", queue._Seen())
    monkeypatch.setattr(queue, "LOOK_SECONDS", math.inf)
    queue._client().delete(queue.queued_key())
    queue.mark_worker()
    yield
    queue._client().delete(queue.WORKER_KEY)


async def handed_over(attempt: Attempt) -> bool:
    attempt.work = asyncio.create_task(asyncio.sleep(60))
    await attempt.hand_over()
    attempt.work.cancel()
    return attempt.left is Leave.SLOW


@pytest.mark.usefixtures("worker")
def test_whichever_attempt_it_is_goes_to_a_worker_unless_a_model_was_heard() -> None:
    async def each() -> list[bool]:
        heard = begun()
        heard.heard_at = asyncio.get_running_loop().time()
        return [await handed_over(attempt) for attempt in (begun(), begun(2), heard)]

    assert async_to_sync(each)() == [True, True, False]


@pytest.mark.usefixtures("worker")
def test_of_many_that_are_late_at_once_few_go_to_workers() -> None:
    async def all_at_once() -> list[bool]:
        return await asyncio.gather(*(handed_over(begun()) for _ in range(30)))

    assert sum(async_to_sync(all_at_once)()) == queue.HANDED_OVER_A_LOOK
