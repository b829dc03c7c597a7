"""A task that hangs in a thread ends its worker, which Celery would leave as it is."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from celery.concurrency.thread import TaskPool

from assistant.project import time_limits
from assistant.project.celery import app
from assistant.project.time_limits import LOOK_EVERY_SECONDS, Running
from tests.contract.server import ROOT, environment


class Request:
    """A task as Celery's worker keeps it."""

    def __init__(self, own: float | None = None, usual: float = 1800.0) -> None:
        self.name = "task"
        self.time_limits = (own, None)
        self.task = SimpleNamespace(time_limit=usual)


def looks_until_overdue(request: Request) -> int:
    running = Running()
    return next(looks for looks in range(1000) if running.overdue([request]))


def test_a_task_is_overdue_once_it_was_seen_for_longer_than_its_limit() -> None:
    assert looks_until_overdue(Request(usual=180.0)) * LOOK_EVERY_SECONDS == 190
    assert looks_until_overdue(Request(own=150.0)) * LOOK_EVERY_SECONDS == 160


def test_a_limit_meant_for_a_child_ends_no_worker_of_threads_within_two_minutes() -> None:
    assert looks_until_overdue(Request(own=20.0)) * LOOK_EVERY_SECONDS == 130


def test_tasks_that_follow_each_other_are_not_taken_for_one() -> None:
    running = Running()
    assert not any(running.overdue([Request(usual=15.0)]) for _ in range(50))


@pytest.mark.parametrize(("pool", "looked_at"), [(TaskPool(limit=1), 1), (object(), 0)])
def test_only_threads_are_looked_at(pool: Any, looked_at: int) -> None:
    calls: list[Any] = []
    timer = SimpleNamespace(call_repeatedly=lambda *arguments: calls.append(arguments))
    time_limits.watch(SimpleNamespace(pool=pool, timer=timer))
    assert len(calls) == looked_at


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_worker_ends_whose_task_hangs() -> None:
    command = [sys.executable, "-m", "celery", "-A", "tests.project.hanging", "--quiet", "worker", "-Q", "hanging"]
    worker = subprocess.Popen([*command, "-P", "threads", "-c", "4"], cwd=ROOT, env=environment())
    try:
        app.send_task("tests.hang", queue="hanging")
        assert worker.wait(timeout=120) == 1
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
