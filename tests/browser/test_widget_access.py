"""The widget for a keyboard, a screen reader, a small screen and weak eyes."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WidgetPage
from tests.browser.test_widget import SOURCES

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  const node = document.querySelector("answerdesk-widget").shadowRoot.activeElement;
  return node ? node.getAttribute("aria-label") || node.textContent : null;
}"""

NAMELESS = """(root) => {
  const named = (node) => node.ariaLabel || node.getAttribute("aria-labelledby") || node.textContent.trim();
  const parts = "button, a[href], input, textarea, [role='region'], [role='dialog']";
  return [...root.shadowRoot.querySelectorAll(parts)].filter((node) => !named(node)).map((node) => node.outerHTML);
}"""

# Text against the nearest ground behind it, as WCAG computes it; large text is not let off.
LOW_CONTRAST = """async (root) => {
  const { contrast } = await import("/static/shared/accent.js");
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const pair = (value) => Math.round(value).toString(16).padStart(2, "0");
  const hex = (colour) => "#" + channels(colour).slice(0, 3).map(pair).join("");
  const groundOf = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return hex(colour);
    }
    return null;
  };
  const found = [];
  for (const node of root.shadowRoot.querySelectorAll("*")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.checkVisibility() || node.closest(".unseen, :disabled")) continue;
    const ground = groundOf(node);
    const ratio = ground && contrast(hex(getComputedStyle(node).color), ground);
    if (!ratio || ratio < 4.5) found.push(`${node.className || node.tagName} "${node.textContent}" ${ratio}`);
  }
  return found;
}"""


def everything_at_once(widget: WidgetPage) -> None:
    """A conversation with each kind of entry in it."""
    widget.ask("Where is it?")
    widget.chat.answer("Look at **Tracking** [1], `code`, [a link](https://shop.example).", sources=SOURCES)
    widget.press("No, not helpful")
    message = widget.heard("feedback.send")[0]["message"]
    widget.chat.progress("feedback.saved", message=message, rating=-1)
    widget.chat.update("agent", agent={"name": "Mira", "avatar": None})
    widget.chat.message("agent", "Hello", author={"name": "Mira", "avatar": None})
    widget.chat.update("waiting")
    expect(widget.thread).to_contain_text("Waiting for a person")
    widget.chat.acknowledges = False
    widget.chat.refuses = {"code": "too_long", "message": "This message is too long."}
    widget.ask("Refused")
    expect(widget.thread).to_contain_text("This message is too long.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_control_has_a_name_and_every_text_its_contrast(widget: WidgetPage, scheme: Any) -> None:
    widget.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    everything_at_once(widget)
    element = widget.page.locator("answerdesk-widget")
    assert element.evaluate(NAMELESS) == []
    assert element.evaluate(LOW_CONTRAST) == []


def test_the_keyboard_alone_opens_asks_reads_sources_rates_and_closes(module_page: Page, module_site: str) -> None:
    widget = WidgetPage(module_page, module_site).load()
    expect(module_page.get_by_role("button", name="Open chat")).to_be_visible()
    keys = module_page.keyboard
    keys.press("Tab")
    assert module_page.evaluate(FOCUSED) == "Open chat"
    keys.press("Enter")
    widget.ready()
    assert module_page.evaluate(FOCUSED) == "Write a message"
    keys.type("First line")
    keys.press("Shift+Enter")
    keys.type("second line")
    keys.press("Enter")
    expect(widget.thread).to_contain_text("second line")
    assert widget.heard("message.send")[0]["text"] == "First line\nsecond line"
    widget.chat.answer("Look [1].", sources=SOURCES)
    expect(widget.thread).to_contain_text("Was this helpful?")
    backwards = []
    for _ in range(8):
        keys.press("Shift+Tab")
        backwards.append(module_page.evaluate(FOCUSED))
    assert backwards[:5] == [
        "No, not helpful",
        "Yes, helpful",
        "2Customs",
        "1ParcelsTracking",
        "Source 1: Parcels, Tracking",
    ]
    keys.press("Escape")
    expect(widget.page.get_by_role("dialog")).to_have_count(0)
    assert module_page.evaluate(FOCUSED) == "Open chat"


def test_enter_belongs_to_the_input_method_while_it_composes(widget: WidgetPage) -> None:
    widget.field.fill("にほん")
    widget.field.evaluate(
        "(node, event) => node.dispatchEvent(new KeyboardEvent('keydown', event))",
        {"key": "Enter", "isComposing": True, "bubbles": True},
    )
    expect(widget.field).to_have_value("にほん")
    widget.field.press("Enter")
    expect(widget.field).to_have_value("")


def test_finished_messages_are_announced_once_and_tokens_are_not(widget: WidgetPage) -> None:
    live = widget.page.locator("answerdesk-widget .unseen[aria-live='polite']")
    widget.ask("Where?")
    turn = widget.chat.open_turn
    widget.chat.progress("answer.delta", turn=turn, offset=0, text="It is")
    expect(widget.thread).to_contain_text("It is")
    expect(live).to_be_empty()
    widget.chat.answer("It is **there**.")
    expect(live).to_have_text("Shop help: It is there.")
    widget.chat.events.clear()
    widget.press("New conversation")
    expect(live).to_be_empty()


def test_history_is_not_announced_when_the_page_loads(widget: WidgetPage) -> None:
    widget.ask("Where?")
    widget.chat.answer("There.")
    widget.load().ready()
    expect(widget.thread).to_contain_text("There.")
    expect(widget.page.locator("answerdesk-widget .unseen[aria-live='polite']")).to_be_empty()


def test_a_phone_gets_the_whole_screen_and_tab_stays_inside(widget: WidgetPage) -> None:
    widget.page.set_viewport_size({"width": 360, "height": 640})
    covers = """() => {
      const box = document.querySelector("answerdesk-widget").panel.getBoundingClientRect();
      return box.x === 0 && box.y === 0 && box.width === 360 && box.height === 640;
    }"""
    widget.page.wait_for_function(covers)
    for _ in range(12):
        widget.page.keyboard.press("Tab")
        assert widget.page.evaluate(FOCUSED) is not None


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_long_words_and_wide_tables_never_widen_the_panel(widget: WidgetPage, width: int) -> None:
    widget.page.set_viewport_size({"width": width, "height": 700})
    long_word = "Donaudampfschifffahrtsgesellschaft" * 6
    table = f"| a | b | c | d |\n|---|---|---|---|\n| {long_word} | {long_word} | x | y |"
    source = {**SOURCES[0], "title": long_word, "heading": long_word}
    widget.ask(long_word)
    widget.chat.answer(f"{long_word}\n\n{table}\n\n```\n{long_word * 3}\n```", sources=[source])
    expect(widget.thread.locator("table")).to_be_visible()
    assert widget.thread.evaluate("(node) => node.scrollWidth - node.clientWidth") == 0
    assert widget.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_draft_survives_a_reload(widget: WidgetPage) -> None:
    widget.field.fill("Half a thought")
    widget.load()
    expect(widget.field).to_have_value("Half a thought")
