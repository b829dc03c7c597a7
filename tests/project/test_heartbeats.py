"""A worker vouches for itself while it works: a canary waits behind all that was queued before."""

from types import SimpleNamespace

import pytest
from celery.worker import state

from assistant.project import heartbeats
from assistant.project.celery import REPLACED_WITHIN_SECONDS, watch_consumption


class Request:
    """A task as its worker knows it."""

    id, name = "1", "an import"


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


def test_what_celery_took_and_has_done_with_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    queues, done = list[str](), Request()
    monkeypatch.setattr(heartbeats, "note", queues.append)
    working = heartbeats.Working(["ingestion"])
    state.task_accepted(done)
    state.task_ready(done)
    working.vouch()
    assert queues == ["ingestion"]


def test_a_child_that_ended_is_looked_for_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery looks every 5 s, and each import may end its child: hundreds of them would wait as often."""
    repeated = list[tuple[float, object]]()
    monkeypatch.setattr(heartbeats, "watch", lambda consumer: None)
    timer = SimpleNamespace(call_repeatedly=lambda seconds, call: repeated.append((seconds, call)))
    pool = SimpleNamespace(maintain_pool=lambda: None)
    watch_consumption(SimpleNamespace(pool=pool, timer=timer))
    assert repeated == [(REPLACED_WITHIN_SECONDS, pool.maintain_pool)]
