"""Celery tasks of the answers queue: thin. Nothing here is retried by Celery; the rows decide."""

from celery import shared_task
from celery.exceptions import Reject

from assistant.answering import queue, sweeping
from assistant.answering.turn_loop import turn_loop
from assistant.conversations.sessions import forget_expired
from assistant.conversations.spending import forget_past_days


@shared_task(name="assistant.answering.tasks.answer_turn")
def answer_turn(turn_id: str) -> None:
    """Run one turn to its outcome, beside the others of this process; its limits are the loop's."""
    if turn_loop.draining:
        raise Reject("this worker goes down", requeue=True)
    turn_loop.run(turn_id)


@shared_task(name="assistant.answering.tasks.rescue_turns", soft_time_limit=100, time_limit=120)
def rescue_turns() -> int:
    """Queue turns that lost their owner; also the sign that a worker takes work. How many were queued.

    Its limit is longer than two statements: beyond it the process ends (project/time_limits.py), with all its turns.
    """
    queue.mark_worker()
    return sweeping.rescue()


@shared_task(name="assistant.answering.tasks.housekeeping")
def housekeeping() -> int:
    """Remove expired sessions, visitors who never wrote, and what past days cost. How many rows went.

    Celery ends no task of this pool; where it hangs, the watchdog ends the process.
    """
    return forget_expired() + forget_past_days()
