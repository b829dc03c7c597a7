"""One sentence asks, the others chat: what is looked up alone, and when that answers."""

import pytest

from assistant.answering import narrowing
from assistant.states import Decision


def test_each_sentence_with_something_to_look_up_stands_alone():
    message = "Hiya! We got a puppy last week. How do I reset my board? Thanks!"
    assert narrowing.sentences(message) == ["We got a puppy last week.", "How do I reset my board?"]


@pytest.mark.parametrize(
    "message",
    [
        "How do I reset my board?",
        "My board blinks. " + "I have tried all that I could think of, and nothing helped. " * 6,
        "It blinks twice. " * 7,
    ],
)
def test_one_sentence_and_a_whole_case_are_not_taken_apart(message):
    assert narrowing.sentences(message) == []


def test_a_sentence_that_goes_on_with_the_one_before_does_not_stand_alone():
    message = "The page stays blank. This doesn't happen with Chrome. Can I run it on Windows?"
    assert narrowing.sentences(message) == ["The page stays blank.", "Can I run it on Windows?"]


def test_what_is_asked_among_small_talk_is_answered(ask):
    talk = (
        "Hiya, hope the week is treating you kindly! We moved house recently and everything is upside down. {} "
        "Sending a big hug from Lisbon."
    )
    answer, _ = ask(talk.format("How do I reset my board?"))
    assert (answer.decision, [source.article for source in answer.sources]) == (Decision.ANSWER, ["reset-board"])
    assert answer.explanation["lookup"]["text"] == "How do I reset my board?"
    answer, _ = ask(talk.format("Where can I buy a boat?"))
    assert answer.decision is Decision.ABSTAIN
