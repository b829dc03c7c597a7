"""A network between the database and every thread of this process, as a fixture."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults.proxy import Proxy, proxied


@pytest.fixture
def network(transactional_db: None) -> Iterator[Proxy]:
    """It passes everything on until it is told otherwise."""
    port = connection.settings_dict["PORT"]
    with proxied(int(port)) as proxy:
        _move(proxy.port)
        yield proxy
        proxy.heal()
        _move(port)


def _move(port: int | str) -> None:
    connection.settings_dict["PORT"] = port
    connection.close()
    connection.close_pool()
