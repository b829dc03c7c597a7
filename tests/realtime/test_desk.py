"""The agents' socket: who may open it, what it shows, and that the assistant never talks over a person."""

import contextlib

import pytest
from django.contrib.sessions.models import Session as LoginSession
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus

from assistant.conversations import services
from assistant.conversations.selectors import agents_available
from assistant.models import Conversation, Message, Note, Turn, User, Widget
from assistant.realtime import desk_consumer
from assistant.realtime.desk_access import from_own_site
from tests.cast import client_id, make_agent, make_answer
from tests.desk import scenes
from tests.realtime_clients import Visit, desk_of, desk_socket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", None, "http://127.0.0.1", "http://127.0.0.1.evil.example", "file://"]
)
def test_a_foreign_page_is_refused_before_the_connection_stands(site: str, alice: User, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        desk_socket(site, alice, origin=origin)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "ours"),
    [
        ("https://desk.example", "desk.example", "ws", True),  # PUBLIC_URL, behind a proxy that ends TLS
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "ws", True),
        ("https://127.0.0.1:8000", "127.0.0.1:8000", "ws", False),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", "ws", False),
        ("http://evil.example", "evil.example", "ws", False),  # a name that was pointed at us
        ("https://desk.example.evil.example", "desk.example", "wss", False),
        ("https://evildesk.example", "desk.example", "wss", False),
        ("https://desk.example:444", "desk.example", "wss", False),
        ("null", "desk.example", "wss", False),
        ("", "desk.example", "wss", False),
    ],
)
def test_only_our_own_pages_open_the_desk(settings, origin: str, host: str, scheme: str, ours: bool) -> None:
    settings.PUBLIC_URL = "https://desk.example"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "desk.example"]
    headers = [(b"host", host.encode()), (b"origin", origin.encode())]
    assert from_own_site({"headers": headers, "scheme": scheme}) is ours


@pytest.mark.parametrize("cookie", ["", "nonsense", "0" * 32])
def test_without_a_log_in_it_closes_as_revoked(site: str, alice: User, cookie: str) -> None:
    assert desk_socket(site, None, cookie=cookie).closed_with() == 4401


def revoke_by_password(agent: User) -> None:
    agent.set_password("another password")
    agent.save()


REVOCATIONS = {
    "switched off": lambda agent: User.objects.filter(pk=agent.pk).update(is_active=False),
    "password changed": revoke_by_password,
    "logged out": lambda agent: LoginSession.objects.all().delete(),
}


@pytest.mark.parametrize("how", REVOCATIONS)
def test_who_may_no_longer_enter_is_closed(site: str, widget: Widget, alice: User, how: str) -> None:
    conversation = scenes.taken(widget, alice)
    speaker = desk_of(site, alice, conversation.pk)
    REVOCATIONS[how](alice)
    with contextlib.suppress(ConnectionClosed):  # a pulse may have come first
        speaker.say(type="message.send", client_id=client_id(), conversation=str(conversation.pk), text="Still here")
    assert speaker.closed_with() == 4401
    assert not Message.objects.filter(text="Still here").exists()


