"""A network between the database and every thread of this process, and connections through it that are pooled."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

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


def fill_pool() -> None:
    """Leave as many open connections in the pool as it holds."""
    number = connection.settings_dict["OPTIONS"]["pool"]["max_size"]
    opened = Barrier(number)

    def hold() -> None:
        connection.ensure_connection()
        opened.wait(timeout=30)
        connection.close()

    connection.close()  # this thread's, so that there is room for all of them
    with ThreadPoolExecutor(number) as threads:
        for held in [threads.submit(hold) for _ in range(number)]:
            held.result()


def _move(port: int | str) -> None:
    connection.settings_dict["PORT"] = port
    connection.close()
    connection.close_pool()
