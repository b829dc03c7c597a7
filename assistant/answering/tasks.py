"""Celery tasks of the answers queue: thin. Nothing here is retried by Celery; the rows decide."""

import asyncio

from celery import shared_task
from django.conf import settings

from assistant.answering import dispatch, queue, runner
from assistant.conversations.sessions import forget_expired
from assistant.conversations.spending import forget_past_days
from assistant.llm.openai import closing_clients


@shared_task(
    name="assistant.answering.tasks.answer_turn",
    soft_time_limit=settings.TURN_SOFT_LIMIT_SECONDS,
    time_limit=settings.TURN_HARD_LIMIT_SECONDS,
)
def answer_turn(turn_id: str) -> None:
    """Run one turn to its outcome."""
    asyncio.run(closing_clients(runner.run(turn_id, dispatch.owner_name())))


@shared_task(name="assistant.answering.tasks.rescue_turns", soft_time_limit=10, time_limit=15)
def rescue_turns() -> int:
    """Queue turns that lost their owner; also the sign that a worker takes work. How many were queued."""
    queue.mark_worker()
    return dispatch.rescue()


@shared_task(name="assistant.answering.tasks.housekeeping", soft_time_limit=300, time_limit=330)
def housekeeping() -> int:
    """Remove expired sessions, visitors who never wrote, and what past days cost. How many rows went."""
    return forget_expired() + forget_past_days()
