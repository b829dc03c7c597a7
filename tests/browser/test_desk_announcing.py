"""What an agent hears and sees of a customer who starts to wait, and what the switches say of it."""

import pytest
from playwright.sync_api import Page, expect

from assistant.conversations.channel import CHANNEL_NAME
from assistant.models import User, Widget
from tests.browser.conftest import OpenDesk
from tests.cast import make_widget
from tests.desk import scenes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What a page plays and shows is written down; the desk is never in front.
WATCHED = """
{
  window.played = [];
  window.shown = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    played.push({ state: this.context.state, pitch: this.frequency.value });
    return start.apply(this, when);
  };
  window.Notification = class extends Notification {
    constructor(title, options) {
      super(title, options);
      shown.push({ title, ...options });
    }
  };
  document.hasFocus = () => false;
}
"""
# A browser that lets no page play before a click, whatever the tests' browser allows.
HELD_BACK = """
{
  const resume = AudioContext.prototype.resume;
  let clicked = null;
  const click = new Promise((resolve) => { clicked = resolve; });
  addEventListener("click", () => clicked(), { once: true, capture: true });
  AudioContext.prototype.resume = async function () { await click; this.held = false; return resume.call(this); };
  const state = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "state").get;
  Object.defineProperty(AudioContext.prototype, "state", {
    get() { return this.held === false ? state.call(this) : "suspended"; },
  });
}
"""
# A browser that answers the question for permission by itself; at first nobody has asked it.
UNASKED = """
{
  let permission = "default";
  window.Notification = class {
    static get permission() { return permission; }
    static async requestPermission() { return (permission = window.answer); }
  };
}
"""


@pytest.fixture
def widget(transactional_db: None) -> Widget:
    return make_widget()


def watched(page: Page, script: str = WATCHED) -> Page:
    """The page loaded anew, with the script before its own."""
    page.add_init_script(script)
    page.reload()
    page.wait_for_function("() => document.getElementById('away').hidden && document.querySelector('#empty, .row')")
    return page


def switch(page: Page, name: str) -> None:
    page.get_by_title("Account menu").click()
    with page.expect_response("**/preferences/"):
        page.get_by_role("switch", name=name).click()


def test_each_waiting_customer_is_heard_and_shown(open_desk: OpenDesk, widget: Widget, alice: User) -> None:
    page = watched(open_desk(permissions=["notifications"]))
    switch(page, "Notifications")
    alice.refresh_from_db()
    assert alice.notifications
    for number in (1, 2):
        scenes.waiting(widget, text=f"Where is parcel {number}?")
        page.wait_for_function("number => shown.length === number && played.length === 2 * number", arg=number)
    assert page.evaluate("played.map(({state}) => state)") == ["running"] * 4
    shown = page.evaluate("shown")
    assert [notice["body"] for notice in shown] == ["Where is parcel 1?", "Where is parcel 2?"]
    assert {(notice["tag"], notice["renotify"]) for notice in shown} == {("waiting", True)}


def test_a_notification_takes_nobody_for_connected_who_is_not(open_desk: OpenDesk, widget: Widget) -> None:
    page = watched(open_desk(permissions=["notifications"]))
    switch(page, "Notifications")
    channel = make_widget(active=False)
    Widget.objects.filter(pk=channel.pk).update(name=CHANNEL_NAME)
    for number, place in enumerate((channel, widget), start=1):
        scenes.waiting(place)
        page.wait_for_function("number => shown.length === number", arg=number)
    titles = page.evaluate("shown.map(({title}) => title)")
    assert titles == ["A question asked by API needs a person", "A customer is waiting"]


def test_sound_that_the_browser_holds_back_is_told_until_a_click(open_desk: OpenDesk, widget: Widget) -> None:
    page = open_desk()
    page.add_init_script(HELD_BACK)
    page = watched(page)
    held = page.locator("#sound-held")
    expect(held).to_be_visible()
    page.get_by_role("heading", name="Waiting").click()
    expect(held).to_be_hidden()
    assert page.evaluate("played") == []
    scenes.waiting(widget)
    page.wait_for_function("() => played.length === 2")


def test_with_sound_switched_off_nothing_is_played_or_told(open_desk: OpenDesk, widget: Widget) -> None:
    page = open_desk(permissions=["notifications"])
    switch(page, "Sound")
    switch_on = page.get_by_role("switch", name="Notifications")
    with page.expect_response("**/preferences/"):
        switch_on.click()
    page.add_init_script(HELD_BACK)
    page = watched(page)
    scenes.waiting(widget)
    page.wait_for_function("() => shown.length === 1")
    assert page.evaluate("played") == []
    expect(page.locator("#sound-held")).to_be_hidden()


def test_a_browser_that_was_never_asked_says_so_and_is_asked_at_the_click(
    open_desk: OpenDesk, widget: Widget, alice: User
) -> None:
    alice.notifications = True
    alice.save()
    page = watched(open_desk(), UNASKED)
    toggle = page.get_by_role("switch", name="Notifications")
    page.get_by_title("Account menu").click()
    expect(toggle).not_to_be_checked()
    expect(page.get_by_text("Not allowed in this browser yet")).to_be_visible()
    with page.expect_response("**/preferences/"):
        page.get_by_role("switch", name="Available").click()
    alice.refresh_from_db()
    assert (alice.available, alice.notifications) == (False, True)
    page.evaluate("window.answer = 'granted'")
    toggle.click()
    expect(page.get_by_text("when the desk is not in front")).to_be_visible()
    expect(toggle).to_be_checked()


def test_a_browser_that_blocks_them_says_so_and_nothing_is_switched_on(open_desk: OpenDesk, alice: User) -> None:
    page = watched(open_desk(), UNASKED)
    page.get_by_title("Account menu").click()
    page.evaluate("window.answer = 'denied'")
    toggle = page.get_by_role("switch", name="Notifications")
    toggle.click()
    expect(page.get_by_text("This browser blocks them")).to_be_visible()
    expect(toggle).not_to_be_checked()
    with page.expect_response("**/preferences/"):
        page.get_by_role("switch", name="Available").click()
    alice.refresh_from_db()
    assert (alice.available, alice.notifications) == (False, False)


def test_the_switches_are_kept(open_desk: OpenDesk, alice: User) -> None:
    page = open_desk()
    switch(page, "Available")
    page.reload()
    page.get_by_title("Account menu").click()
    expect(page.get_by_role("switch", name="Available")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Sound")).to_be_checked()
