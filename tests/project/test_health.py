"""What is said of workers that nobody has heard of, and of a model that there is none of."""

import json
import time

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.test import RequestFactory
from pytest_django import Settings

from assistant.project import health
from assistant.project.supervision import QUEUES

pytestmark = pytest.mark.usefixtures("embedded_services")


def test_workers_are_missed_only_once_they_have_had_time_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.delete_many([f"heartbeat:{queue}" for queue in QUEUES])
    monkeypatch.setattr(health, "STARTED", time.monotonic())
    assert health.worker_trouble() == "starting"
    monkeypatch.setattr(health, "STARTED", time.monotonic() - health.START_SECONDS)
    assert health.worker_trouble() == f"nobody consumes {', '.join(QUEUES)}"


def test_where_no_model_is_set_up_there_is_none_and_nothing_is_degraded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GENERATIVE = False
    monkeypatch.setattr(health, "CHECKS", {"database": str, "model": health.CHECKS["model"]})
    told = json.loads(async_to_sync(health.ready)(RequestFactory().get("/healthz/ready")).content)
    assert told == {"status": "ready", "dependencies": {"database": "ok", "model": "none"}, "degraded": []}
