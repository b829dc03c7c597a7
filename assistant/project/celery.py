"""The Celery application: queues `answers`, `ingestion` and `housekeeping`, and the clock of periodic tasks."""

import gc
import os
import signal
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")

REPLACED_WITHIN_SECONDS = 0.5
app = Celery("answerdesk")
# An app is current in the thread that made it only; turns and imports are queued from other threads.
app.set_default()
# Nothing here may touch `app.conf`: the settings import this module before they are complete.
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["knowledge", "assistant.answering", "assistant.conversations", "assistant.desk"])
app.autodiscover_tasks(["assistant.project"], related_name="heartbeats")


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery sets up logging of its own unless somebody listens here; ours is Django's LOGGING."""


@signals.worker_init.connect
def free_places(**_: Any) -> None:
    """Have a broken acknowledgement cost the worker no place."""
    from assistant.project import queue_places

    queue_places.use()


@signals.worker_ready.connect
def watch_consumption(sender: Any, **_: Any) -> None:
    """Have the worker prove that it consumes, and end where a task does not."""
    from assistant.project import heartbeats, time_limits

    heartbeats.watch(sender)
    time_limits.watch(sender)
    # A child that has grown is replaced after its import; Celery looks for that every 5 s, and the next import waits.
    if maintain := getattr(sender.pool, "maintain_pool", None):
        sender.timer.call_repeatedly(REPLACED_WITHIN_SECONDS, maintain)


@signals.worker_shutting_down.connect
def drain(**_: Any) -> None:
    """Finish or give back the turns that run in this process; Celery waits for their tasks."""
    from assistant.answering.turn_loop import turn_loop

    turn_loop.drain()


@signals.worker_before_create_process.connect
def share_memory(**_: Any) -> None:
    """Keep the collector off what the children share with us, or each would copy it page by page."""
    gc.collect()
    gc.freeze()


@signals.worker_process_init.connect
def die_with_worker(**_: Any) -> None:
    """End with the worker, however it ends: a child that outlives it would wait for work for ever."""
    from assistant.project.embedded import account

    account.die_with_parent(signal.SIGKILL)
