"""A served product, and who is there: a widget, an agent."""

from collections.abc import Iterator

import pytest

from assistant.models import User, Widget
from tests.cast import make_agent, make_widget
from tests.served import served


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def widget(transactional_db: None) -> Widget:
    return make_widget()


@pytest.fixture
def alice(transactional_db: None) -> User:
    return make_agent("alice")
