"""What a customer wrote and the server does not have, or a person: shown, kept, sent again, lost only with consent."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WidgetPage

pytestmark = pytest.mark.browser
WAITS = "Waits for the connection and is then sent."


def expect_no_alarm(widget: WidgetPage) -> None:
    """Nothing asks the customer to do anything."""
    expect(widget.thread).not_to_contain_text("Not sent.")
    expect(widget.thread.get_by_role("alert")).to_have_count(0)
    expect(widget.thread.get_by_role("button", name="Retry")).to_have_count(0)


def test_unacknowledged_is_not_sent_and_is_sent_once_on_retry(widget: WidgetPage) -> None:
    widget.page.clock.install()
    widget.chat.acknowledges = False
    widget.ask("Important")
    expect(widget.thread).to_contain_text("Sending")
    widget.page.clock.run_for(17_000)
    expect(widget.thread).to_contain_text("Not sent.")
    widget.chat.acknowledges = True
    widget.press("Retry")
    expect(widget.thread.get_by_text("Sent", exact=True)).to_be_visible()
    assert len({frame["client_id"] for frame in widget.chat.said("message.send")}) == 1
    expect(widget.thread.get_by_text("Important", exact=True)).to_have_count(1)


def test_what_was_not_sent_survives_a_reload_and_goes_out_then(widget: WidgetPage) -> None:
    widget.chat.acknowledges = False
    widget.ask("Kept")
    widget.chat.acknowledges = True
    widget.load()
    expect(widget.thread.get_by_text("Sent", exact=True)).to_be_visible()
    assert len({frame["client_id"] for frame in widget.chat.said("message.send")}) == 1


def test_a_new_conversation_discards_what_was_not_sent_only_with_consent(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.chat.acknowledges = False
    widget.ask("Important")
    widget.press("New conversation")
    question = widget.page.get_by_role("alertdialog")
    expect(question).to_contain_text("“Important” is not sent yet. A new conversation discards it.")
    widget.page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    widget.load()
    expect(widget.thread.get_by_text("Important", exact=True)).to_be_visible()
    widget.ask("Urgent")
    widget.press("New conversation")
    expect(question).to_contain_text("2 messages are not sent yet.")
    widget.press("Stay here")
    expect(widget.thread.locator(".message.own")).to_have_count(3)
    widget.press("New conversation")
    widget.chat.events.clear()
    widget.press("Start anew")
    expect(widget.thread.locator(".message.own")).to_have_count(0)
    expect(question).to_be_hidden()


def test_a_person_is_left_behind_only_with_consent(widget: WidgetPage) -> None:
    widget.ask("First")
    question = widget.page.get_by_role("alertdialog")
    widget.chat.update("waiting")
    widget.press("New conversation")
    expect(question).to_contain_text("a person was asked for. In a new one they do not follow you.")
    widget.press("Stay here")
    expect(widget.thread.locator(".message.own")).to_have_count(1)
    widget.press("New conversation")
    widget.chat.update("assistant")  # the person is not asked for any more
    expect(question).to_be_hidden()
    widget.chat.update("agent")
    widget.press("New conversation")
    widget.chat.events.clear()
    widget.press("Start anew")
    expect(widget.thread.locator(".message.own")).to_have_count(0)


def test_the_question_goes_when_nothing_would_be_lost_any_more(widget: WidgetPage) -> None:
    widget.chat.acknowledges = False
    widget.ask("Important")
    widget.press("New conversation")
    expect(widget.page.get_by_role("alertdialog")).to_be_visible()
    widget.chat.acknowledges = True
    widget.chat.cut()
    expect(widget.thread.get_by_text("Sent", exact=True)).to_be_visible()
    expect(widget.page.get_by_role("alertdialog")).to_be_hidden()


def test_a_refusal_is_told_in_the_servers_words_and_can_be_removed(widget: WidgetPage) -> None:
    widget.chat.refuses = {"code": "too_long", "message": "This message is too long."}
    widget.ask("Too much")
    expect(widget.thread).to_contain_text("This message is too long.")
    widget.press("Remove")
    expect(widget.thread.get_by_text("Too much")).to_have_count(0)


def test_who_writes_too_often_is_told_when_it_goes_out_and_it_does(widget: WidgetPage) -> None:
    widget.page.clock.install()
    widget.chat.refuses = {"code": "rate_limited", "message": "Too many at once.", "retry_after": 40}
    widget.ask("One more")
    expect(widget.thread).to_contain_text(re.compile(r"The message is kept and will be sent at \d+:\d\d:\d\d"))
    expect_no_alarm(widget)
    widget.chat.refuses = None
    widget.page.clock.run_for(41_000)
    expect(widget.thread.get_by_text("Sent", exact=True)).to_be_visible()
    expect(widget.thread.get_by_text("One more", exact=True)).to_have_count(1)


def test_what_cannot_be_kept_now_goes_out_by_itself_and_a_person_is_asked_for_too(widget: WidgetPage) -> None:
    widget.page.clock.install()
    widget.chat.refuses = {"code": "unavailable", "message": "Not now."}
    widget.press("Talk to a person")
    expect(widget.thread).to_contain_text("This did not reach us yet. It is kept and sent again in a moment.")
    expect_no_alarm(widget)
    widget.chat.refuses = None
    widget.page.clock.run_for(4_000)
    expect(widget.thread.get_by_text("Sent", exact=True)).to_be_visible()
    asked = widget.chat.said("handoff.request")
    assert len(asked) > 1
    assert len({frame["client_id"] for frame in asked}) == 1


def test_what_was_refused_for_now_keeps_its_place(widget: WidgetPage) -> None:
    widget.chat.refuses = {"code": "unavailable", "message": "Not now."}
    widget.ask("One")
    expect(widget.thread).to_contain_text("sent again in a moment")
    widget.chat.refuses = None
    widget.ask("Two")
    widget.ask("Three")
    expect(widget.thread.get_by_text("sent again in a moment")).to_have_count(3)
    expect(widget.thread.get_by_text("Sent", exact=True)).to_be_visible()
    expect(widget.thread.locator(".message.own.sent")).to_have_count(3)
    assert [event["message"]["text"] for event in widget.chat.events] == ["One", "Two", "Three"]


def test_a_slow_server_has_as_long_for_each_of_several_messages(widget: WidgetPage) -> None:
    widget.page.clock.install()
    widget.chat.acknowledges = False
    widget.ask("One")
    widget.ask("Two")
    first = widget.heard("message.send")[0]["client_id"]
    widget.page.clock.run_for(10_000)
    widget.chat.progress("error", code="unavailable", message="Not now.", client_id=first)
    expect(widget.thread).to_contain_text("sent again in a moment")
    widget.page.clock.run_for(10_000)
    expect_no_alarm(widget)
    widget.page.clock.run_for(10_000)
    expect(widget.thread).to_contain_text("Not sent.")


def test_a_person_who_came_by_another_way_is_not_asked_for_again(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.page.clock.install()
    widget.chat.refuses = {"code": "rate_limited", "message": "Too many at once.", "retry_after": 40}
    widget.press("Talk to a person")
    widget.chat.update("waiting")
    widget.press("Return to the assistant")
    widget.chat.update("assistant")
    widget.chat.refuses = None
    widget.page.clock.run_for(42_000)
    assert len(widget.chat.said("handoff.request")) == 1


def test_a_conversation_that_was_closed_meanwhile_keeps_no_person_from_being_asked_for(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.page.clock.install()
    widget.chat.refuses = {"code": "rate_limited", "message": "Too many at once.", "retry_after": 40}
    widget.press("Talk to a person")
    widget.heard("handoff.request")
    widget.chat.update("resolved")
    expect(widget.thread).to_contain_text("This conversation is closed.")
    widget.chat.refuses = None
    widget.page.clock.run_for(42_000)
    assert len({frame["client_id"] for frame in widget.heard("handoff.request", 2)}) == 1


def test_a_person_is_asked_for_on_the_next_page_too_until_one_is(widget: WidgetPage) -> None:
    widget.ask("First")
    for status in ("waiting", "assistant"):  # that was before
        widget.chat.update(status)
    expect(widget.thread).to_contain_text("You are back with the assistant.")
    widget.chat.refuses = {"code": "rate_limited", "message": "Too many at once.", "retry_after": 40}
    widget.press("Talk to a person")
    widget.heard("handoff.request")
    widget.load().ready()
    asked = widget.heard("handoff.request", 2)
    assert asked[0] == asked[1]
    widget.chat.update("waiting", client_id=asked[0]["client_id"])
    expect(widget.page.get_by_role("button", name="Return to the assistant")).to_be_visible()
    widget.load().ready()
    expect(widget.page.get_by_role("button", name="Return to the assistant")).to_be_visible()
    assert len(widget.chat.said("handoff.request")) == 2


def test_a_person_who_came_while_the_page_was_away_is_not_asked_for_again(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.chat.refuses = {"code": "rate_limited", "message": "Too many at once.", "retry_after": 40}
    widget.press("Talk to a person")
    widget.heard("handoff.request")
    widget.page.goto("about:blank")
    widget.chat.connections.clear()
    for status in ("agent", "resolved"):
        widget.chat.update(status)
    widget.load().ready()
    expect(widget.thread).to_contain_text("This conversation is closed.")
    assert len(widget.chat.said("handoff.request")) == 1


def go_away(widget: WidgetPage) -> None:
    """To another page: nothing is heard there of what happens."""
    widget.page.goto("about:blank")
    widget.chat.connections.clear()


def times_heard(widget: WidgetPage, kind: str) -> int:
    """How often a wish was heard, with all that was said up to now."""
    widget.ready().ask(f"Message {len(widget.chat.heard)}")
    expect(widget.thread.locator(".message.own:not(.sent)")).to_have_count(0)
    return len(widget.chat.said(kind))


def test_nobody_is_thrown_out_by_a_wish_that_is_older_than_they(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.chat.update("waiting")
    widget.press("Return to the assistant")
    widget.heard("handoff.cancel")
    go_away(widget)
    widget.load().ready()
    widget.heard("handoff.cancel", 2)  # nobody has come yet
    go_away(widget)
    widget.chat.update("agent")
    widget.load()
    assert times_heard(widget, "handoff.cancel") == 2


@pytest.mark.parametrize(
    ("status", "button", "wish"),
    [
        ("assistant", "Stop", "answer.stop"),
        ("waiting", "Return to the assistant", "handoff.cancel"),
    ],
)
def test_what_was_asked_for_in_another_conversation_is_forgotten(
    widget: WidgetPage, status: str, button: str, wish: str
) -> None:
    widget.ask("First")
    if status == "waiting":
        widget.chat.update(status)
    widget.press(button)
    widget.heard(wish)
    go_away(widget)
    widget.chat.conversation = "c2"
    widget.load()
    assert times_heard(widget, wish) == 1
    assert widget.page.evaluate("JSON.parse(localStorage.getItem('answerdesk:wk_test:commands'))") == []


def test_a_stop_is_of_the_open_turn_alone(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.press("Stop")
    widget.heard("answer.stop")
    go_away(widget)
    widget.chat.message("customer", "Second", turn="another")
    widget.load()
    assert times_heard(widget, "answer.stop") == 1


def test_an_address_that_was_not_kept_is_asked_for_anew_on_the_next_page(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.chat.update("waiting")
    widget.page.get_by_label("E-mail address").fill("ann@example.com")
    widget.press("Save")
    widget.heard("contact.send")
    widget.load()
    assert times_heard(widget, "contact.send") == 1
    expect(widget.page.get_by_label("E-mail address")).to_have_value("")


def test_how_far_was_read_is_said_with_each_connection(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.chat.answer("Second")
    widget.page.wait_for_function("document.querySelector('answerdesk-widget').chat.state.readSeq === 2")
    widget.page.wait_for_timeout(100)  # for the mark to be heard
    said = len(widget.chat.said("read"))
    widget.chat.cut()
    assert widget.heard("read", said + 1)[-1] == {"type": "read", "seq": 2}


def test_a_new_conversation_asks_for_nobody(widget: WidgetPage) -> None:
    widget.ask("First")
    widget.chat.refuses = {"code": "rate_limited", "message": "Too many at once.", "retry_after": 40}
    widget.press("Talk to a person")
    widget.heard("handoff.request")
    widget.chat.events.clear()
    widget.press("New conversation")
    expect(widget.thread.locator(".message.own")).to_have_count(0)
    widget.load().ready()
    assert len(widget.chat.said("handoff.request")) == 1


def test_what_a_new_conversation_discards_is_not_sent(widget: WidgetPage) -> None:
    widget.chat.acknowledges = False
    widget.ask("One")
    widget.ask("Two")
    widget.press("New conversation")
    widget.press("Start anew")
    expect(widget.thread.locator(".message.own")).to_have_count(0)
    widget.heard("hello", 2)
    widget.ready()
    assert [frame["text"] for frame in widget.chat.said("message.send")] == ["One"]


def test_offline_is_told_and_the_message_waits(widget: WidgetPage) -> None:
    widget.page.context.set_offline(True)
    widget.page.evaluate("document.querySelector('answerdesk-widget').chat.connection.giveWay(60000)")
    expect(widget.page.get_by_text("You are offline.")).to_be_visible()
    widget.field.fill("Later")
    widget.field.press("Enter")
    expect(widget.thread).to_contain_text(WAITS)
    expect_no_alarm(widget)
    expect(widget.thread).not_to_contain_text("Sending")
    widget.page.context.set_offline(False)
    expect(widget.thread.get_by_text("Sent", exact=True)).to_be_visible()


def test_what_waits_for_the_connection_is_no_alarm_however_long_it_waits(widget: WidgetPage) -> None:
    widget.page.clock.install()
    widget.chat.acknowledges = False
    widget.page.evaluate("document.querySelector('answerdesk-widget').chat.connection.giveWay(60000)")
    widget.ask("Later")
    widget.page.clock.run_for(15_000)
    expect(widget.page.get_by_text("Connecting again.")).to_be_visible()
    expect(widget.thread).to_contain_text(WAITS)
    expect_no_alarm(widget)
    widget.page.clock.run_for(46_000)
    widget.heard("message.send")
    widget.page.clock.run_for(1_000)
    expect(widget.thread).to_contain_text("Sending")
    expect_no_alarm(widget)
    widget.pass_time(16)  # there is a connection, and no answer on it
    expect(widget.thread).to_contain_text("Not sent.")
    expect(widget.thread.get_by_role("button", name="Retry")).to_have_count(1)


def expect_sent_in_time(widget: WidgetPage, seconds: int) -> None:
    """What waits is sent once on another connection, within so long."""
    hellos = len(widget.chat.said("hello"))
    widget.pass_time(seconds)
    widget.heard("hello", hellos + 1)
    expect(widget.thread.get_by_text("Sent", exact=True)).to_be_visible()
    expect(widget.thread.get_by_text("Later", exact=True)).to_have_count(1)


def test_what_waits_goes_out_with_the_browser_although_the_old_connection_is_dead(widget: WidgetPage) -> None:
    widget.on_a_clock()
    widget.ask("Hello?")
    widget.chat.deafen()
    widget.page.context.set_offline(True)
    widget.ask("Later")
    widget.pass_time(3)
    expect(widget.thread).to_contain_text(WAITS)
    expect_no_alarm(widget)
    widget.page.context.set_offline(False)
    expect_sent_in_time(widget, 5)


def test_what_a_dead_connection_swallows_goes_out_soon_on_another(widget: WidgetPage) -> None:
    widget.on_a_clock()
    widget.ask("Hello?")
    widget.chat.answer("Hello.")
    expect(widget.thread.get_by_text("Hello.", exact=True)).to_be_visible()
    widget.chat.deafen()
    widget.ask("Later")
    expect_sent_in_time(widget, 11)


def test_a_person_is_asked_for_soon_on_another_connection_than_a_dead_one(widget: WidgetPage) -> None:
    widget.on_a_clock()
    widget.ask("Hello?")
    widget.chat.answer("Hello.")
    expect(widget.thread.get_by_text("Hello.", exact=True)).to_be_visible()
    widget.chat.deafen()
    widget.press("Talk to a person")
    widget.pass_time(11)
    widget.heard("handoff.request")


def test_retry_tries_at_once_also_where_the_connection_is_dead(widget: WidgetPage) -> None:
    widget.on_a_clock()
    widget.chat.acknowledges = False
    widget.ask("Later")
    widget.pass_time(17)
    widget.chat.acknowledges = True
    widget.chat.deafen()
    widget.press("Retry")
    expect_sent_in_time(widget, 5)


def test_in_a_chat_that_is_over_nothing_waits_to_be_sent(widget: WidgetPage) -> None:
    widget.chat.acknowledges = False
    widget.ask("Too late")
    widget.chat.connections[-1].close(code=4404)
    expect(widget.page.get_by_text("This chat is no longer available.")).to_be_visible()
    expect(widget.thread).to_contain_text("Not sent.")
    expect(widget.thread).not_to_contain_text(WAITS)
    expect(widget.thread.get_by_role("button", name="Retry")).to_have_count(0)


def test_an_expired_session_starts_anew_without_losing_what_is_written(widget: WidgetPage) -> None:
    widget.ask("One")
    widget.field.fill("A draft")
    widget.page.evaluate("localStorage.setItem('answerdesk:wk_test:conversation', JSON.stringify('gone'))")
    welcome = widget.chat._welcome

    def refuse_once(hello: dict[str, object]) -> None:
        widget.chat._welcome = welcome  # type: ignore[method-assign]
        widget.chat.events.clear()
        widget.chat.progress("error", code="session_invalid", message="Your session has ended.")

    widget.chat._welcome = refuse_once  # type: ignore[method-assign, assignment]
    widget.load()
    expect(widget.field).to_have_value("A draft")
    expect(widget.thread).to_contain_text("Hello, how can we help?")
    assert [hello["conversation"] for hello in widget.heard("hello", 3)][-2:] == ["gone", None]


def test_what_is_written_just_after_going_offline_stays_in_view(widget: WidgetPage) -> None:
    for number in range(8):
        widget.ask(f"Question {number}")
    widget.page.context.set_offline(True)
    widget.page.evaluate("document.querySelector('answerdesk-widget').chat.connection.giveWay(60000)")
    widget.field.fill("And now?")
    widget.field.press("Enter")
    expect(widget.page.get_by_text("You are offline.")).to_be_visible()
    expect(widget.thread.get_by_text(WAITS)).to_be_in_viewport(ratio=1)
    expect(widget.page.get_by_role("button", name="New message", exact=True)).to_be_hidden()
    widget.page.context.set_offline(False)


def test_a_browser_that_is_offline_is_told_so_before_the_connection_notices(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.page.context.set_offline(True)
    banner = widget.page.get_by_text("You are offline.")
    expect(banner).to_be_visible()
    widget.page.context.set_offline(False)
    expect(banner).to_be_hidden()
