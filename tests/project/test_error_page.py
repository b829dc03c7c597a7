"""A page that failed says so in words, and what to do; where the database is away also when to come back."""

import psycopg
import pytest
from django.db import connection
from django.test import Client

from tests.cast import make_agent, make_widget


@pytest.fixture
def visitor() -> Client:
    """Somebody with a browser, who is shown what the tests' client would raise."""
    return Client(raise_request_exception=False)


@pytest.mark.django_db(transaction=True)
def test_without_its_database_a_page_says_to_come_back(visitor: Client) -> None:
    make_widget()
    visitor.force_login(make_agent())
    with psycopg.connect(**connection.get_connection_params()) as holding, connection.cursor() as cursor:
        holding.execute("LOCK TABLE knowledge_collection, django_session IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET lock_timeout = '100ms'")
        shown = [visitor.get(path) for path in ("/help/", "/desk/", "/admin/")]
        cursor.execute("RESET lock_timeout")
    for page in shown:
        assert (page.status_code, page["Cache-Control"]) == (503, "no-store")
        assert int(page["Retry-After"]) > 0
        assert "The database does not answer" in page.content.decode()
        assert "lock" not in page.content.decode()
    assert visitor.get("/help/").status_code == 200


@pytest.mark.django_db
def test_a_page_that_fails_for_another_reason_says_whom_to_tell(visitor: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE knowledge_collection RENAME TO knowledge_lost")
    page = visitor.get("/help/")
    assert page.status_code == 500
    assert "tell whoever runs this site" in page.content.decode()
    assert "knowledge_" not in page.content.decode()
    assert "Retry-After" not in page
