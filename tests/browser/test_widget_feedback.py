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


def test_a_rating_that_cannot_be_kept_now_is_given_again_by_itself(widget: WidgetPage) -> None:
    widget.ask("Where?")
    message = widget.chat.answer("There [1].", sources=SOURCES)
    widget.page.clock.install()
    widget.press("Yes, helpful")
    widget.heard("feedback.send")
    widget.chat.progress("error", code="unavailable", message="Not now.")
    widget.page.wait_for_timeout(200)
    widget.page.clock.run_for(4_000)
    assert [frame["rating"] for frame in widget.heard("feedback.send", 2)] == [1, 1]
    widget.chat.progress("feedback.saved", message=message, rating=1)
    expect(widget.thread).to_contain_text("Thank you, noted.")
    widget.chat.progress("error", code="unavailable", message="Not now.")  # of something else
    widget.page.wait_for_timeout(200)
    widget.page.clock.run_for(4_000)
    assert len(widget.chat.said("feedback.send")) == 2


def test_a_rating_that_is_refused_is_not_given_again(widget: WidgetPage) -> None:
    widget.ask("Where?")
    widget.chat.answer("There [1].", sources=SOURCES)
    widget.press("Yes, helpful")
    widget.heard("feedback.send")
    widget.chat.progress("error", code="not_found", message="There is no such message.")
    widget.chat.cut()
    widget.heard("hello", 2)
    widget.ready()
    assert len(widget.chat.said("feedback.send")) == 1


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
