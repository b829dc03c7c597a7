"""What is said of workers that nobody has heard of, and of a model that there is none of."""

import json
import threading
import time
from datetime import timedelta

import pytest
import redis
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from assistant.conversations.failing import failed_in_a_row
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
    monkeypatch.setattr(health, "CHECKS", {"database": str, "model": health.CHECKS["model"]})
    told = json.loads(async_to_sync(health.ready)(RequestFactory().get("/healthz/ready")).content)
    assert told == {"status": "ready", "dependencies": {"database": "ok", "model": "none"}, "degraded": []}


@pytest.mark.django_db(transaction=True)
def test_a_server_that_lists_models_and_answers_nobody_is_degraded_until_it_answers(
    model_server: RunningModelServer,
) -> None:
    def told(*outcomes: str) -> str:
        Completion.objects.bulk_create(Completion(model="small-model", outcome=outcome) for outcome in outcomes)
        cache.delete("model-trouble")
        return health.model_trouble()

    assert told("overloaded", "timeout") == ""
    assert told("overloaded") == "the last 3 calls failed"
    Completion.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assert told() == ""
    assert told("denied", "cut", "refused") == "the last 3 calls failed"
    assert told("ok") == ""


def test_calls_in_a_row_failed_when_no_model_answered_their_turns() -> None:
    answered = [("b", "ok"), ("b", "overloaded"), ("b", "overloaded")]
    under_way = [("c", "started"), ("c", "overloaded")]
    assert failed_in_a_row([("a", "overloaded"), ("a", "denied"), *under_way, *answered, ("d", "timeout")]) == 2
    assert failed_in_a_row([("a", "filtered"), ("b", "deadline"), ("c", "cancelled"), ("d", "repeated")]) == 0


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
