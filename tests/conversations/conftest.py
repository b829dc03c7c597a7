import pytest

from tests.cast import make_visitor, make_widget


@pytest.fixture
def visitor():
    return make_visitor(make_widget())
