"""What is said of workers that nobody has heard of."""

import time

import pytest
from django.core.cache import cache

from assistant.project import health
from assistant.project.supervision import QUEUES

pytestmark = pytest.mark.usefixtures("embedded_services")


def test_workers_are_missed_only_once_they_have_had_time_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.delete_many([f"heartbeat:{queue}" for queue in QUEUES])
    monkeypatch.setattr(health, "STARTED", time.monotonic())
    assert health.worker_trouble() == "starting"
    monkeypatch.setattr(health, "STARTED", time.monotonic() - health.START_SECONDS)
    assert health.worker_trouble() == f"nobody consumes {', '.join(QUEUES)}"
