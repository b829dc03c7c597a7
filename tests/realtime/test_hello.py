"""A hello that the server could not take just then may be said again, and costs nothing."""

import contextlib
import threading
import time
import uuid

import pytest
from django.db import OperationalError
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from assistant.conversations import intake
from assistant.conversations.errors import RateLimited, SessionInvalid
from assistant.events.catalogue import Hello
from assistant.models import Customer, Widget
from assistant.realtime import consumers
from tests.cast import make_widget
from tests.realtime_clients import Speaker

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_said_hello_is_not_closed_for_silence_while_it_is_worked_on(
    site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two tries lies most of the time that a connection may be silent, and the second takes as long."""
    monkeypatch.setattr(consumers, "HELLO_SECONDS", 2.0)
    slowly, tries = threading.Event(), list[int]()

    def open_chat(*arguments: object) -> intake.Opened:
        tries.append(1)
        slowly.wait(1.5)
        if len(tries) == 1:
            raise SessionInvalid
        return intake.open_chat(*arguments)

    monkeypatch.setattr(consumers, "open_chat", open_chat)
    speaker = Speaker(connect(site.replace("http", "ws") + "/ws/chat/", legacy=True))
    hello = {"widget": widget.key, "session": None, "conversation": None, "after": 0, "locale": "en"}
    speaker.say(type="hello", **hello)
    assert speaker.hear("error")["code"] == "session_invalid"
    speaker.say(type="hello", **hello)
    speaker.hear("welcome")


def test_who_is_refused_again_and_again_is_closed(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "HELLO_SECONDS", 1.0)
    speaker = Speaker(connect(site.replace("http", "ws") + "/ws/chat/", legacy=True))
    hello = {"widget": make_widget().key, "session": "none", "conversation": None, "after": 0}
    with contextlib.suppress(ConnectionClosed):
        for _ in range(100):
            speaker.say(type="hello", **hello)
            assert speaker.hear("error")["code"] == "session_invalid"
            time.sleep(0.3)
    assert speaker.closed_with() == 4408


def test_a_visitor_whom_the_database_did_not_take_counts_for_nothing(
    widget: Widget, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMIT_ADDRESS = 1  # type: ignore[attr-defined]
    address = f"address {uuid.uuid4()}"
    hello = Hello(widget=widget.key, session=None, conversation=None, after=0, identity=None, locale="en")

    def away(customer: Customer) -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(intake.sessions, "create", away)
        for _ in range(3):
            with pytest.raises(OperationalError):
                intake.open_chat(hello, None, address)
    assert intake.open_chat(hello, None, address).conversation
    with pytest.raises(RateLimited):
        intake.open_chat(hello, None, address)
    assert Customer.objects.count() == 1
