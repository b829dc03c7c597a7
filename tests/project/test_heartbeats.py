"""A worker vouches for itself while it works: a canary waits behind all that was queued before."""

import pytest
from celery.worker import state

from assistant.project import heartbeats


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    queues = list[str]()
    monkeypatch.setattr(heartbeats, "note", queues.append)
    monkeypatch.setattr(heartbeats, "total_count", {"an import": 7})
    monkeypatch.setattr(heartbeats, "active_requests", set())
    return queues


def test_short_tasks_one_after_the_other_are_a_sign_of_life(noted: list[str]) -> None:
    """None of them happens to run when it is looked: hundreds of queued imports had their worker killed for silence."""
    working = heartbeats.Working(["ingestion"])
    working.vouch()
    assert noted == []
    heartbeats.total_count["an import"] += 3
    working.vouch()
    assert noted == ["ingestion"]
    working.vouch()
    assert noted == ["ingestion"]


def test_so_is_one_that_lasts(noted: list[str]) -> None:
    working = heartbeats.Working(["ingestion"])
    heartbeats.active_requests.add("an import")
    working.vouch()
    working.vouch()
    assert noted == ["ingestion"] * 2


def test_celery_counts_what_a_worker_takes() -> None:
    """In the very place that is looked at."""
    assert heartbeats.active_requests is state.active_requests
    assert heartbeats.total_count is state.total_count
