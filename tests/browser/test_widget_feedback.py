"""A customer says whether an answer helped, and what was missing."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WidgetPage

pytestmark = pytest.mark.browser

SOURCES = [{"n": 1, "article": "a", "title": "Parcels", "heading": "", "url": "/help/default/a", "quote": "q"}]


def test_feedback_is_asked_for_after_an_answer_and_a_low_one_may_say_why(widget: WidgetPage) -> None:
    widget.ask("Where?")
    message = widget.chat.answer("There [1].", sources=SOURCES)
    widget.press("No, not helpful")
    widget.heard("feedback.send")
    widget.chat.progress("feedback.saved", message=message, rating=-1)
    widget.page.get_by_label("What was missing?").fill("The street")
    widget.press("Send comment")
    expect(widget.thread).to_contain_text("Thank you, noted.")
    ratings = [(frame["rating"], frame["comment"]) for frame in widget.heard("feedback.send", 2)]
    assert ratings == [(-1, None), (-1, "The street")]


def test_a_rating_is_still_there_after_a_reload(widget: WidgetPage) -> None:
    widget.ask("Where?")
    message = widget.chat.answer("There [1].", sources=SOURCES)
    widget.press("Yes, helpful")
    widget.chat.progress("feedback.saved", message=message, rating=1)
    expect(widget.thread).to_contain_text("Thank you, noted.")
    widget.load()
    expect(widget.thread).to_contain_text("Thank you, noted.")
    expect(widget.page.get_by_role("button", name="Yes, helpful")).to_have_attribute("aria-pressed", "true")
    widget.press("No, not helpful")
    assert [frame["rating"] for frame in widget.heard("feedback.send", 2)] == [1, -1]


def test_a_comment_that_was_sent_is_not_asked_for_again_after_a_reload(widget: WidgetPage) -> None:
    widget.ask("Where?")
    message = widget.chat.answer("There [1].", sources=SOURCES)
    widget.press("No, not helpful")
    widget.chat.progress("feedback.saved", message=message, rating=-1)
    widget.page.get_by_label("What was missing?").fill("The street")
    widget.press("Send comment")
    widget.heard("feedback.send", 2)
    widget.chat.progress("feedback.saved", message=message, rating=-1)
    expect(widget.thread).to_contain_text("Thank you, noted.")
    remembered = f"localStorage.getItem('answerdesk:wk_test:commented')?.includes('{message}')"
    widget.page.wait_for_function(remembered)
    widget.load()
    expect(widget.thread).to_contain_text("Thank you, noted.")
    expect(widget.page.get_by_label("What was missing?")).to_have_count(0)
