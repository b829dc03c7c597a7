"""The page that tells how an answer was made."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from assistant.answering import outcomes
from assistant.answering.asking import ask as ask_and_keep
from assistant.models import Completion, Message, Turn, Widget
from assistant.states import Role
from knowledge.indexing import index_documents
from tests.answering.conftest import RESET, SHIPPING
from tests.cast import make_widget
from tests.desk import scenes
from tests.knowledge.library import article
from tests.model_server.running import RunningModelServer

LONG = "Read the manual first. " * 8


@pytest.fixture
def shop(transactional_db: None) -> None:
    index_documents([article("reset-board", RESET), article("shipping", SHIPPING, title="Shipping and returns")])


def page_of(desk: Client, turn_id: str | None) -> str:
    turn = Turn.objects.get(pk=turn_id)
    answer = desk.get(f"/desk/c/{turn.conversation_id}/turns/{turn.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def in_short(desk: Client, turn_id: str | None) -> str:
    turn = Turn.objects.get(pk=turn_id)
    address = f"/desk/c/{turn.conversation_id}/turns/{turn.pk}/"
    return desk.get(address, headers={"HX-Request": "true"}).content.decode()


def tells(page: str, *words: str) -> None:
    for each in words:
        assert each in page, each


def test_the_page_tells_the_whole_way_to_the_answer(shop: None, desk: Client) -> None:
    asked = ask_and_keep("How do I reset my board?", "shop")
    page = page_of(desk, asked.turn)
    tells(
        page,
        "How this was answered",
        "How do I reset my board?",
        "Answered",
        "Quoted from the help centre",
        f"{asked.answer.confidence:.2f} reaches the threshold of 0.",
        "Nearness in meaning of the best passage",
        "Why these words",
        "Candidates of the search",
        "passage 1",
        "+ ",
        "revision 1, characters 0 to",
        "cited as [1]",
        "Reranker",
        str(asked.turn),
    )
    quote = asked.answer.sources[0].quote.splitlines()[0]
    words = quote.split("**")[0].split(". ", 1)[-1]
    assert f'<mark title="Quoted as [1]">{words}' in page
    assert "**RESET**" not in page
    tells(page, "answers only when sure enough", "1.1 unneeded handoffs, as recommended<")


def test_a_page_does_not_begin_with_a_focused_link(shop: None, desk: Client) -> None:
    assert "autofocus" not in page_of(desk, ask_and_keep("How do I reset my board?", "shop").turn)


def test_candidates_after_the_tenth_are_folded(shop: None, desk: Client) -> None:
    index_documents([article(f"board-{n}", f"How to reset board {n}: press its button {n}.") for n in range(12)])
    page = page_of(desk, ask_and_keep("How do I reset my board?", "shop").turn)
    shown, _, folded = page.partition('<details class="how-more">')
    assert "<td>10</td>" in shown
    assert "<td>11</td>" not in shown
    assert "<td>11</td>" in folded


def test_the_page_tells_of_each_question_of_a_message(shop: None, desk: Client) -> None:
    asked = ask_and_keep("How do I reset my board? What is the capital of Mongolia?", "shop")
    page = page_of(desk, asked.turn)
    tells(
        page,
        "The message holds 2 questions",
        "Question 1: How do I reset my board?",
        "Question 2: What is the capital of Mongolia?",
        "Not found",
        "Passages read for question 1",
        "Candidates of the search for question 2",
        "cited as [1]",
    )


def test_a_follow_up_says_why_another_question_was_looked_up(shop: None, desk: Client) -> None:
    first = ask_and_keep("How much is shipping to Italy?", "shop")
    second = ask_and_keep("and to Norway?", "shop", first.conversation)
    page = page_of(desk, second.turn)
    assert second.answer.question.replace("'", "&#x27;") in page
    assert "words of the questions before it were added" in page


def test_a_mistyped_word_is_told_with_what_it_was_read_as(shop: None, desk: Client) -> None:
    read = "Read “resset” as “reset”."
    assert read in page_of(desk, ask_and_keep("How do I resset my board?", "shop").turn)
    assert "Read “" not in page_of(desk, ask_and_keep("How do I reset my board?", "shop").turn)


def test_an_abstention_says_by_how_much(shop: None, desk: Client) -> None:
    asked = ask_and_keep("What is the capital of Mongolia?", "shop")
    page = page_of(desk, asked.turn)
    assert "Not known" in page
    assert f"{asked.answer.confidence:.2f} is below the threshold of 0." in page
    assert "cited as" not in page


def test_what_a_model_did_not_find_is_no_question_of_the_confidence(
    model_server: Any, shop: None, desk: Client
) -> None:
    model_server.set(behaviour="unknown")
    asked = ask_and_keep("How do I reset my board?", "shop")
    page = page_of(desk, asked.turn)
    rule = "the model found no answer in the passages"
    tells(page, f"{asked.answer.confidence:.2f} reaches the threshold of 0.", f", but no answer was given: {rule}.")
    assert "were taken to hold the answer" not in page
    assert f"<dt>Because of</dt><dd>{rule}</dd>" in in_short(desk, asked.turn)
    again = ask_and_keep("How do I reset my board?", "shop", asked.conversation)
    tells(in_short(desk, again.turn), "second failure in a row", f"<dt>Of the articles</dt><dd>{rule}</dd>")
    tells(page_of(desk, again.turn), f", but no answer was given: {rule}.")


def test_questions_of_a_message_with_nothing_to_quote_are_not_answered(
    shop: None, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "quoted_in_parts", lambda *_: None)
    page = page_of(desk, ask_and_keep("How do I reset my board? How much is shipping to Norway?", "shop").turn)
    assert page.count(">Not answered<") == page.count(f"but no answer was given: {outcomes.NOTHING_TO_QUOTE}.") == 2


def test_small_talk_needs_no_table(shop: None, desk: Client) -> None:
    page = page_of(desk, ask_and_keep("thanks", "shop").turn)
    assert "Nothing: the words alone decided" in page
    assert "<dt>Rule</dt><dd>sentence read as" in page
    assert "Candidates of the search" not in page


def test_a_models_answer_shows_checks_and_what_was_dropped(model_server: object, shop: None, desk: Client) -> None:
    asked = ask_and_keep("How do I reset my board?", "shop")
    turn = Turn.objects.get(pk=asked.turn)
    dropped = {"sentence": "It costs 5 EUR.", "cited": [1], "shown": False, "why": "number", "score": 0.1}
    turn.explanation["sentences"].append(dropped)
    turn.save()
    page = page_of(desk, asked.turn)
    tells(
        page,
        "small-model",
        "Checks of the model",
        "Dropped",
        "It costs 5 EUR.",
        "Prompt, system",
        "wrote",
        "Shown",
    )


@pytest.mark.parametrize(
    ("text", "behaviour", "model"),
    [
        ("How do I reset my board?", None, "None: quoted from articles"),
        ("What is the capital of Mongolia?", None, "None: a set text"),
        ("I want to talk to a person", None, "None: a set text"),
        ("thanks", None, "None: a set text"),
        ("How do I reset my board?", "answer", "small-model"),
        ("How do I reset my board?", "unknown", "None: nothing of what small-model wrote is shown"),
        ("How do I reset my board?", "plain", "None: quoted from articles"),
    ],
)
def test_the_pages_tell_who_wrote_the_answer(
    model_server: Any, settings: Any, shop: None, desk: Client, text: str, behaviour: str | None, model: str
) -> None:
    settings.GENERATIVE = behaviour is not None
    if behaviour not in (None, "answer"):
        model_server.set(behaviour=behaviour)
    turn = ask_and_keep(text, "shop").turn
    assert f"<dt>Model</dt><dd>{model}</dd>" in page_of(desk, turn)
    assert f"<dt>Model</dt><dd>{model}</dd>" in in_short(desk, turn)


def test_of_a_turn_that_was_stopped_nobody_is_named(widget: Widget, desk: Client) -> None:
    conversation = scenes.waiting(widget)
    assert "<dt>Model</dt>" not in in_short(desk, str(Turn.objects.get(conversation=conversation).pk))


def test_the_page_tells_the_widgets_own_cost_of_a_wrong_answer(shop: None, desk: Client) -> None:
    site = make_widget("shop")
    recommended = page_of(desk, ask_and_keep("How do I reset my board?", "shop").turn)
    assert "<dt>A wrong answer costs</dt><dd>1.1 unneeded handoffs, as recommended</dd>" in recommended
    site.wrong_answer_cost = 99
    site.save()
    asked = ask_and_keep("How do I reset my board?", "shop")
    page = page_of(desk, asked.turn)
    assert "<dt>A wrong answer costs</dt><dd>99 unneeded handoffs, as its widget says</dd>" in page
    assert f"{asked.answer.confidence:.2f} is below the threshold of 0.99" in page
    assert "where 0.99 is needed (a wrong answer costs 99 unneeded handoffs)" in in_short(desk, asked.turn)


def test_a_turn_without_an_answer_says_so(widget: Widget, desk: Client) -> None:
    conversation = scenes.waiting(widget)
    turn = Turn.objects.get(conversation=conversation)
    assert "No answer was given" in page_of(desk, str(turn.pk))


def test_an_answer_from_before_records_were_whole_shows_what_there_is(shop: None, desk: Client) -> None:
    asked = ask_and_keep("How do I reset my board?", "shop")
    Turn.objects.filter(pk=asked.turn).update(
        explanation={
            "passages": [
                {"article": "reset-board", "revision": 1, "heading": ["Reset"], "start": 0, "end": 9, "score": 0.5,
                 "dense": 0.5, "lexical": 2.0, "text": "To reset "}
            ],
            "confidence": {"value": 0.9, "threshold": 0.4, "dense": 0.5},
            "prompt": [],
            "sentences": [],
        }
    )  # fmt: skip
    page = page_of(desk, asked.turn)
    assert "given before all of this was kept" in page
    assert "To reset " in page


def test_nothing_that_was_written_becomes_markup(shop: None, desk: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    index_documents([article("evil", f"How to reset evil: {evil} {LONG}", title=f"Evil {evil}")])
    asked = ask_and_keep(f"How do I reset evil? {evil}", "shop")
    Message.objects.filter(turn=asked.turn, role=Role.ASSISTANT).update(text=evil)
    assert "<img" not in page_of(desk, asked.turn)


def test_the_thread_still_shows_it_in_short(shop: None, desk: Client) -> None:
    asked = ask_and_keep("How do I reset my board?", "shop")
    part = in_short(desk, asked.turn)
    assert "<html" not in part
    assert "Candidates" not in part


def test_calls_that_failed_are_told_with_how_and_a_model_that_was_skipped_with_why(
    shop: None, desk: Client, model_server: RunningModelServer
) -> None:
    model_server.set(fault="500")
    pages = [page_of(desk, ask_and_keep("How do I reset my board?", "shop").turn) for _ in range(3)]
    tells(pages[0], "small-model: HTTP 500: the server failed, 2 times", "None: quoted from articles")
    tells(pages[0], "<td>HTTP 500: the server failed</td>")
    assert "Not asked" not in pages[0]
    tells(pages[2], "<dt>Not asked</dt>", "small-model: its last calls had failed")
    assert "<dt>Failed</dt>" not in pages[2]
    assert set(Completion.objects.values_list("outcome", "status")) == {("overloaded", 500)}


def test_an_answer_by_a_fallback_tells_how_the_first_model_failed(
    shop: None, desk: Client, model_server: RunningModelServer, settings: Settings
) -> None:
    settings.LLM_MODEL, settings.LLM_FALLBACK_MODELS = "echo+401", ["second"]
    page = page_of(desk, ask_and_keep("How do I reset my board?", "shop").turn)
    tells(page, "<dd>second</dd>", "echo+401: HTTP 401: the key was refused<")
