"""What is done with a conversation, and in which order: after the replies that were written before, and key by key."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from assistant.conversations import services
from assistant.models import Conversation, Message, User, Widget
from assistant.states import ConversationStatus
from tests.browser.conftest import OpenDesk
from tests.browser.desk_line import Line, line_of, reply
from tests.cast import make_agent, make_widget
from tests.desk import scenes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WAITS = "waits for your reply to be sent"
NOT_DONE = "not done, as your reply was not sent"


@pytest.fixture
def widget(transactional_db: None) -> Widget:
    return make_widget()


@pytest.fixture
def mine(open_desk: OpenDesk, widget: Widget, alice: User) -> Page:
    """A conversation of alice's."""
    return open_desk(f"/desk/c/{scenes.taken(widget, alice).pk}/?view=mine")


def reply_that_is_lost(page: Page, text: str) -> Line:
    line = line_of(page)
    line.lost = lambda data: "message.send" in data
    reply(page, text)
    expect(page.locator("#pending")).to_contain_text("Sending")
    return line


def status() -> str:
    return Conversation.objects.get().status


@pytest.mark.parametrize(
    ("action", "after"),
    [("Hand back", ConversationStatus.ASSISTANT), ("Resolve", ConversationStatus.RESOLVED)],
)
def test_what_ends_a_conversation_waits_for_the_reply_before_it(mine: Page, action: str, after: str) -> None:
    line = reply_that_is_lost(mine, "Here you are.")
    mine.get_by_role("button", name=action).click()
    expect(mine.get_by_text(f"{action}: {WAITS}")).to_be_visible()
    line.pass_time(3)
    assert status() == ConversationStatus.AGENT
    line.lost = lambda data: False
    line.deafen()
    line.pass_time(11)
    expect(mine.locator("#messages .said.agent")).to_contain_text("Here you are.")
    expect(mine.locator(f".status.{after}")).to_be_visible()
    expect(mine.get_by_text(WAITS)).to_have_count(0)
    assert status() == after


