"""Who writes is told within a bounded time what became of it, whatever holds the database up, and others go on."""

import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection

from assistant.events import threads
from assistant.events.threads import FRONT_LOCK_SECONDS, FRONT_SECONDS
from assistant.models import Message, User, Widget
from assistant.project import health
from tests.cast import client_id, make_agent
from tests.faults.proxy import Proxy, proxied
from tests.realtime_clients import Visit, desk_of

pytestmark = pytest.mark.django_db(transaction=True)
# Beyond what is promised: the pool's five for a connection, and what a machine with other things to do may need.
SPARE_SECONDS = 8.0
TABS = 6
# Longer than a try stands in line.
LOCKED_SECONDS = FRONT_LOCK_SECONDS + 1.0


@pytest.fixture
def network(transactional_db: None) -> Iterator[Proxy]:
    """Between the database and every thread of this process."""
    there = connection.settings_dict
    port = there["PORT"]
    with proxied(int(port)) as proxy:
        move(proxy.port)
        yield proxy
        proxy.heal()
        move(port)


def move(port: int | str) -> None:
    connection.settings_dict["PORT"] = port
    connection.close()
    connection.close_pool()


@contextlib.contextmanager
def locked_by_others(visits: list[Visit]) -> Iterator[None]:
    """The rows of their conversations, for the length of the block."""
    ids = [visit.conversation for visit in visits]
    with psycopg.connect(**{**connection.get_connection_params(), "options": ""}) as holding:
        holding.execute("SELECT 1 FROM assistant_conversation WHERE id = ANY(%s::uuid[]) FOR UPDATE", [ids])
        yield


def test_a_database_that_says_nothing_is_told_and_nothing_is_doubled_when_it_is_back(
    site: str, network: Proxy, widget: Widget
) -> None:
    asks, looks_on = Visit(site, widget), Visit(site, widget)
    asks.ask_for_a_person()
    network.lose()
    known, began = client_id(), time.monotonic()
    asks.say(type="message.send", client_id=known, text="Is anybody there?")
    looks_on.say(type="ping")
    looks_on.hear("pong")
    assert time.monotonic() - began < FRONT_SECONDS / 2
    refused = asks.hear("error")
    assert (refused["code"], refused["client_id"]) == ("unavailable", known)
    assert time.monotonic() - began < FRONT_SECONDS + SPARE_SECONDS
    network.heal()
    asks.say(type="message.send", client_id=known, text="Is anybody there?")
    kept = asks.hear("message.created")
    assert kept["message"]["client_id"] == known
    connection.close()  # it was cut with all others
    assert Message.objects.filter(conversation=asks.conversation, role="customer").count() == 1


@pytest.mark.parametrize("begin", [threads.in_thread, threads.in_search_thread])
def test_no_thread_hangs_on_a_database_that_says_nothing(
    network: Proxy, widget: Widget, monkeypatch: pytest.MonkeyPatch, begin: Callable[..., Awaitable[int]]
) -> None:
    monkeypatch.setattr(threads, "STATEMENT_SECONDS", 1.0)
    assert async_to_sync(begin)(Message.objects.count) == 0
    network.lose()
    began = time.monotonic()
    with pytest.raises(OperationalError):
        async_to_sync(begin)(Message.objects.count)
    assert time.monotonic() - began < SPARE_SECONDS


def test_health_leaves_a_database_that_says_nothing_for_the_next_look(network: Proxy, widget: Widget) -> None:
    network.lose()
    began = time.monotonic()
    assert health.database_trouble() == "away"
    assert time.monotonic() - began < health.CHECK_SECONDS + SPARE_SECONDS


def test_who_waits_for_a_locked_conversation_keeps_nobody_elses_from_being_kept(site: str, widget: Widget) -> None:
    locked, free = [Visit(site, widget) for _ in range(TABS)], Visit(site, widget)
    for visit in [*locked, free]:
        visit.ask_for_a_person()
    with locked_by_others(locked), ThreadPoolExecutor() as office:
        began = time.monotonic()
        for visit in locked:
            visit.say(type="message.send", client_id=client_id(), text="And me?")
        time.sleep(0.5)  # all threads wait by now
        free.ask("Am I heard?")
        assert time.monotonic() - began < FRONT_SECONDS
        refused = list(office.map(lambda visit: visit.hear("error"), locked))
        assert {frame["code"] for frame in refused} == {"unavailable"}
        assert time.monotonic() - began < FRONT_SECONDS + SPARE_SECONDS
    assert Message.objects.filter(role="customer").count() == 1


def test_a_first_message_that_was_refused_is_not_kept_once_the_database_gets_to_it(site: str, widget: Widget) -> None:
    asks = Visit(site, widget)
    with psycopg.connect(**{**connection.get_connection_params(), "options": ""}) as holding:
        holding.execute("LOCK TABLE assistant_message IN SHARE ROW EXCLUSIVE MODE")
        asks.say(type="message.send", client_id=client_id(), text="Is anybody there?")
        assert asks.hear("error")["code"] == "unavailable"
    time.sleep(1)
    assert not Message.objects.exists()
    assert asks.ask("Is anybody there?")["seq"] == 1


def test_an_agents_reply_to_a_conversation_that_is_locked_for_a_while_is_kept(site: str, widget: Widget) -> None:
    visit, agent = Visit(site, widget), make_agent()
    visit.ask_for_a_person()
    desk, known = desk_of(site, agent, visit.conversation), client_id()
    with locked_by_others([visit]):
        desk.say(type="message.send", conversation=visit.conversation, client_id=known, text="Hello")
        time.sleep(LOCKED_SECONDS)
    desk.hear("reply.saved", lambda frame: frame["client_id"] == known)
    assert "error" not in {frame["type"] for frame in desk.heard}


def test_who_waits_for_a_locked_conversation_hears_that_the_connection_lives(
    site: str, widget: Widget, alice: User
) -> None:
    visit = Visit(site, widget)
    visit.ask_for_a_person()
    desk = desk_of(site, alice, visit.conversation)
    with locked_by_others([visit]):
        visit.say(type="message.send", client_id=client_id(), text="And me?")
        desk.say(type="message.send", client_id=client_id(), conversation=visit.conversation, text="Hello")
        for waiting in (visit, desk):
            waiting.say(type="ping")
        for waiting in (visit, desk):
            waiting.hear("pong")
            assert "error" not in [frame["type"] for frame in waiting.heard]
            assert waiting.hear("error")["code"] == "unavailable"


def test_where_nothing_hangs_a_ping_is_answered_in_its_turn(site: str, widget: Widget) -> None:
    visit = Visit(site, widget)
    visit.say(type="handoff.request", client_id=client_id(), reason=None)
    visit.say(type="dance")
    visit.say(type="ping")
    visit.hear("pong")
    heard = [frame["type"] for frame in visit.heard]
    assert [kind for kind in heard if kind in ("conversation.updated", "error", "pong")] == [
        "conversation.updated",
        "error",
        "pong",
    ]
