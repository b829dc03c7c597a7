"""Signs of life of the workers: a canary task through every queue, since a process that runs may consume nothing."""

from typing import Any

import structlog
from celery import shared_task
from celery.worker.state import active_requests, total_count

from assistant.answering.turn_loop import turn_loop
from assistant.project.signs import EVERY_SECONDS, note
from assistant.project.supervision import QUEUES

# A child that stops in the middle of a canary is replaced: until then the worker would vouch for it as busy.
CANARY_LIMIT_SECONDS = 20
log = structlog.get_logger(__name__)


@shared_task(ignore_result=True, soft_time_limit=CANARY_LIMIT_SECONDS, time_limit=CANARY_LIMIT_SECONDS)
def canary(queue: str) -> None:
    """Note that `queue` is consumed, unless this process takes tasks and its turns stand still."""
    if turn_loop.responds():
        note(queue)


@shared_task(ignore_result=True)
def send_canaries() -> None:
    """Put a canary into every queue; one that nobody takes in time is dropped."""
    for queue in QUEUES:
        send_canary(queue)


def send_canary(queue: str) -> None:
    """Put a canary into `queue`."""
    canary.apply_async((queue,), queue=queue, expires=EVERY_SECONDS * 3)


def watch(consumer: Any) -> None:
    """In a worker's main process: send the first canary, and vouch for it while it works.

    With all its children or threads at work, a canary waits behind a task, or behind hundreds of short ones; the worker
    is busy then, not dead.
    """
    queues = [queue.name for queue in consumer.task_consumer.queues]
    for queue in queues:
        send_canary(queue)
    consumer.timer.call_repeatedly(EVERY_SECONDS, Working(queues).vouch)


class Working:
    """What a worker has taken of its queues since the last look."""

    def __init__(self, queues: list[str]) -> None:
        self._queues = queues
        self._taken = sum(total_count.values())

    def vouch(self) -> None:
        """Note that the queues are consumed, where a task runs just now or was taken since the last look."""
        before, self._taken = self._taken, sum(total_count.values())
        if not (active_requests or self._taken > before) or not turn_loop.responds():
            return
        try:
            for queue in self._queues:
                note(queue)
        except Exception as error:  # the broker is away: the consumer itself deals with that
            log.warning("no heartbeat could be written", error=str(error))
