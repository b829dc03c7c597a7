"""The page `try a question`: an answer laid open as the desk lays open one that was given."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assistant.answers import AnswerUnavailable
from assistant.insights import trial
from assistant.models import Conversation, Turn
from knowledge.indexing import index_documents
from tests.answering.conftest import RESET, SHIPPING
from tests.knowledge.library import article


@pytest.fixture
def board(transactional_db: None) -> None:
    index_documents([article("reset-board", RESET, slug="default")])


def tried(office: Client, question: str) -> str:
    asked = {"question": question, "collection": "default", "locale": "en"}
    return office.post(reverse("insights:try"), asked).content.decode()


def test_a_tried_question_shows_the_whole_way_to_its_answer(board: None, office: Client) -> None:
    page = tried(office, "How do I reset my board?")
    for words in (
        'data-decision="answer"',
        "reaches the threshold of 0.",
        "Nearness in meaning of the best passage",
        '<mark title="Quoted as [1]">',
        "cited as [1]",
        "Why these words",
        "Candidates of the search",
        "passage 1",
        "Calibration",
    ):
        assert words in page, words


def test_the_sidebar_says_which_page_is_open(office: Client) -> None:
    page = office.get(reverse("insights:try")).content.decode()
    assert re.findall(r'href="([^"]*)" aria-current="page"', page) == [reverse("insights:try")]


def test_each_question_of_a_message_shows_what_was_looked_up_for_it(board: None, office: Client) -> None:
    index_documents([article("shipping", SHIPPING, slug="default")])
    page = tried(office, "How do I reset my board? Which countries do you ship to?")
    looked_up = page.partition("<dt>Looked up</dt><dd>")[2].partition("</dd>")[0]
    assert looked_up == "<div>How do I reset my board?</div><div>Which countries do you ship to?</div>"


def test_a_follow_up_is_tried_after_what_was_asked_before(board: None, office: Client) -> None:
    index_documents([article("shipping", SHIPPING, slug="default")])
    settings = {"collection": "default", "locale": "en"}
    first = office.post(reverse("insights:try"), {"question": "How much is shipping to Italy?", **settings})
    so_far = first.context["so_far"]
    fresh = office.post(reverse("insights:try"), {"step": "go on", "so_far": so_far, "question": "old", **settings})
    assert "How much is shipping to Italy?" in fresh.content.decode()
    assert 'data-decision="' not in fresh.content.decode()
    asked = {"question": "and to Norway?", "earlier": fresh.context["form"]["earlier"].value(), **settings}
    page = office.post(reverse("insights:try"), asked).content.decode()
    assert "words of the questions before it were added" in page
    assert "words of the questions before it were added" not in tried(office, "and to Norway?")
    cleared = office.post(reverse("insights:try"), {**asked, "step": "clear"}).content.decode()
    assert "Italy" not in cleared
    broken = office.post(reverse("insights:try"), {**asked, "earlier": "[1]"}).content.decode()
    assert "could not be read" in broken


def test_a_link_fills_in_its_question_and_leaves_the_asking_to_a_button(board: None, office: Client) -> None:
    named = {"question": "How do I reset my board?", "collection": "default"}
    page = office.get(reverse("insights:try"), named).content.decode()
    assert "How do I reset my board?" in page
    assert 'data-decision="' not in page
    assert re.search(r'<button type="submit" class="ad-button"[^>]*autofocus', page)
    assert "autofocus" not in office.get(reverse("insights:try")).content.decode()
    assert 'data-decision="answer"' in office.post(reverse("insights:try"), named).content.decode()


def test_the_languages_of_the_articles_can_be_chosen(board: None, office: Client) -> None:
    index_documents([article("odznova", "Reset.", slug="default", locale="cs")])
    page = office.get(reverse("insights:try")).content.decode()
    assert re.findall(r'<option value="([^"]*)" ?(?:selected)?>(?:From the question|Czech|German)</option>', page) == [
        "",
        "cs",
        "de",
    ]
    asked = {"question": "How do I reset my board?", "collection": "default", "locale": "xx"}
    assert 'data-decision="' not in office.post(reverse("insights:try"), asked).content.decode()


def test_a_tried_question_is_not_kept(board: None, office: Client) -> None:
    tried(office, "How do I reset my board?")
    assert not Turn.objects.exists()
    assert not Conversation.objects.exists()


def test_what_is_not_there_shows_by_how_much(board: None, office: Client) -> None:
    page = tried(office, "What is the capital of Mongolia?")
    assert 'data-decision="abstain"' in page
    assert "is below the threshold of 0." in page


def test_what_a_model_did_not_find_is_no_question_of_the_confidence(
    model_server: Any, board: None, office: Client
) -> None:
    model_server.set(behaviour="unknown")
    page = tried(office, "How do I reset my board?")
    assert 'data-decision="abstain"' in page
    assert ", but no answer was given: the model found no answer in the passages." in page


def test_the_focus_is_where_something_came_of_the_question(board: None, office: Client) -> None:
    address = reverse("insights:try")
    page = tried(office, "How do I reset my board?")
    assert page.count("autofocus") == 1
    assert re.search(r'<section class="ad-result" tabindex="-1" autofocus[^>]*>\s*<div class="how">', page)
    for posted in ({"collection": "default"}, {"collection": "default", "step": "clear"}):
        page = office.post(address, posted).content.decode()
        assert page.count("autofocus") == 1
        assert re.search(r'<textarea name="question"[^>]*autofocus', page)


def test_the_focus_is_at_what_went_wrong(board: None, office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(question: object) -> None:
        raise AnswerUnavailable("the database is away")

    monkeypatch.setattr(trial, "ask", away)
    page = tried(office, "How do I reset my board?")
    assert re.search(r'<p [^>]*role="alert" tabindex="-1" autofocus>No answer could be made', page)
