"""The list: what is in each view, in which order, and that pages neither repeat nor skip."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assistant.answers import LEGAL, SAFETY
from assistant.conversations import services
from assistant.conversations.channel import CHANNEL_NAME
from assistant.conversations.selectors import queue_places
from assistant.desk import inbox
from assistant.desk.inbox import Cursor, View
from assistant.models import Conversation, Session, User, Widget
from assistant.templatetags.desk import status_words
from tests.cast import client_id, make_widget
from tests.desk import scenes


@pytest.fixture
def channel(db: None) -> Widget:
    """Where a program asks."""
    made = make_widget(active=False)
    Widget.objects.filter(pk=made.pk).update(name=CHANNEL_NAME)
    return Widget.objects.get(pk=made.pk)


def names(view: View, agent: User) -> list[str]:
    return [row.name for row in inbox.page(view, agent).rows]


def test_each_view_holds_its_conversations(widget: Widget, alice: User, bob: User) -> None:
    scenes.answered(widget, name="Ann")
    scenes.waiting(widget, name="Wim")
    scenes.taken(widget, alice, name="Mia")
    scenes.taken(widget, bob, name="Bea")
    scenes.resolved(widget, alice, name="Ron")
    assert names(View.WAITING, alice) == ["Wim"]
    assert names(View.MINE, alice) == ["Mia"]
    assert set(names(View.OPEN, alice)) == {"Ann", "Wim", "Mia", "Bea"}
    assert names(View.RESOLVED, alice) == ["Ron"]
    assert {tab.view: tab.count for tab in inbox.tabs(alice)} == {
        View.WAITING: "1",
        View.MINE: "1",
        View.OPEN: "4",
        View.RESOLVED: "1",
    }


def test_what_a_program_asked_stands_apart_until_a_person_is_needed(
    channel: Widget, widget: Widget, alice: User
) -> None:
    scenes.answered(channel, name="Bot")
    scenes.failed(channel, name="Fay")
    scenes.waiting(channel, name="Wim")
    scenes.answered(widget, name="Ann")
    assert names(View.API, alice) == ["Fay", "Bot"]
    assert inbox.page(View.API, alice).rows[1].words == "Where is my parcel?"
    assert set(names(View.OPEN, alice)) == {"Wim", "Ann"}
    assert {tab.view: tab.count for tab in inbox.tabs(alice)} == {
        View.WAITING: "1",
        View.MINE: "0",
        View.OPEN: "2",
        View.RESOLVED: "0",
        View.API: "2",
    }


def test_what_a_program_asked_and_a_person_is_needed_for_says_that_nobody_is_connected(
    channel: Widget, widget: Widget, alice: User, desk: Client
) -> None:
    asked = scenes.waiting(channel, name="Wim", minutes=30)
    row = inbox.page(View.WAITING, alice).rows[0]
    assert (row.by_api, row.awaited, row.late) == (True, False, False)
    assert "by API, not connected" in desk.get("/desk/").content.decode()
    page = desk.get(f"/desk/c/{asked.pk}/").content.decode()
    assert "asked by API, customer not connected" in page
    assert "a program asked, or somebody on the command line" in page
    Conversation.objects.filter(pk=asked.pk).delete()
    customer = scenes.waiting(widget)
    assert "not connected" not in desk.get(f"/desk/c/{customer.pk}/").content.decode()


def test_danger_comes_first_and_law_next_and_each_says_so(widget: Widget, alice: User, desk: Client) -> None:
    scenes.waiting(widget, name="Old", minutes=50)
    for name, reason, minutes in (
        ("Law", LEGAL, 5), ("Burn", SAFETY, 1), ("Fire", SAFETY, 3), ("New", "Safety", 2), ("Sue", LEGAL, 7),
    ):  # fmt: skip
        made = scenes.waiting(widget, name=name, minutes=minutes)
        Conversation.objects.filter(pk=made.pk).update(handoff_reason=reason)
    ordered = ["Fire", "Burn", "Sue", "Law", "Old", "New"]
    rows = inbox.page(View.WAITING, alice).rows
    assert [row.name for row in rows] == ordered
    assert [row.pressing for row in rows] == [True] * 4 + [False] * 2
    assert inbox.waiting_ids() == [str(row.conversation.pk) for row in rows]
    places = queue_places([row.conversation.pk for row in rows])
    assert [places[row.conversation.pk] for row in rows] == [1, 2, 3, 4, 5, 6]
    for number, row in enumerate(rows):
        following = inbox.page(View.WAITING, alice, Cursor.parse(str(row.cursor))).rows
        assert [row.name for row in following] == ordered[number + 1 :]
    page = desk.get("/desk/").content.decode()
    assert page.count('<span class="why pressing">Safety: someone may be in danger</span>') == 2
    assert page.count('<span class="why pressing">Legal: a matter of law</span>') == 2


def test_the_longest_waiting_comes_first_and_is_late(widget: Widget, alice: User) -> None:
    scenes.waiting(widget, name="New", minutes=1)
    scenes.waiting(widget, name="Old", minutes=30)
    old, new = inbox.page(View.WAITING, alice).rows
    assert (old.name, old.late, new.name, new.late) == ("Old", True, "New", False)
    assert old.awaited
    assert new.awaited


def test_a_row_shows_the_last_words_and_whether_they_were_read(widget: Widget, alice: User) -> None:
    conversation = scenes.taken(widget, alice, text="First")
    assert inbox.page(View.MINE, alice).rows[0].unread
    services.mark_read_by_agent(conversation.pk, conversation.seq)
    services.reply(conversation.pk, alice, client_id(), "**I look** at\n\n- `it` [1]")
    row = inbox.page(View.MINE, alice).rows[0]
    assert (row.words, row.speaker, row.unread, row.awaited) == ("I look at it", "agent", False, False)


def test_a_row_that_waits_shows_what_the_customer_asked(widget: Widget, alice: User) -> None:
    conversation = scenes.answered(widget, "Where is my parcel?")
    services.request_handoff(conversation, client_id(), None)
    row = inbox.page(View.WAITING, alice).rows[0]
    assert (row.words, row.speaker) == ("Where is my parcel?", "customer")


def test_a_conversation_that_its_customer_opened_again_says_so(widget: Widget, alice: User) -> None:
    conversation = scenes.resolved(widget, alice)
    session = Session.objects.get(customer=conversation.customer)
    services.accept_message(conversation, session, client_id(), "One more thing")
    reopened = scenes.fresh(conversation)
    assert status_words(reopened, alice) == "Opened again"
    services.take_over(reopened.pk, alice)
    services.hand_back(reopened.pk, alice)
    assert status_words(scenes.fresh(conversation), alice) == "With the assistant"


def test_a_customer_who_spoke_last_to_an_agent_is_awaited(widget: Widget, alice: User) -> None:
    scenes.taken(widget, alice)
    row = inbox.page(View.MINE, alice).rows[0]
    assert row.awaited
    assert not row.late


@pytest.mark.parametrize("view", [View.WAITING, View.OPEN])
def test_pages_hold_every_row_once_while_others_arrive(widget: Widget, alice: User, view: View) -> None:
    moment = timezone.now()
    made = [scenes.waiting(widget, name=f"N{n}") for n in range(inbox.PAGE_ROWS * 2 + 5)]
    # Many of the same moment: the id alone tells them apart.
    Conversation.objects.update(waiting_since=moment, last_message_at=moment)
    first = inbox.page(view, alice)
    scenes.waiting(widget, name="Newcomer")
    if view is View.WAITING:
        Conversation.objects.filter(customer__name="Newcomer").update(waiting_since=moment - timedelta(hours=1))
    seen = [row.name for row in first.rows]
    page = first
    while page.more:
        page = inbox.page(view, alice, after=page.rows[-1].cursor)
        seen += [row.name for row in page.rows]
    assert sorted(seen) == sorted(str(conversation.customer) for conversation in made)


def test_a_refresh_brings_as_many_rows_as_were_loaded(widget: Widget, alice: User) -> None:
    for number in range(inbox.PAGE_ROWS + 4):
        scenes.waiting(widget, name=f"N{number}")
    page = inbox.page(View.WAITING, alice, size=inbox.PAGE_ROWS + 2)
    assert len(page.rows) == inbox.PAGE_ROWS + 2
    assert page.more


@pytest.mark.parametrize(
    "text", ["", "_", "1_yesterday_1", "1_2026-01-01T00:00:00_x", f"1_2026-01-01T00:00:00_{'0' * 32}"]
)
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert Cursor.parse(text) is None


def test_a_cursor_survives_its_writing() -> None:
    from uuid import uuid4

    cursor = Cursor(1, timezone.now(), uuid4())
    assert Cursor.parse(str(cursor)) == cursor


def test_the_page_takes_as_many_queries_for_many_rows_as_for_few(
    widget: Widget, alice: User, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Session, user, rows, two counts, who waits.
    scenes.taken(widget, alice)
    scenes.waiting(widget)
    for _ in range(2):
        with django_assert_num_queries(6):
            assert desk.get("/desk/?view=open").status_code == 200
        for number in range(25):
            scenes.waiting(widget, name=f"N{number}")