def test_a_revoked_agent_who_only_listens_is_closed_too(
    site: str, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_consumer, "PULSE_SECONDS", 0.1)
    speaker = desk_of(site, alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert speaker.closed_with() == 4401


def test_it_replays_what_follows_and_then_goes_on_live(site: str, widget: Widget, alice: User) -> None:
    conversation = scenes.answered(widget)
    speaker = desk_of(site, alice, conversation.pk, after=1)
    services.take_over(conversation.pk, alice)
    updated = speaker.hear("conversation.updated")
    events = [frame["seq"] for frame in speaker.heard if frame["type"].startswith(("message.", "conversation.u"))]
    assert events == [2, 3]
    assert (updated["status"], updated["agent"]["name"]) == ("agent", "Alice")


def test_a_pulse_during_the_welcome_replays_nothing_that_was_seen(
    site: str, widget: Widget, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_consumer, "PULSE_SECONDS", 0.0)
    conversation = scenes.answered(widget)
    speaker = desk_of(site, alice)
    for _ in range(20):
        speaker.say(type="hello", conversation=str(conversation.pk), after=1)
        speaker.hear("welcome")
        assert speaker.hear("message.created")["seq"] == 2


def test_another_hello_opens_another_conversation(site: str, widget: Widget, alice: User) -> None:
    first, second = scenes.waiting(widget, text="First"), scenes.waiting(widget, text="Second")
    speaker = desk_of(site, alice, first.pk)
    speaker.say(type="hello", conversation=str(second.pk), after=0)
    assert speaker.hear("welcome")["conversation"] == str(second.pk)
    speaker.heard.clear()
    services.reply(first.pk, alice, client_id(), "To the first")
    services.reply(second.pk, alice, client_id(), "To the second")
    speaker.hear("message.created", lambda frame: frame["message"]["text"] == "To the second")
    said = [frame["message"]["text"] for frame in speaker.heard if frame["type"] == "message.created"]
    assert "Second" in said
    assert "To the first" not in said


def test_the_queue_rings_for_every_conversation(site: str, widget: Widget, alice: User) -> None:
    speaker = desk_of(site, alice)
    visit = Visit(site, widget)
    visit.ask("Hello?")
    visit.ask_for_a_person()
    rung = speaker.hear("conversation.changed", lambda frame: frame["status"] == "waiting")
    assert rung["conversation"] == visit.conversation


def test_a_reply_reaches_the_customer_once_however_often_it_is_sent(site: str, widget: Widget, alice: User) -> None:
    visit = Visit(site, widget)
    visit.ask("Hello?")
    visit.ask_for_a_person()
    speaker = desk_of(site, alice, visit.conversation)
    frame = {"client_id": client_id(), "conversation": visit.conversation, "text": "Hello, **Alice** here"}
    for _ in range(3):
        speaker.say(type="message.send", **frame)
    saved = [speaker.hear("reply.saved") for _ in range(3)]
    assert len({answer["seq"] for answer in saved}) == 1
    assert visit.hear("conversation.updated", lambda f: f["status"] == "agent")["agent"]["name"] == "Alice"
    assert visit.hear("message.created")["message"]["text"] == frame["text"]
    assert Message.objects.filter(role="agent").count() == 1


def test_the_assistant_never_talks_over_a_person(site: str, widget: Widget, alice: User) -> None:
    conversation = scenes.asked(widget)
    turn = Turn.objects.get(conversation=conversation)
    Turn.objects.filter(pk=turn.pk).update(status="running", attempt=1)
    services.take_over(conversation.pk, alice)
    assert not services.record_answer(turn.pk, 1, make_answer())
    accepted = services.accept_message(
        scenes.fresh(conversation), conversation.customer.sessions.get(), client_id(), "And now?"
    )
    assert accepted.turn_id is None
    assert not Message.objects.filter(role="assistant").exists()


def test_who_was_slower_is_told_who_has_it_and_nothing_is_said(site: str, widget: Widget, alice: User) -> None:
    conversation = scenes.taken(widget, make_agent("bob"))
    speaker = desk_of(site, alice, conversation.pk)
    sent = client_id()
    speaker.say(type="message.send", client_id=sent, conversation=str(conversation.pk), text="Mine")
    error = speaker.hear("error")
    assert (error["code"], error["client_id"]) == ("already_taken", sent)
    assert "Bob" in error["message"]
    assert not Message.objects.filter(text="Mine").exists()


def test_typing_goes_both_ways_but_only_from_the_agent_who_has_it(site: str, widget: Widget, alice: User) -> None:
    visit = Visit(site, widget)
    visit.ask("Hello?")
    visit.ask_for_a_person()
    onlooker, speaker = desk_of(site, make_agent("bob"), visit.conversation), desk_of(site, alice, visit.conversation)
    services.take_over(visit.conversation, alice)
    speaker.hear("conversation.updated", lambda frame: frame["status"] == "agent")
    visit.say(type="typing")
    assert speaker.hear("typing")["role"] == "customer"
    onlooker.say(type="typing")
    onlooker.say(type="ping")
    onlooker.hear("pong")
    services.add_note(visit.conversation, alice, "A private note")
    speaker.say(type="typing")
    assert visit.hear("typing")["role"] == "agent"
    assert [frame["type"] for frame in visit.heard].count("typing") == 1


def test_notes_never_reach_the_customer(site: str, widget: Widget, alice: User) -> None:
    visit = Visit(site, widget)
    visit.ask("Hello?")
    services.take_over(visit.conversation, alice)
    speaker = desk_of(site, alice, visit.conversation)
    services.add_note(visit.conversation, alice, "Secret remark")
    speaker.hear("conversation.changed")
    services.reply(visit.conversation, alice, client_id(), "Hello")
    visit.hear("message.created", lambda frame: frame["message"]["role"] == "agent")
    assert "Secret remark" not in str(visit.heard)
    assert Note.objects.count() == 1


def test_reading_is_remembered(site: str, widget: Widget, alice: User) -> None:
    conversation = scenes.waiting(widget)
    speaker = desk_of(site, alice, conversation.pk)
    speaker.say(type="read", seq=2)
    speaker.say(type="ping")
    speaker.hear("pong")
    assert Conversation.objects.get(pk=conversation.pk).agent_read_seq == 2


def test_an_open_desk_is_presence_by_choice(site: str, alice: User) -> None:
    assert not agents_available()
    speaker = desk_of(site, alice)
    speaker.hear("head")
    assert agents_available()
    User.objects.filter(pk=alice.pk).update(available=False)
    assert not agents_available()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_frame"),
        ("[]", "bad_frame"),
        ('{"type": "nonsense"}', "unknown_type"),
        ('{"type": "hello", "conversation": "x"}', "bad_frame"),
        ('{"type": "hello", "conversation": "00000000-0000-0000-0000-000000000000", "after": 0}', "not_found"),
        ('{"type": "message.send", "client_id": "X", "conversation": "x", "text": "y"}', "bad_frame"),
    ],
)
def test_bad_frames_are_told_and_survived(site: str, alice: User, text: str, code: str) -> None:
    speaker = desk_of(site, alice)
    speaker.socket.send(text)
    assert speaker.hear("error")["code"] == code
    speaker.say(type="ping")
    speaker.hear("pong")


def test_the_customer_socket_takes_no_cookie(site: str, widget: Widget, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    conversation = scenes.waiting(widget)
    visit = Visit(site, widget)
    visit.say(type="message.send", client_id=client_id(), conversation=str(conversation.pk), text="As an agent")
    visit.hear("message.created")
    assert not Message.objects.filter(conversation=conversation, text="As an agent").exists()
