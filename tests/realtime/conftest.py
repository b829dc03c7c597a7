"""Who is there: a widget, an agent."""

import pytest

from assistant.models import User, Widget
from tests.cast import make_agent, make_widget


@pytest.fixture
def widget(transactional_db: None) -> Widget:
    return make_widget()


@pytest.fixture
def alice(transactional_db: None) -> User:
    return make_agent("alice")
