"""The database did as it was told, and its answer was lost: who stored something does not know that it did."""

import asyncio
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from assistant.answering import dispatch, turns
from assistant.answering.owners import owner_name
from assistant.conversations import intake, services
from assistant.conversations.messages import new_conversation
from assistant.events.catalogue import Hello, MessageSend
from assistant.models import Conversation, Session, Turn, Widget
from tests.cast import client_id, make_visitor
from tests.realtime_clients import Visit, rings_lost

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("before", [0, 1])
def test_a_message_that_was_stored_by_a_try_without_an_answer_is_answered_as_any_other(
    site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    visit, tries, accept = Visit(site, widget), list[str](), intake.accept_message
    for _ in range(before):
        visit.ask("Hello")
        visit.hear("message.created", lambda frame: frame["message"]["role"] == "assistant")

    def stored_without_an_answer(*arguments: object) -> services.Accepted:
        accepted = accept(*arguments)
        tries.append(str(accepted.turn_id))
        if len(tries) == 1:
            raise OperationalError("the server went away")
        return accepted

    monkeypatch.setattr(intake, "accept_message", stored_without_an_answer)
    visit.heard.clear()
    kept = visit.ask("Where is my parcel?")
    assert visit.hear("answer.status")["status"] == "searching"
    visit.hear("message.created", lambda frame: frame["message"]["role"] == "assistant")
    turn = Turn.objects.get(pk=kept["message"]["turn"])
    assert (turn.status, turn.failures) == ("done", 0)


@pytest.mark.parametrize("begun", [False, True])
def test_a_repeat_of_what_was_stored_and_never_rung_is_shown_on_the_same_connection(
    site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    """As where the process that stored it died before it could say so."""
    visit, known, text = Visit(site, widget), client_id(), "Where is my parcel?"
    if begun:
        visit.ask("Hello")
        visit.hear("message.created", lambda frame: frame["message"]["role"] == "assistant")
    session = Session.objects.get()
    there = Conversation.objects.filter(pk=visit.conversation).first()
    conversation = there or new_conversation(session, "en", uuid.UUID(visit.conversation))
    with rings_lost():
        stored = services.accept_message(conversation, session, known, text)
    # Tests of pages, once one ran, allow what Django refuses: that a connection's loop asks the database.
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    visit.say(type="message.send", client_id=known, text=text)
    shown = visit.hear("message.created")
    monkeypatch.undo()
    assert (shown["message"]["client_id"], shown["seq"]) == (known, stored.message_event.seq)
    visit.hear("message.created", lambda frame: frame["message"]["role"] == "assistant")


def test_only_what_its_owner_never_began_is_taken_back(widget: Widget) -> None:
    def asked(**state: object) -> Turn:
        accepted = services.accept_message(None, make_visitor(widget).session, client_id(), "Hello")
        Turn.objects.filter(pk=accepted.turn_id).update(**state)
        return Turn.objects.get(pk=accepted.turn_id)

    ahead = timezone.now()
    mine = asked(status="running", attempt=1, owner=owner_name(), lease_until=ahead)
    anothers = asked(status="running", attempt=1, owner="elsewhere:1", lease_until=ahead)
    promised, unstarted, done = asked(lease_until=ahead), asked(), asked(status="done")
    assert not turns.take_back(mine.pk, owner_name(), 2)
    every = (mine, anothers, promised, unstarted, done)
    taken = [turns.take_back(turn.pk, owner_name(), turn.attempt) for turn in every]
    assert taken == [True, False, False, True, False]
    mine.refresh_from_db()
    assert (mine.status, mine.owner, mine.lease_until, mine.failures) == ("queued", "", None, 0)
    assert turns.standing(mine.pk) == 1
    assert turns.standing(done.pk) is None


def test_who_is_about_to_begin_a_turn_is_left_to_it(widget: Widget, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeat on another connection, while the turn's claim is still read by a slow database."""
    opened = intake.open_chat(Hello(widget.key), None, None)
    frame, seen_to = MessageSend(client_id(), "Where is my parcel?"), list[str]()
    claiming, slow = threading.Event(), threading.Event()
    monkeypatch.setattr(dispatch, "_see_to", lambda turn_id, attempt: seen_to.append(turn_id))
    monkeypatch.setattr(dispatch, "start", lambda turn_id, **how: None)

    def claim_of(accepted: services.Accepted) -> None:
        claiming.set()
        slow.wait(20)

    def stored() -> services.Accepted:
        try:
            return dispatch.take(opened, frame, None, owner_name())
        finally:
            connection.close()

    monkeypatch.setattr(turns, "claim_of", claim_of)
    with ThreadPoolExecutor() as first:
        taking = first.submit(stored)
        claiming.wait(20)
        assert dispatch.take(opened, frame, None, owner_name()).repeated
        assert seen_to == []
        slow.set()
        assert taking.result(20).turn_id
    assert dispatch.take(opened, frame, None, owner_name()).repeated
    assert len(seen_to) == 1
    assert not dispatch._taking


async def test_several_repeats_have_a_turn_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "UNBEGUN_SECONDS", 0.05)
    looked = list[tuple[object, ...]]()
    monkeypatch.setattr(turns, "take_back", lambda *which: looked.append(which))
    slots = dispatch.Slots()
    for _ in range(5):
        slots.see_to("a turn", 1)
    await asyncio.sleep(1)
    assert looked == [("a turn", owner_name(), 1)]
    slots.see_to("a turn", 1)
    assert slots.seen_to


def test_a_repeat_of_what_is_being_answered_begins_nothing(
    site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "UNBEGUN_SECONDS", 0.0)
    visit, known = Visit(site, widget), client_id()
    for _ in range(3):
        visit.say(type="message.send", client_id=known, text="Where is my parcel?")
    visit.hear("message.created", lambda frame: frame["message"]["role"] == "assistant")
    assert Turn.objects.get().attempt == 1
