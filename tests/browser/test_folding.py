"""What of a thread is folded away: nothing that a person has still to answer."""

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LOAD = """async () => { window.F = await import("/static/desk/folding.js"); }"""
SHOWN = """(entries) =>
  F.segments(entries).filter(({ fold }) => !fold).flatMap((shown) => shown.entries.map(({ text }) => text))"""

TOOK_OVER = {"kind": "status", "status": "agent", "text": "took over"}
ANSWERED = [("customer", "How do I start?", ""), ("assistant", "Open the settings.", "answer")]


@pytest.fixture
def folding(module_page: Page) -> Page:
    module_page.evaluate(LOAD)
    return module_page


def said(*messages: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"kind": "message", "role": role, "text": text, "decision": decision} for role, text, decision in messages]


def shown(folding: Page, entries: list[dict[str, Any]]) -> list[str]:
    words: list[str] = folding.evaluate(SHOWN, entries)
    return words


def test_what_the_assistant_settled_is_folded_but_for_the_question_that_it_ends_with(folding: Page) -> None:
    asked = ("customer", "That did not help", "")
    assert shown(folding, [*said(*ANSWERED, asked), TOOK_OVER]) == ["That did not help", "took over"]
    assert shown(folding, said(*ANSWERED, asked)) == [text for _, text, _ in [*ANSWERED, asked]]


@pytest.mark.parametrize("bringing", [("assistant", "I ask a person.", "escalate"), ("system", "Nobody is here.", "")])
def test_what_was_written_since_a_person_was_brought_is_shown(folding: Page, bringing: tuple[str, str, str]) -> None:
    asked, *more = [("customer", words, "") for words in ("A person, please", "My number is 4711", "It is urgent")]
    left = [asked, bringing, *more]
    assert shown(folding, [*said(*ANSWERED, *left), TOOK_OVER]) == [*(text for _, text, _ in left), "took over"]


def test_who_is_back_with_the_assistant_and_left_again_leaves_the_last_question(folding: Page) -> None:
    back = {"kind": "status", "status": "assistant", "text": "back"}
    again = ("system", "Please write again.", "")
    asked = ("customer", "And now?", "")
    entries = [TOOK_OVER, back, *said(again, *ANSWERED, asked), TOOK_OVER]
    assert shown(folding, entries) == ["took over", "And now?", "took over"]
