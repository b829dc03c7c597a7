"""Tasks reach our broker from every thread, within limits that agree with each other."""

from concurrent.futures import ThreadPoolExecutor

from celery import current_app
from django.conf import settings

from assistant.project.celery import app
from assistant.project.schedule import SCHEDULE


def test_every_thread_sends_to_our_broker() -> None:
    with ThreadPoolExecutor(max_workers=1) as other:
        assert other.submit(lambda: current_app.conf.broker_url).result() == settings.REDIS_URL


def test_no_task_has_limits_that_celery_refuses() -> None:
    """Celery sends no task whose soft limit, its own or the settings', is above its hard one."""
    app.loader.import_default_modules()
    limits = {
        name: (
            task.soft_time_limit or settings.CELERY_TASK_SOFT_TIME_LIMIT,
            task.time_limit or settings.CELERY_TASK_TIME_LIMIT,
        )
        for name, task in app.tasks.items()
    }
    assert {"assistant.project.heartbeats.canary", *(entry["task"] for entry in SCHEDULE.values())} <= set(limits)
    assert {name: pair for name, pair in limits.items() if pair[0] > pair[1]} == {}
