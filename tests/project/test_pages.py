"""How long a page waits for the database: for one that fell silent, and for what others hold."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest
from django.db import connection
from django.test import Client

from assistant import keys
from assistant.events.connection import SILENCE_SECONDS, _patience
from assistant.models import Widget
from assistant.project import pages
from tests.cast import make_agent, make_widget
from tests.faults.network import fill_pool
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS = 12
# What people wait at most, and what a machine with other things to do may need besides.
PROMISED_SECONDS, SPARE_SECONDS = 10.0, 8.0


@pytest.fixture
def widget(transactional_db: None) -> Widget:
    return make_widget()


@pytest.fixture
def agent(site: str, transactional_db: None) -> Iterator[httpx.Client]:
    client = Client()
    client.force_login(make_agent())
    with httpx.Client(base_url=site, cookies={"sessionid": client.cookies["sessionid"].value}, timeout=120) as browser:
        yield browser


def test_pages_that_meet_dead_connections_are_shown_by_sound_ones(network: Proxy, agent: httpx.Client) -> None:
    """As after a failover: what was connected before is never heard of again, and what connects now is served."""
    fill_pool()
    network.deafen()
    began = time.monotonic()
    with ThreadPoolExecutor(AGENTS) as office:
        shown = list(office.map(lambda _: agent.get("/desk/list/").status_code, range(AGENTS)))
    assert shown == [200] * AGENTS
    assert time.monotonic() - began < PROMISED_SECONDS + SPARE_SECONDS


def test_no_page_waits_for_long_for_what_others_hold(
    site: str, agent: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert agent.get("/desk/list/").status_code == 200
    monkeypatch.setattr(pages, "PAGE_SECONDS", 1.0)
    began = time.monotonic()
    with psycopg.connect(**{**connection.get_connection_params(), "options": ""}) as holding:
        holding.execute("LOCK TABLE assistant_conversation IN ACCESS EXCLUSIVE MODE")
        refused = agent.get("/desk/list/")
        in_one_thread = Client(raise_request_exception=False)
        in_one_thread.cookies["sessionid"] = agent.cookies["sessionid"]
        assert (refused.status_code, in_one_thread.get("/desk/list/").status_code) == (503, 503)
        connection.close()  # no test client does, and this one was given up
    assert time.monotonic() - began < SPARE_SECONDS
    assert _patience.seconds == SILENCE_SECONDS


def test_what_a_program_writes_takes_its_time(site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SECONDS", 1.0)
    _, key = keys.issue("writes")
    authorised = {"Authorization": f"Bearer {key}"}
    article = {"title": "Returns", "text": "Within 30 days."}
    with ThreadPoolExecutor() as office:
        with psycopg.connect(**{**connection.get_connection_params(), "options": ""}) as holding:
            holding.execute("LOCK TABLE knowledge_document IN ACCESS EXCLUSIVE MODE")
            written = office.submit(
                httpx.put, f"{site}/api/v1/articles/returns", headers=authorised, json=article, timeout=60
            )
            read = httpx.get(f"{site}/api/v1/articles", headers=authorised, timeout=60)
            time.sleep(1)
        assert (read.status_code, written.result().status_code) == (503, 201)
