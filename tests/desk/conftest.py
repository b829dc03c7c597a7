import pytest
from django.core.cache import cache
from django.test import Client

from assistant.models import User, Widget
from tests.cast import make_agent, make_widget


@pytest.fixture
def widget(db: None) -> Widget:
    return make_widget()


@pytest.fixture
def alice(db: None) -> User:
    return make_agent("alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_agent("bob")


@pytest.fixture
def desk(alice: User) -> Client:
    """Alice's browser."""
    return browser_of(alice)


def browser_of(agent: User) -> Client:
    client = Client(headers={"HX-Request": "false"})
    client.force_login(agent)
    return client


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> None:
    cache.clear()
