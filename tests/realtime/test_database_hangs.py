"""Who writes is told within a bounded time what became of it, whatever holds the database up, and others go on."""

import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import RequestFactory

from assistant.conversations import presence
from assistant.events import connection as events_connection
from assistant.events import threads
from assistant.events.threads import FRONT_LOCK_SECONDS, FRONT_SECONDS
from assistant.models import Conversation, Message, User, Widget
from assistant.project import health
from assistant.realtime import consumers
from tests.cast import client_id, make_agent
from tests.faults.network import fill_pool
from tests.faults.proxy import Proxy
from tests.model_server.running import RunningModelServer
from tests.product import eventually
from tests.realtime_clients import Speaker, Visit, desk_of

pytestmark = pytest.mark.django_db(transaction=True)
# Beyond what is promised: the pool's five for a connection, and what a machine with other things to do may need.
SPARE_SECONDS = 8.0
TABS = 6
# Longer than a try stands in line.
LOCKED_SECONDS = FRONT_LOCK_SECONDS + 1.0


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


def test_readiness_that_is_asked_again_and_again_has_its_threads_back(
    network: Proxy, widget: Widget, model_server: RunningModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last calls of models are read from the database too. As where it falls silent over a statement."""
    monkeypatch.setattr(events_connection, "SOUND_SECONDS", events_connection.SILENCE_SECONDS)
    monkeypatch.setattr(health, "CHECK_SECONDS", 1.0)
    monkeypatch.setattr(health, "_threads", ThreadPoolExecutor(max_workers=5))
    fill_pool()
    network.lose()
    for _ in range(5):
        cache.delete("model-trouble")
        assert readiness() == 503
    together = Barrier(5)
    for thread in [health._threads.submit(together.wait, FRONT_SECONDS + SPARE_SECONDS) for _ in range(5)]:
        thread.result()
    network.heal()
    eventually(lambda: readiness() == 200, "the database is back")


def readiness() -> int:
    return async_to_sync(health.ready)(RequestFactory().get("/healthz/ready")).status_code


def test_the_pulse_of_a_desk_that_was_given_up_is_not_kept_later(widget: Widget) -> None:
    """Nor is an agent's row waited for longer than others."""
    agent = make_agent()
    with psycopg.connect(**{**connection.get_connection_params(), "options": ""}) as holding:
        holding.execute("SELECT 1 FROM assistant_user WHERE id = %s FOR UPDATE", [agent.pk])
        with pytest.raises(OperationalError):
            async_to_sync(threads.in_front_thread)(presence.beat, agent)
    time.sleep(1)
    agent.refresh_from_db()
    assert agent.desk_seen_at is None


def test_reading_that_met_a_short_lock_is_remembered(site: str, widget: Widget) -> None:
    visit, desk = read_by_locked(site, widget, LOCKED_SECONDS)
    desk.hear("read")
    assert Conversation.objects.get(pk=visit.conversation).customer_read_seq == 1


def test_reading_that_could_not_be_kept_is_told_to_nobody_and_kept_once_it_is_said_again(
    site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "TRIES", 1)
    visit, desk = read_by_locked(site, widget, LOCKED_SECONDS)
    desk.say(type="ping")
    desk.hear("pong")
    assert "read" not in {frame["type"] for frame in desk.heard}
    visit.say(type="read", seq=1)
    desk.hear("read")
    assert Conversation.objects.get(pk=visit.conversation).customer_read_seq == 1


def read_by_locked(site: str, widget: Widget, seconds: float) -> tuple[Visit, Speaker]:
    """A customer who reads while the conversation is locked, and an agent who has it open."""
    visit = Visit(site, widget)
    visit.ask_for_a_person()
    desk = desk_of(site, make_agent(), visit.conversation)
    with locked_by_others([visit]):
        visit.say(type="read", seq=1)
        time.sleep(seconds)
    return visit, desk


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
