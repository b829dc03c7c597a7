"""The contract is tested from outside: a running web process, a real database, a real Valkey."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from assistant.models import Widget
from knowledge.indexing import index_documents
from knowledge.models import Collection, Document, Source
from tests.cast import make_widget
from tests.contract.server import WebProcess, web_process
from tests.model_server.running import RunningModelServer

ARTICLES = {
    "kettle": (
        "Resetting the blue kettle",
        "To reset the blue kettle, hold the red button at its base for ten full seconds until the lamp blinks twice.",
    ),
    "kettle-after": (
        "After the blue kettle was reset",
        "After a reset the blue kettle has to cool for one hour before its next use, because the sensor has to settle.",
    ),
}


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The tests' database, written for real, as other processes read it, and emptied afterwards."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture(autouse=True)
def _django_db_marker(database: None) -> None:
    """In place of pytest-django's transaction around each test, which other processes could not see into."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the test database made."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="module")
def server(database: None, running_model_server: RunningModelServer) -> Iterator[WebProcess]:
    """One web process for the module's tests, with the model server of ours."""
    publish_articles()
    with web_process(OPENAI_BASE_URL=running_model_server.base_url, LLM_MODEL="echo") as running:
        yield running


@pytest.fixture
def model(running_model_server: RunningModelServer) -> Iterator[RunningModelServer]:
    """The model server, with its knobs put back afterwards."""
    yield running_model_server
    running_model_server.reset()


@pytest.fixture
def widget(server: WebProcess) -> Widget:
    return make_widget()


def publish_articles() -> None:
    """Articles that the assistant can answer from."""
    collection, _ = Collection.objects.get_or_create(slug="default", defaults={"name": "Default"})
    source, created = Source.objects.get_or_create(collection=collection, kind=Source.Kind.API, location="tests")
    if not created:
        return
    index_documents(
        [
            Document.objects.create(
                collection=collection, source=source, article=article, title=title, locale="en",
                markup=text, text=f"# {title}\n\n{text}\n", content_hash=article, metadata_hash="1",
            )
            for article, (title, text) in ARTICLES.items()
        ]
    )  # fmt: skip
