"""What is said of workers that nobody has heard of, and of a model that there is none of."""

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from assistant.conversations.failing import Ended, failed_in_a_row
from assistant.models import Completion
from assistant.project import health
from assistant.project.embedded.valkey import MEMORY_LIMIT
from assistant.project.preparation import preparation_lock
from assistant.project.supervision import QUEUES
from tests.cast import make_widget
from tests.contract.server import environment
from tests.model_server.running import RunningModelServer
from tests.product import eventually

pytestmark = pytest.mark.usefixtures("embedded_services")


def ready(monkeypatch: pytest.MonkeyPatch, database: Callable[[], str] = str) -> dict[str, Any]:
    """What is said of a database and of the model."""
    monkeypatch.setattr(health, "CHECKS", {"database": database, "model": health.model_trouble})
    told: dict[str, Any] = json.loads(async_to_sync(health.ready)(RequestFactory().get("/healthz/ready")).content)
    return told


def test_workers_are_missed_only_once_they_have_had_time_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.delete_many([f"heartbeat:{queue}" for queue in QUEUES])
    monkeypatch.setattr(health, "STARTED", time.monotonic())
    assert health.worker_trouble() == "starting"
    monkeypatch.setattr(health, "STARTED", time.monotonic() - health.START_SECONDS)
    assert health.worker_trouble() == f"nobody consumes {', '.join(QUEUES)}"


def test_a_broker_that_throws_keys_away_is_degraded_and_says_what_to_set() -> None:
    with redis.Redis.from_url(django_settings.REDIS_URL) as broker:
        assert health.broker_trouble() == ""
        broker.config_set("maxmemory-policy", "allkeys-lru")
        try:
            told = health.broker_trouble()
            broker.config_set("maxmemory", 0)
            assert health.broker_trouble() == "", "without a limit nothing is thrown away"
        finally:
            broker.config_set("maxmemory", MEMORY_LIMIT)
            broker.config_set("maxmemory-policy", "noeviction")
    assert told == "throws keys away when it is full (allkeys-lru): set maxmemory-policy to noeviction"


def test_where_no_model_is_set_up_there_is_none_and_nothing_is_degraded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GENERATIVE = False
    told = ready(monkeypatch)
    assert told == {"status": "ready", "dependencies": {"database": "ok", "model": "none"}, "degraded": []}


@pytest.mark.django_db(transaction=True)
def test_a_server_that_lists_models_and_answers_nobody_is_degraded_until_it_answers(
    model_server: RunningModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*calls: tuple[str, int | None]) -> str:
        Completion.objects.bulk_create(Completion(model="m", outcome=kind, status=status) for kind, status in calls)
        return str(ready(monkeypatch)["dependencies"]["model"])

    cache.delete("model-trouble")
    assert told(("overloaded", 503), ("timeout", None)) == "ok"
    assert told(("overloaded", 500)) == "the last 3 calls failed (HTTP 500: the server failed)"
    Completion.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assert told() == "ok"
    refused = told(("timeout", None), ("refused", 400), ("denied", 401))
    assert refused == "the last 3 calls failed (HTTP 401: the key was refused)"
    assert told(("timeout", None)) == "the last 4 calls failed (no answer within the time)"
    assert told(("ok", None)) == "ok"


@pytest.mark.django_db(transaction=True)
def test_where_the_database_says_nothing_nothing_is_known_of_the_model(
    model_server: RunningModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.delete("model-trouble")
    for database in ("away", health.NO_ANSWER):
        told = ready(monkeypatch, database=lambda said=database: said)
        assert told["dependencies"]["model"] == "not known: the database does not answer"
        assert (told["status"], told["degraded"]) == ("unavailable", [])
    first_start = ready(monkeypatch, database=lambda: health.NOT_FINISHED)
    assert first_start["dependencies"]["model"] == "not known: the first start is not finished"


@pytest.mark.parametrize("lost", [lambda: time.sleep(2 * health.CALLS_SECONDS), lambda: 1 / 0])
def test_a_database_that_falls_silent_between_two_questions_is_not_the_models_fault(
    model_server: RunningModelServer, monkeypatch: pytest.MonkeyPatch, lost: Callable[[], str]
) -> None:
    monkeypatch.setattr(health, "calls_trouble", lost)
    monkeypatch.setattr(health, "DatabaseError", ZeroDivisionError)
    cache.delete("model-trouble")
    told = ready(monkeypatch)
    assert (told["dependencies"]["model"], told["degraded"]) == (health.NO_DATABASE, [])


def test_what_the_models_server_says_itself_is_told_whatever_the_database_does(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GENERATIVE, settings.OPENAI_BASE_URL = True, "http://127.0.0.1:9/v1"
    cache.delete("model-trouble")
    told = ready(monkeypatch, database=lambda: health.NO_ANSWER)
    assert (told["dependencies"]["model"], told["degraded"]) == ("127.0.0.1 is away", ["model"])
    cache.delete("model-trouble")


def test_calls_in_a_row_failed_when_no_model_answered_their_turns() -> None:
    def failed(*calls: tuple[str, str]) -> list[str]:
        return [ended.outcome for ended in failed_in_a_row((turn, Ended(outcome)) for turn, outcome in calls)]

    answered = [("b", "ok"), ("b", "overloaded"), ("b", "overloaded")]
    under_way = [("c", "started"), ("c", "overloaded")]
    newest = [("a", "overloaded"), ("a", "denied")]
    assert failed(*newest, *under_way, *answered, ("d", "timeout")) == ["overloaded", "denied"]
    assert failed(("a", "filtered"), ("b", "deadline"), ("c", "cancelled"), ("d", "repeated")) == []


@pytest.mark.django_db(transaction=True)
def test_who_was_ready_serves_on_while_another_process_migrates(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_widget()
    settings.DATABASE_URL = environment()["DATABASE_URL"]
    monkeypatch.setattr(health, "_was_ready", threading.Event())
    with preparation_lock():
        assert health.database_trouble() == health.NOT_FINISHED
    eventually(lambda: health.database_trouble() == "", "the lock is gone with its session")
    with preparation_lock():
        assert health.database_trouble() == ""
