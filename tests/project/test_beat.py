"""Periodic tasks go on when the clock is put back."""

import time
from datetime import timedelta

from celery import Celery
from django.core.cache import cache

from assistant.project import signs
from assistant.project.beat import Scheduler
from assistant.project.schedule import SCHEDULE


def test_a_clock_that_was_put_back_silences_nothing() -> None:
    app = Celery("clock", set_as_current=False)
    app.conf.beat_schedule = SCHEDULE
    scheduler = Scheduler(app)
    assert scheduler.tick() <= 5
    for entry in scheduler.schedule.values():
        entry.last_run_at += timedelta(hours=2)
    scheduler._heap = None
    assert scheduler.tick() <= 5


def test_a_sign_of_life_from_the_future_is_none(embedded_services: None) -> None:
    signs.note("ingestion")
    cache.set("heartbeat:answers", time.time() + 7200, 10)
    assert signs.ages_seconds()["answers"] is None
    assert signs.ages_seconds()["ingestion"] is not None
    cache.delete_many(["heartbeat:answers", "heartbeat:ingestion"])
