"""Waiting for a person or a late answer: the place in the queue, and where to leave an address."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WidgetPage

pytestmark = pytest.mark.browser
SOMEBODY = "Somebody is at the desk now and will join here."
HERE = "The answer will appear here, also if you close the chat and come back."


def test_waiting_shows_the_place_takes_an_address_and_leads_back(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.answer("A long answer. " * 300)
    expect(widget.thread).to_contain_text("A long answer.")
    widget.press("Talk to a person")
    request = widget.heard("handoff.request")[0]
    widget.chat.update("waiting", client_id=request["client_id"])
    expect(widget.thread).to_contain_text("You asked for a person.")
    widget.chat.head(position=3, agents_available=True)
    expect(widget.page.get_by_label("E-mail address")).to_be_in_viewport()
    expect(widget.thread).to_contain_text("You are number 3 in the queue.")
    widget.page.get_by_label("E-mail address").fill("no address")
    widget.press("Save")
    expect(widget.thread).to_contain_text("does not look like an e-mail address")
    widget.page.get_by_label("E-mail address").fill("ann@example.com")
    widget.chat.head(position=1, agents_available=False)
    expect(widget.thread).to_contain_text("Nobody is at the desk right now. Leave your e-mail address, and we will")
    widget.press("Save")
    sent = widget.heard("contact.send")[0]
    assert sent["email"] == "ann@example.com"
    assert sent["page"] == f"{widget.site}/"
    widget.chat.progress("contact.saved", client_id=sent["client_id"], email=sent["email"])
    expect(widget.thread).to_contain_text("The team can write to you there")
    expect(widget.thread).not_to_contain_text("Leave your e-mail address")
    expect(widget.thread).to_contain_text("ann@example.com")
    widget.press("Change")
    widget.page.get_by_label("E-mail address").fill("anna@example.com")
    widget.press("Save")
    assert [frame["email"] for frame in widget.heard("contact.send", 2)] == ["ann@example.com", "anna@example.com"]
    expect(widget.thread).to_contain_text("anna@example.com")
    widget.press("Return to the assistant")
    widget.heard("handoff.cancel")


def test_an_address_that_the_server_refuses_is_told_and_kept(widget: WidgetPage) -> None:
    widget.page.set_viewport_size({"width": 360, "height": 480})
    widget.ask("Hello?")
    for number in range(6):
        widget.chat.message("agent", f"Line {number}\n\n" + "long text " * 20, author=None)
    widget.chat.update("waiting")
    widget.chat.refuses = {"code": "bad_frame", "message": "This is not an e-mail address."}
    widget.page.get_by_label("E-mail address").fill("bob@nope")
    widget.press("Save")
    problem = widget.thread.get_by_text("This does not look like an e-mail address.")
    expect(problem).to_be_in_viewport(ratio=1)
    expect(widget.page.get_by_label("E-mail address")).to_have_value("bob@nope")
    widget.chat.refuses = {"code": "rate_limited", "message": "Too many at once. Please wait a moment."}
    widget.press("Save")
    expect(widget.thread.get_by_text("Too many at once.")).to_be_visible()
    expect(problem).to_have_count(0)


def test_an_address_that_was_saved_is_not_asked_for_again_after_a_reload(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.update("waiting")
    expect(widget.page.get_by_label("E-mail address")).to_be_visible()
    widget.chat.contact_saved = True
    widget.load()
    expect(widget.thread).to_contain_text("The team can write to you there")
    expect(widget.page.get_by_label("E-mail address")).to_be_hidden()


def test_what_the_server_says_about_the_wait_is_not_said_again(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.update("waiting")
    expect(widget.thread).to_contain_text(HERE)
    widget.chat.message("system", "Nobody from our team is here right now.")
    expect(widget.thread).to_contain_text("Nobody from our team")
    expect(widget.thread.get_by_text(HERE)).to_be_hidden()
    widget.ask("Anyone?")
    expect(widget.thread.get_by_text(HERE)).to_be_hidden()


def test_no_person_is_promised_by_what_was_known_before_the_last_one_left(widget: WidgetPage) -> None:
    card = widget.page.get_by_role("group", name="Waiting for a person")
    widget.ask("Hello?")
    widget.chat.head(agents_available=True)
    widget.chat.update("waiting")
    expect(card).to_contain_text(SOMEBODY)
    widget.chat.message("system", "Nobody from our team is here right now.")
    expect(widget.thread).to_contain_text("Nobody from our team")
    expect(card).not_to_contain_text("join here")
    widget.chat.head(position=1, agents_available=False)
    widget.chat.progress("contact.saved", client_id="c", email="ann@example.com")
    expect(card).to_contain_text("The team can write to you there")  # the head is through
    expect(card).not_to_contain_text("Nobody")
    widget.chat.head(position=1, agents_available=True)
    expect(card).to_contain_text(f"You are next. {SOMEBODY}")


def test_no_person_is_promised_while_it_is_not_known_whether_there_is_one(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.update("waiting")
    expect(widget.thread).to_contain_text(f"{HERE} If you cannot wait, leave your e-mail address.")
    expect(widget.thread).not_to_contain_text("join here")


def test_who_comes_and_goes_while_a_customer_waits_is_told_each_time(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.update("waiting")
    widget.chat.message("system", "Nobody from our team is here right now.")
    widget.chat.head(position=2, agents_available=False)
    expect(widget.thread).to_contain_text("Nobody from our team")
    widget.chat.head(position=2, agents_available=True)
    expect(widget.thread).to_contain_text("You are number 2 in the queue.")
    widget.chat.head(position=1, agents_available=False)
    expect(widget.thread).to_contain_text("Nobody is at the desk right now. Leave your e-mail address, and we will")
    expect(widget.thread.get_by_text("You are number 2")).to_have_count(0)
    widget.chat.head(position=1, agents_available=True)
    expect(widget.thread).to_contain_text("You are next.")


def test_the_place_is_there_after_a_reload_whatever_happened_before(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    for status in ("waiting", "assistant", "waiting"):
        widget.chat.update(status)
    widget.chat.message("system", "Nobody from our team is here right now.")
    widget.chat.queue = {"position": 4, "agents_available": True}
    widget.load()
    expect(widget.thread).to_contain_text("You are number 4 in the queue.")


def test_who_was_brought_to_a_person_is_not_told_to_have_asked(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    turn = widget.chat.open_turn
    widget.chat.answer("I'll bring in a person.", decision="escalate")
    widget.chat.update("waiting", turn=turn)
    expect(widget.thread).to_contain_text("Waiting for a person")
    expect(widget.thread.get_by_text("You asked for a person.")).to_have_count(0)


def test_a_late_answer_is_offered_by_mail_and_one_in_time_is_not(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    turn = widget.chat.open_turn
    address = widget.page.get_by_label("E-mail address")
    widget.chat.progress("answer.status", turn=turn, status="searching")
    expect(widget.thread).to_contain_text("Searching")
    expect(address).to_have_count(0)
    widget.chat.progress("answer.status", turn=turn, status="delayed")
    widget.chat.progress("answer.delta", turn=turn, offset=0, text="It")
    expect(widget.page.locator("[aria-live]", has_text="we will send the answer here and by e-mail")).to_have_count(1)
    address.focus()
    widget.page.keyboard.type("no address")
    widget.page.keyboard.press("Enter")
    expect(widget.thread.get_by_role("alert")).to_contain_text("does not look like an e-mail address")
    address.fill("ann@example.com")
    widget.page.keyboard.press("Enter")
    sent = widget.heard("contact.send")[0]
    widget.chat.progress("contact.saved", client_id=sent["client_id"], email=sent["email"])
    saved = widget.thread.get_by_text("We will send the answer here and by e-mail.", exact=True)
    expect(saved).to_be_focused()
    expect(address).to_be_hidden()
    widget.chat.answer("It is so.")
    expect(saved).to_have_count(0)
    expect(widget.thread).to_be_focused()
    widget.ask("And then?")
    widget.chat.progress("answer.status", turn=widget.chat.open_turn, status="delayed")
    expect(saved).to_be_visible()
    expect(address).to_be_hidden()


def test_a_late_answer_stays_late_while_the_connection_is_gone(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.progress("answer.status", turn=widget.chat.open_turn, status="delayed")
    expect(widget.page.get_by_label("E-mail address")).to_be_visible()
    widget.page.get_by_label("E-mail address").fill("ann@exam")
    widget.chat.cut()
    widget.heard("hello", 2)
    expect(widget.page.get_by_label("E-mail address")).to_have_value("ann@exam")
    expect(widget.thread).to_contain_text("we will send the answer here and by e-mail")


def test_where_no_mail_leaves_no_address_is_asked_for_and_the_answer_is_promised_here_alone(widget: WidgetPage) -> None:
    widget.chat.mails = False
    widget.load().ready()
    widget.ask("Hello?")
    widget.chat.progress("answer.status", turn=widget.chat.open_turn, status="delayed")
    kept = "The answer will appear here, also if you close the chat and come back."
    expect(widget.thread).to_contain_text(kept)
    expect(widget.page.locator("[aria-live]", has_text=kept)).to_have_count(1)
    widget.chat.answer("I'll bring in a person.", decision="escalate")
    widget.chat.update("waiting")
    widget.chat.head(position=2, agents_available=True)
    expect(widget.thread).to_contain_text(f"You are number 2 in the queue. {SOMEBODY}")
    widget.chat.head(position=1, agents_available=False)
    expect(widget.thread).to_contain_text(f"Nobody is at the desk right now. {HERE}")
    expect(widget.page.get_by_label("E-mail address")).to_be_hidden()
    widget.chat.contact_saved = True  # while mail still left
    widget.load()
    expect(widget.thread).to_contain_text(HERE)
    expect(widget.thread.get_by_text("e-mail")).to_have_count(0)
    expect(widget.thread.get_by_text("The team can write to you there")).to_be_hidden()


def test_without_a_connection_nothing_is_said_to_be_under_way(widget: WidgetPage) -> None:
    widget.ask("Slow one?")
    widget.chat.progress("answer.status", turn=widget.chat.open_turn, status="delayed", estimate_seconds=12)
    expect(widget.thread).to_contain_text("longer than usual")
    widget.page.context.set_offline(True)
    widget.page.evaluate("document.querySelector('answerdesk-widget').chat.connection.giveWay(60000)")
    expect(widget.page.get_by_text("You are offline.")).to_be_visible()
    expect(widget.thread.locator(".pending")).to_have_text(re.compile("The answer will appear here"))
    for words in ("longer than usual", "Searching"):
        expect(widget.thread.locator(".list")).not_to_contain_text(words)
    widget.page.context.set_offline(False)
    expect(widget.thread.locator(".pending")).to_contain_text("Searching")


@pytest.mark.parametrize(("there", "told"), [(True, "You are number 2"), (False, "Nobody is at the desk")])
def test_without_a_connection_neither_a_place_nor_who_is_there_is_told(
    widget: WidgetPage, there: bool, told: str
) -> None:
    widget.ask("Hello?")
    widget.chat.update("waiting")
    widget.chat.head(position=2, agents_available=there)
    expect(widget.thread).to_contain_text(told)
    widget.page.context.set_offline(True)
    expect(widget.page.get_by_text("You are offline.")).to_be_visible()
    expect(widget.thread).to_contain_text(HERE)
    for words in (told, SOMEBODY):
        expect(widget.thread).not_to_contain_text(words)


def test_without_a_connection_nobody_types_and_no_person_can_be_asked_for(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.update("agent", agent={"name": "Mira", "avatar": None})
    widget.chat.progress("typing", role="agent")
    expect(widget.page.get_by_text("Mira is typing")).to_be_visible()
    widget.page.context.set_offline(True)
    expect(widget.page.get_by_text("You are offline.")).to_be_visible()
    assert widget.page.get_by_text("Mira is typing").count() == 0
    expect(widget.page.get_by_role("button", name="Return to the assistant")).to_be_disabled()


def test_without_a_connection_nothing_can_be_stopped(widget: WidgetPage) -> None:
    widget.ask("Slow one?")
    stop = widget.page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_enabled()
    widget.page.context.set_offline(True)
    expect(stop).to_be_disabled()
    widget.field.fill("And another")
    expect(widget.page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    widget.field.fill("")
    widget.page.context.set_offline(False)
    expect(stop).to_be_enabled()


@pytest.mark.parametrize("waits", [True, False])
def test_a_chat_that_is_over_promises_nothing(widget: WidgetPage, waits: bool) -> None:
    widget.ask("Hello?")
    if waits:
        widget.chat.update("waiting")
        widget.chat.head(position=2, agents_available=True)
        expect(widget.thread).to_contain_text("You are number 2")
    widget.chat.connections[-1].close(code=4404)
    expect(widget.page.get_by_text("This chat is no longer available.")).to_be_visible()
    for words in ("Waiting for a person", "You are number", "Searching", "will appear here"):
        expect(widget.page.locator("answerdesk-widget .panel").get_by_text(words)).to_have_count(0)


def test_who_could_not_be_answered_is_not_told_to_have_asked_for_a_person(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.update("waiting", turn=widget.chat.open_turn)
    widget.chat.message("system", "I could not answer this. I have asked a person to take over.")
    expect(widget.thread).to_contain_text("I have asked a person")
    expect(widget.thread.get_by_text("You asked for a person.")).to_have_count(0)


def test_nobody_types_in_a_conversation_that_an_agent_has_left(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.chat.update("agent", agent={"name": "Mira", "avatar": None})
    widget.chat.progress("typing", role="agent")
    expect(widget.page.get_by_text("Mira is typing")).to_be_visible()
    widget.chat.update("resolved")
    expect(widget.thread).to_contain_text("This conversation is closed.")
    assert widget.page.get_by_text("Mira is typing").count() == 0


def test_an_answer_that_a_dead_connection_swallows_comes_soon_on_another(widget: WidgetPage) -> None:
    widget.on_a_clock()
    widget.ask("Slow one?")
    widget.chat.progress("answer.status", turn=widget.chat.open_turn, status="searching")
    expect(widget.thread).to_contain_text("Searching")
    widget.chat.deafen()
    widget.chat.answer("It is so.")
    widget.pass_time(11)
    expect(widget.thread).to_contain_text("It is so.")
