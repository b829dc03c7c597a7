"""The first start's widget and words, whatever came before it."""

from pathlib import Path

import pytest
import redis

from assistant.conversations.channel import CHANNEL_NAME
from assistant.models import Widget
from assistant.project import first_run
from knowledge.indexing import index_documents
from knowledge.models import Collection
from tests.knowledge.library import article

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    Collection.objects.get_or_create(slug="default", defaults={"name": "Help centre"})
    return tmp_path


def told(lines: list[str], name: str) -> list[str]:
    return [line.removeprefix(f"{name}: ") for line in lines if line.startswith(f"{name}: ")]


def test_a_question_asked_before_the_first_start_does_not_cost_the_demo_widget() -> None:
    Widget.objects.create(name=CHANNEL_NAME, collection=Collection.objects.get(slug="default"), active=False)
    lines = first_run.greeting(first_run.seed())
    assert told(lines, "widget") == [Widget.objects.get(active=True).key]


def test_every_start_tells_keys_and_passwords_and_makes_no_second_ones() -> None:
    first = first_run.greeting(first_run.seed())
    assert first_run.greeting(first_run.seed()) == first
    assert [len(told(first, name)) for name in ("widget", "admin", "agent", "api key")] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("public", "allowed"),
    [
        ("http://127.0.0.1:8000", ["http://127.0.0.1:8000", "http://localhost:8000"]),
        ("http://localhost:8000", ["http://localhost:8000", "http://127.0.0.1:8000"]),
        ("https://help.shop.example", ["https://help.shop.example"]),
    ],
)
def test_the_demo_page_works_under_both_names_of_this_machine(public: str, allowed: list[str]) -> None:
    assert first_run.demo_origins(public) == allowed


def test_without_the_file_of_the_first_start_the_widget_is_told_and_its_page_allowed(data_dir: Path, settings) -> None:
    key = first_run.seed()["widget"]
    (data_dir / "first-run.json").unlink()
    settings.PUBLIC_URL = "http://127.0.0.1:8123"
    assert told(first_run.greeting(first_run.seed()), "widget") == [key]
    assert "http://127.0.0.1:8123" in Widget.objects.get(key=key).allowed_origins


def test_a_start_with_another_search_model_has_the_articles_prepared_at_once(embedded_services: None, settings) -> None:
    queue = f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}ingestion"
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.delete(queue)
    index_documents([article("returns", "Parcels come back within 30 days.")])
    first_run.renew_index()
    assert broker.llen(queue) == 0
    settings.EMBEDDING_MODEL = "local-multilingual"
    first_run.renew_index()
    assert broker.llen(queue) == 1
    broker.delete(queue)
