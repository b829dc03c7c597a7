"""Handing turns to the workers. The row is the queue entry: a message here only makes it quicker."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import redis
import structlog
from celery import current_app
from django.conf import settings

log = structlog.get_logger(__name__)

WORKER_KEY = "answerdesk:answers-worker"
WORKER_SEEN_SECONDS = 15
LOOK_SECONDS = 1.0
# Of the turns that hand over between two looks the rest go on where they are: all at once they would wait for a worker.
HANDED_OVER_A_LOOK = 10
BACKLOG_LIMIT = 1000

_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers-queue")
_backlog = threading.Semaphore(BACKLOG_LIMIT)


@dataclass
class _Seen:
    """When it was last looked for a worker, by monotonic clock, and how many turns it is still to be left."""

    at: float = float("-inf")
    left: int = 0


_seen = _Seen()
_looking = threading.Lock()


def send(turn_id: str) -> None:
    """Ask a worker to answer the turn: at once back, whatever the broker does.

    What gets lost here is found by the sweep.
    """
    if _backlog.acquire(blocking=False):
        _sender.submit(_publish, turn_id)


def _publish(turn_id: str) -> None:
    try:
        current_app.send_task(
            "assistant.answering.tasks.answer_turn",
            args=[turn_id],
            queue="answers",
            expires=settings.TURN_DEADLINE_SECONDS,
            retry=False,
        )
    except Exception as error:
        log.warning("turn_not_queued", turn=turn_id, error=repr(error))
    finally:
        _backlog.release()


def mark_worker() -> None:
    """A worker of the `answers` queue takes work now; it says so every few seconds."""
    try:
        _client().set(WORKER_KEY, str(time.time()), ex=WORKER_SEEN_SECONDS)
    except redis.RedisError as error:
        log.info("worker_not_marked", error=repr(error))


def may_hand_over() -> bool:
    """True when a worker took work within the last 15 s, nothing waits for one, and few turns are handed over.

    Looks once a second, and is True HANDED_OVER_A_LOOK times at most until it looks again.
    """
    with _looking:
        if time.monotonic() - _seen.at >= LOOK_SECONDS:
            _seen.left, _seen.at = HANDED_OVER_A_LOOK if worker_ready() else 0, time.monotonic()
        _seen.left -= 1
        return _seen.left >= 0


def worker_ready() -> bool:
    """True when a worker took work within the last 15 s, and nothing waits for one."""
    try:
        return bool(_client().exists(WORKER_KEY)) and not _client().llen(queued_key())
    except redis.RedisError:
        return False


def queued_key() -> str:
    """Where the broker keeps what waits for a worker."""
    return f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}answers"


@lru_cache(maxsize=1)
def _client() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
