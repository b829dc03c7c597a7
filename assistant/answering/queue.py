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
BACKLOG_LIMIT = 1000

_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers-queue")
_backlog = threading.Semaphore(BACKLOG_LIMIT)


@dataclass
class _Seen:
    """What was found when it was last looked for a worker, by monotonic clock."""

    at: float = float("-inf")
    ready: bool = False


_seen = _Seen()


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


def worker_ready() -> bool:
    """True when a worker took work within the last 15 s, and nothing waits for one. Looks once a second."""
    if time.monotonic() - _seen.at >= LOOK_SECONDS:
        _seen.ready, _seen.at = _worker_is_ready(), time.monotonic()
    return _seen.ready


def _worker_is_ready() -> bool:
    queued = f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}answers"
    try:
        return bool(_client().exists(WORKER_KEY)) and not _client().llen(queued)
    except redis.RedisError:
        return False


@lru_cache(maxsize=1)
def _client() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
