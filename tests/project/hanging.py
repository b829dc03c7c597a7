"""Our Celery application, for a process alone: a task that hangs, in workers that look at their tasks more often."""

import time
from typing import Any

from celery import signals

from assistant.project.celery import app


@app.task(name="tests.hang", soft_time_limit=1, time_limit=2)
def hang() -> None:
    """Longer than anybody waits."""
    time.sleep(3600)


@signals.worker_init.connect
def look_often(**_: Any) -> None:
    from assistant.project import time_limits

    time_limits.LOOK_EVERY_SECONDS = 0.5
    time_limits.LEAST_LIMIT_SECONDS = 0.0
