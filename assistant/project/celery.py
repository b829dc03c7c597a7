"""The Celery application: queues `answers`, `ingestion` and `housekeeping`, and the clock of periodic tasks."""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")

app = Celery("answerdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["knowledge", "assistant.answering", "assistant.desk"])
app.autodiscover_tasks(["assistant.project"], related_name="heartbeats")
app.conf.beat_schedule = {
    "canaries": {
        "task": "assistant.project.heartbeats.send_canaries",
        "schedule": 10.0,
        "options": {"expires": 30, "queue": "housekeeping"},
    },
    "rescue-imports": {"task": "knowledge.tasks.rescue_imports", "schedule": 60.0, "options": {"expires": 60}},
    "index-pending": {"task": "knowledge.tasks.index_pending", "schedule": 60.0, "options": {"expires": 60}},
    "rescue-turns": {
        "task": "assistant.answering.tasks.rescue_turns",
        "schedule": 5.0,
        "options": {"expires": 5, "queue": "answers"},
    },
    "housekeeping": {
        "task": "assistant.answering.tasks.housekeeping",
        "schedule": 1800.0,
        "options": {"expires": 600, "queue": "housekeeping"},
    },
}


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery sets up logging of its own unless somebody listens here; ours is Django's LOGGING."""


@signals.worker_ready.connect
def watch_consumption(sender: Any, **_: Any) -> None:
    """Have the worker prove that it consumes."""
    from assistant.project import heartbeats

    heartbeats.watch(sender)
