"""A database that takes nothing, or is held by others, is told in the API's one shape, with when to come back."""

import contextlib
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.http import HttpResponse

from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db(transaction=True)
LOCKED = "LOCK TABLE assistant_apikey, knowledge_document IN ACCESS EXCLUSIVE MODE"


@contextlib.contextmanager
def limited(setting: str, value: str) -> Iterator[None]:
    """A setting of our session, for the length of the block."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET {setting} = '{value}'")
        try:
            yield
        finally:
            cursor.execute(f"RESET {setting}")


def is_told(response: HttpResponse) -> bool:
    return (
        response.status_code == 503
        and set(response.json()["error"]) == {"code", "message"}
        and response.json()["error"]["code"] == "unavailable"
        and int(response["Retry-After"]) > 0
    )


def test_what_cannot_be_written_now_is_told(caller: Caller) -> None:
    with limited("default_transaction_read_only", "on"):
        assert is_told(caller.call("PUT", "articles/returns", {"title": "Returns", "text": "Within 30 days."}))
    assert caller.call("GET", "articles").json()["items"] == []


@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_what_cannot_be_read_now_is_told_at_every_address(caller: Caller, limit: str) -> None:
    with psycopg.connect(**connection.get_connection_params()) as holding, limited(limit, "100ms"):
        holding.execute(LOCKED)
        for method, path in [("GET", "articles"), ("GET", "conversations"), ("DELETE", "articles/x"), ("GET", "else")]:
            assert is_told(caller.call(method, path)), path
    assert caller.call("GET", "articles").status_code == 200
