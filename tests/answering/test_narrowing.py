"""One sentence asks, the others chat: what is looked up alone, and when that answers."""

from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError

from assistant.answering import confidence, figures_in_words, narrowing, pipeline
from assistant.answering.account import account_of
from assistant.answers import Question, Said
from assistant.states import Decision, Role


def test_each_sentence_with_something_to_look_up_stands_alone():
    message = "Hiya! We got a puppy last week. Reset my board. Thanks!"
    assert narrowing.stretches(message) == ["We got a puppy last week.", "Reset my board."]
    assert narrowing.stretches(message.replace("board.", "board, how?")) == ["Reset my board, how?"]


@pytest.mark.parametrize(
    "message",
    [
        "How do I reset my board?",
        "My board blinks. " + "I have tried all that I could think of, and nothing helped. " * 6,
        "It blinks twice. " * 7,
    ],
)
def test_one_sentence_and_a_whole_case_are_not_taken_apart(message):
    assert narrowing.stretches(message) == []


def test_a_sentence_that_goes_on_with_the_one_before_does_not_stand_alone():
    message = "The page stays blank. This doesn't happen with Chrome. Windows shows errors."
    assert narrowing.stretches(message) == ["The page stays blank.", "Windows shows errors."]


@pytest.mark.parametrize(
    ("message", "first"),
    [
        ("I am half asleep. how do i reset my board That would really make my day.", "how do i reset my board"),
        ("so we had a power cut last night and how do i reset my board", "how do i reset my board"),
        ("my tea is cold, can i reset my board because of the storm", "can i reset my board because of the storm"),
        ("Because I moved, can I change my plan? My tea is cold.", "Because I moved, can I change my plan?"),
        ("my tea is cold so how do i reset my board", "how do i reset my board"),
        ("how do i reset my board, when can i change my plan", "how do i reset my board"),
        ("We are a family firm, she in the mornings. reset the board", "reset the board"),
        ("We moved house and reset the board Sending a hug from Lisbon.", "reset the board"),
    ],
)
def test_what_runs_on_without_a_stop_is_taken_apart(message, first):
    assert first in narrowing.stretches(message)
    assert len(narrowing.stretches(message)) <= narrowing.MOST_STRETCHES


@pytest.mark.parametrize(
    ("message", "whole"),
    [
        ("Can I get a refund if I cancel because the product is broken", None),
        ("Can I get a refund if I cancel Because the Product is broken", None),
        ("Why was my last refund denied, since I returned it", None),
        ("Why was my last refund denied, since I returned it?", None),
        ("Am I still charged for the withdrawal though I got no money?", None),
        ("How do I cancel my order? Because it arrived broken.", None),
        ("Can I return my order, if I opened the box", None),
        ("Can I return my order though I opened the box", None),
        ("My tea is cold. Can I return my order since it is broken", "Can I return my order since it is broken"),
        ("My tea is cold. Can I change my plan? Because I moved.", "Can I change my plan? Because I moved."),
    ],
)
def test_a_condition_or_a_reason_belongs_to_its_question(message, whole):
    assert narrowing.stretches(message) == ([whole] if whole else [])


@pytest.mark.parametrize(("confident", "subject", "sure"), [(0.85, 0.5, False), (0.75, 0.9, True), (0.65, 0.9, False)])
def test_a_stretch_has_to_be_sure_and_plainly_about_the_help_centre(confident, subject, sure):
    reading = confidence.Reading(confident, 0.5, {"subject": subject})
    assert (narrowing.surest([reading]) is not None) is sure


def test_the_record_tells_how_the_whole_and_each_stretch_were_read(ask):
    message = "We moved house recently and everything is upside down. {} Sending a big hug from Lisbon."
    answer, _ = ask(message.format("how do i reset my board"))
    kept = answer.explanation["narrowed"]
    assert (kept["sure"], kept["subject"]) == (narrowing.SURE, narrowing.SUBJECT)
    assert kept["whole"]["text"].startswith("We moved house recently")
    assert kept["whole"]["value"] < kept["whole"]["threshold"]
    chosen = kept["stretches"][kept["chosen"]]
    assert (chosen["text"], chosen["value"]) == (answer.question, answer.confidence)
    assert chosen["value"] == max(each["value"] for each in kept["stretches"])
    words = figures_in_words.narrowing_words(kept)
    assert f"As a whole the message reached {kept['whole']['value']:.2f} of {kept['whole']['threshold']:.2f}" in words
    assert f"Answered is “{answer.question}” with {answer.confidence:.2f} and {chosen['subject']:.2f}, which" in words
    assert "a confidence of 0.70 and 0.80 for its subject" in words
    assert account_of(answer).narrowed == words


def test_the_record_tells_that_no_stretch_was_sure(ask):
    answer, _ = ask("I would like to buy a boat. My violin is out of tune today.")
    kept = answer.explanation["narrowed"]
    assert (answer.decision, kept["chosen"], len(kept["stretches"])) == (Decision.ABSTAIN, None, 2)
    assert "2 stretches of it were looked up alone. None reached" in figures_in_words.narrowing_words(kept)


def test_a_widgets_cost_can_ask_for_more_than_a_stretch_needs():
    stretch = {"text": "x", "value": 0.8, "threshold": 0.9, "subject": 0.9}
    kept = {"whole": stretch, "stretches": [stretch], "chosen": None, "sure": 0.7, "subject": 0.8}
    words = figures_in_words.narrowing_words(kept)
    assert "1 stretch of it was looked up alone. None reached a confidence of 0.90" in words


def test_what_is_answered_as_a_whole_is_not_narrowed(ask):
    answer, _ = ask("How do I reset my board? My tea is cold.")
    assert answer.decision is Decision.ANSWER
    assert "narrowed" not in answer.explanation
    assert account_of(answer).narrowed == ""


def test_what_is_asked_among_small_talk_is_answered(ask):
    talk = (
        "Hiya, hope the week is treating you kindly! We moved house recently and everything is upside down. {} "
        "Sending a big hug from Lisbon."
    )
    answer, _ = ask(talk.format("How do I reset my board?"))
    assert (answer.decision, [source.article for source in answer.sources]) == (Decision.ANSWER, ["reset-board"])
    assert answer.explanation["lookup"]["text"] == "How do I reset my board?"
    answer, _ = ask(talk.format("how do i reset my board"))
    assert (answer.decision, [source.article for source in answer.sources]) == (Decision.ANSWER, ["reset-board"])
    answer, _ = ask(talk.format("Where can I buy a boat?"))
    assert answer.decision is Decision.ABSTAIN


@pytest.mark.parametrize(
    "message",
    ["Thanks, I did reset the board. Which opera is on in Lisbon tonight?", "It sings. And in Mongolia?"],
)
def test_what_asks_for_nothing_is_not_answered_in_place_of_what_does(ask, message):
    history = (Said(Role.CUSTOMER, "How do I reset my board?"), Said(Role.ASSISTANT, "Press it."))
    answer, _ = ask(message, history=history)
    assert answer.decision is not Decision.ANSWER


def test_a_further_search_that_fails_changes_nothing_of_what_was_found(shop):
    searches = []

    def once(*asked):
        searches.append(asked)
        if len(searches) > 1:
            raise OperationalError("the database has gone away")
        return pipeline.look_up(*asked)

    async def unheard(event):
        pass

    question = Question("I would like to buy a boat. My violin is out of tune today.", "shop", "en")
    answer = async_to_sync(pipeline.answer)(question, unheard, doors=replace(pipeline.TODAY, look_up=once))
    assert answer.decision is Decision.ABSTAIN
    assert len(searches) > 1
