"""How long anybody waits for Postgres: what is asked of the network, what a connection of ours ends, and the pool."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolTimeout

from assistant.events.connection import Connection, waiting
from assistant.project.database import NOTICED, database_settings
from tests.faults.proxy import Proxy, proxied

pytestmark = pytest.mark.django_db
# In which a connection is given up here; the product's own limits are for machines that others use too.
SECONDS = 0.5
# What a machine that has other things to do may need besides.
PATIENCE_SECONDS = 20.0
# In which the pool's pauses, if they doubled on, would have become 8 s.
AWAY_SECONDS, BACK_SECONDS = 8.0, 4.5
STORE = "INSERT INTO django_session VALUES (%s, '', now())"


@pytest.fixture
def network(db: None) -> Iterator[Proxy]:
    """Between us and the database."""
    with proxied(int(connection.settings_dict["PORT"])) as proxy:
        yield proxy


def known(network: Proxy) -> dict[str, Any]:
    """How to connect as the product does, through this network."""
    return {**connection.get_connection_params(), "port": network.port}


def test_a_host_that_is_gone_is_noticed_when_the_operator_says_else_soon() -> None:
    connection.ensure_connection()
    used = conninfo_to_dict(connection.connection.info.dsn)
    assert {name: int(str(used[name])) for name in NOTICED} == NOTICED
    theirs = database_settings("postgres://somebody@there/theirs?tcp_user_timeout=3000&keepalives=0")["OPTIONS"]
    assert (int(theirs["tcp_user_timeout"]), int(theirs["keepalives"])) == (3000, 0)
    assert theirs["keepalives_idle"] == NOTICED["keepalives_idle"]


def test_a_server_that_says_nothing_is_left(network: Proxy) -> None:
    with Connection.connect(**known(network)) as ours:
        ours.execute("SELECT 1")
        network.deafen()
        began = time.monotonic()
        with waiting(seconds=SECONDS), pytest.raises(psycopg.OperationalError):
            ours.execute("SELECT 1")
        assert ours.closed
        assert SECONDS <= time.monotonic() - began < PATIENCE_SECONDS


def test_nothing_is_committed_or_begun_when_nobody_waits_any_more(network: Proxy) -> None:
    key = uuid.uuid4().hex
    with Connection.connect(**known(network)) as ours:
        ours.execute(STORE, [key])
        with waiting(until=time.monotonic()), pytest.raises(psycopg.OperationalError):
            ours.commit()
        assert ours.closed
    with Connection.connect(**known(network), autocommit=True) as others:
        with waiting(until=time.monotonic()), pytest.raises(psycopg.OperationalError):
            others.execute(STORE, [key])
        assert others.execute("SELECT count(*) FROM django_session WHERE session_key = %s", [key]).fetchone() == (0,)


def test_whoever_asks_reaches_a_database_that_is_back_at_once(network: Proxy) -> None:
    """However long it was away."""
    options = connection.settings_dict["OPTIONS"]["pool"]
    with ConnectionPool(kwargs=known(network), open=True, **options) as pool:
        network.refusing = True
        over = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < over:
            assert not reached(pool)
        network.heal()
        while not reached(pool):
            assert time.monotonic() - over < PATIENCE_SECONDS
        assert time.monotonic() - over < BACK_SECONDS


def reached(pool: "ConnectionPool[Connection]") -> bool:
    try:
        with pool.connection(timeout=0.2) as ours:
            ours.execute("SELECT 1")
    except (PoolTimeout, psycopg.OperationalError):
        return False
    return True