def test_what_waits_for_a_reply_is_done_although_another_conversation_is_opened(
    open_desk: OpenDesk, widget: Widget, alice: User
) -> None:
    conversation, other = scenes.taken(widget, alice), scenes.taken(widget, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    line = reply_that_is_lost(page, "Here you are.")
    page.get_by_role("button", name="Resolve").click()
    page.locator(f"#row-{other.pk}").click()
    expect(page.locator("#conversation")).to_have_attribute("data-conversation", str(other.pk))
    line.lost = lambda data: False
    line.deafen()
    line.pass_time(11)
    expect(page.locator(f"#row-{conversation.pk}")).to_have_count(0)
    assert Message.objects.filter(text="Here you are.").exists()
    assert Conversation.objects.get(pk=conversation.pk).status == ConversationStatus.RESOLVED


def refuse(page: Page) -> None:
    services.resolve(Conversation.objects.get().pk, User.objects.get(username="alice"))
    services.take_over(Conversation.objects.get().pk, make_agent("bob"))


def edit(page: Page) -> None:
    page.get_by_role("button", name="Edit").click()


@pytest.mark.parametrize("give_up", [refuse, edit])
def test_what_waits_for_a_reply_is_not_done_without_it(mine: Page, give_up: Callable[[Page], None]) -> None:
    line = reply_that_is_lost(mine, "Here you are.")
    mine.get_by_role("button", name="Resolve").click()
    expect(mine.get_by_text(WAITS)).to_be_visible()
    line.pass_time(17)
    give_up(mine)
    line.lost = lambda data: False
    line.deafen()
    line.pass_time(30)
    expect(mine.get_by_text(WAITS)).to_have_count(0)
    assert status() == ConversationStatus.AGENT
    assert not Message.objects.filter(text="Here you are.").exists()


def test_that_it_was_not_done_is_said(mine: Page) -> None:
    line = reply_that_is_lost(mine, "Here you are.")
    mine.get_by_role("button", name="Hand back").click()
    line.pass_time(17)
    edit(mine)
    expect(mine.get_by_text(f"Hand back: {NOT_DONE}")).to_be_visible()
    mine.get_by_role("button", name="Hand back").click()
    expect(mine.locator(".status.assistant")).to_be_visible()


@pytest.mark.parametrize("second", ["Resolve", "Hand back"])
def test_what_is_pressed_while_another_waits_for_a_reply_is_not_done_without_it_either(mine: Page, second: str) -> None:
    line = reply_that_is_lost(mine, "Here you are.")
    for action in ("Resolve", second):
        mine.get_by_role("button", name=action).click()
    line.pass_time(17)
    edit(mine)
    expect(mine.get_by_text(f"Resolve: {NOT_DONE}")).to_be_visible()
    line.pass_time(2)
    assert status() == ConversationStatus.AGENT


def test_what_was_pressed_before_another_waited_for_a_reply_is_not_done_without_it_either(
    open_desk: OpenDesk, widget: Widget
) -> None:
    page = open_desk(f"/desk/c/{scenes.waiting(widget).pk}/?view=waiting")
    line = line_of(page)
    held: list[Route] = []
    page.route("**/take-over/", lambda route: held.append(route))
    with page.expect_request("**/take-over/"):
        page.get_by_role("button", name="Take over").click()
    line.lost = lambda data: "message.send" in data
    reply(page, "Here you are.")
    page.get_by_role("button", name="Resolve").dblclick()
    held[0].continue_()
    line.pass_time(17)
    expect(page.get_by_text(f"Resolve: {WAITS}")).to_be_visible()
    edit(page)
    expect(page.get_by_text(f"Resolve: {NOT_DONE}")).to_have_count(2)
    line.pass_time(2)
    assert status() == ConversationStatus.AGENT


def test_a_key_that_is_held_down_is_pressed_once(mine: Page) -> None:
    expect(mine.locator("#messages .said").first).to_be_visible()
    held: list[Route] = []
    mine.route("**/hand-back/", lambda route: held.append(route))
    with mine.expect_request("**/hand-back/"):
        for _ in range(3):
            mine.keyboard.down("b")
    mine.keyboard.up("b")
    held[0].continue_()
    expect(mine.locator(".status.assistant")).to_be_visible()
    mine.wait_for_timeout(500)
    assert len(held) == 1


def test_keys_that_are_pressed_ahead_are_done_one_after_the_other(open_desk: OpenDesk, widget: Widget) -> None:
    page = open_desk(f"/desk/c/{scenes.waiting(widget).pk}/?view=waiting")
    expect(page.locator("#messages .said").first).to_be_visible()
    held: list[Route] = []
    page.route("**/take-over/", lambda route: held.append(route))
    with page.expect_request("**/take-over/"):
        page.keyboard.press("t")
    page.keyboard.press("b")
    page.keyboard.press("e")
    held[0].continue_()
    expect(page.locator(".status.resolved")).to_be_visible()
    events = Conversation.objects.get().events.filter(type="conversation.updated").order_by("seq")
    assert [event.frame["status"] for event in events] == ["waiting", "agent", "assistant", "resolved"]


def test_a_key_that_finds_no_button_in_the_end_is_forgotten(open_desk: OpenDesk, widget: Widget, alice: User) -> None:
    page = open_desk(f"/desk/c/{scenes.waiting(widget).pk}/?view=waiting")
    expect(page.locator("#messages .said").first).to_be_visible()
    page.route("**/take-over/", lambda route: route.abort())
    page.keyboard.press("t")
    page.keyboard.press("b")
    expect(page.get_by_text("No connection to the desk.")).to_be_visible()
    services.take_over(Conversation.objects.get().pk, alice)
    expect(page.get_by_role("button", name="Hand back")).to_be_visible()
    page.wait_for_timeout(500)
    assert status() == ConversationStatus.AGENT


def test_what_the_desk_does_not_answer_is_said_to_be_tried_still(mine: Page) -> None:
    line = line_of(mine)
    held: list[Route] = []
    mine.route("**/resolve/", lambda route: held.append(route))
    mine.get_by_role("button", name="Resolve").click()
    words = mine.get_by_text("The desk does not answer. Still trying.")
    line.pass_time(4)
    expect(words).to_have_count(0)
    line.pass_time(2)
    expect(words).to_be_visible()
    held[0].continue_()
    expect(mine.locator(".status.resolved")).to_be_visible()
    expect(words).to_have_count(0)


class Asked:
    """What the browser asks, and the answer that it gets."""

    def __init__(self, page: Page) -> None:
        self.kinds: list[str] = []
        self.consents = False
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        self.kinds.append(dialog.message if dialog.type == "confirm" else dialog.type)
        if self.consents:
            dialog.accept()
        else:
            dialog.dismiss()


def log_out(page: Page) -> None:
    page.get_by_title("Account menu").click()
    page.get_by_role("button", name="Log out").click()


def test_a_log_out_asks_first_while_a_reply_is_not_sent(mine: Page) -> None:
    asked = Asked(mine)
    line = reply_that_is_lost(mine, "Here you are.")
    log_out(mine)
    assert asked.kinds == ["A reply has not been sent yet. Log out all the same?"]
    expect(mine.locator("#pending")).to_contain_text("Here you are.")
    asked.consents = True
    mine.get_by_role("button", name="Log out").click()
    mine.wait_for_url("**/login/**")
    assert len(asked.kinds) == 2
    assert line.connections


def test_a_page_with_a_reply_that_is_not_sent_asks_before_it_closes_and_another_view_sends_it(mine: Page) -> None:
    asked = Asked(mine)
    reply_that_is_lost(mine, "Here you are.")
    mine.close(run_before_unload=True)
    mine.wait_for_timeout(500)
    assert asked.kinds == ["beforeunload"]
    mine.locator("#tab-open").click()
    mine.wait_for_url("**/desk/?view=open")
    assert asked.kinds == ["beforeunload"]


def test_another_view_is_not_opened_unasked_while_an_action_waits_for_a_reply(mine: Page) -> None:
    asked = Asked(mine)
    reply_that_is_lost(mine, "Here you are.")
    mine.get_by_role("button", name="Resolve").click()
    expect(mine.get_by_text(f"Resolve: {WAITS}")).to_be_visible()
    mine.locator("#tab-open").click()
    assert asked.kinds == ["Resolve waits for your reply to be sent. Leave all the same?"]
    expect(mine.get_by_text(f"Resolve: {WAITS}")).to_be_visible()
    asked.consents = True
    mine.locator("#tab-open").click()
    mine.wait_for_url("**/desk/?view=open")
    assert len(asked.kinds) == 2


def test_who_has_to_log_in_again_is_told_that_what_waited_for_a_reply_is_not_done(mine: Page) -> None:
    asked = Asked(mine)
    line = reply_that_is_lost(mine, "Here you are.")
    mine.get_by_role("button", name="Resolve").click()
    expect(mine.get_by_text(f"Resolve: {WAITS}")).to_be_visible()
    line.lost = lambda data: False
    with mine.expect_event("load"):
        line.connections[-1].close(code=4401)
    assert asked.kinds == ["alert"]
    expect(mine.locator("#messages .said.agent")).to_contain_text("Here you are.")
    assert status() == ConversationStatus.AGENT


def test_a_reply_whose_conversation_is_gone_is_given_up_and_shown(mine: Page) -> None:
    asked = Asked(mine)
    line = reply_that_is_lost(mine, "Here you are.")
    Conversation.objects.all().delete()
    line.lost = lambda data: False
    mine.locator("#tab-open").click()
    told = mine.get_by_text("The conversation is gone, and your reply was not sent: “Here you are.”")
    expect(told).to_be_visible()
    line.pass_time(10)
    expect(told).to_have_count(1)
    mine.get_by_role("button", name="Close", exact=True).click()
    expect(told).to_have_count(0)
    log_out(mine)
    mine.wait_for_url("**/login/**")
    assert asked.kinds == []


def test_who_has_sent_everything_is_asked_nothing(mine: Page) -> None:
    asked = Asked(mine)
    line_of(mine)
    reply(mine, "Here you are.")
    expect(mine.locator("#messages .said.agent")).to_contain_text("Here you are.")
    expect(mine.locator("#pending")).to_be_empty()
    log_out(mine)
    mine.wait_for_url("**/login/**")
    assert asked.kinds == []
