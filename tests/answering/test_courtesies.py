import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.courtesies import without_courtesies


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Could you please tell me, how do I reset it? Thank you so much in advance!", "how do I reset it?"),
        ("Hello, sorry to bother you. Why is it red? Many thanks!", "Why is it red?"),
        ("Hi there, hope you are having a good day! Where is the button?", "Where is the button?"),
        ("I was wondering if I can return it. No hurry, take your time.", "I can return it."),
        ("How do I export a chat Thank you so much in advance!", "How do I export a chat"),
        ("I hope you are doing well, how do I export a chat?", "how do I export a chat?"),
        ("My weekend was lovely. I've been a customer for years. Where is the button?", "Where is the button?"),
        ("Hallo zusammen! Wo finde ich den Knopf? Vielen Dank. Auf Wiedersehen", "Wo finde ich den Knopf?"),
        ("Dear support team,\nthe light blinks.\n\nKind regards", "the light blinks."),
    ],
)
def test_courtesies_around_a_question_are_left_out(text, asked):
    assert without_courtesies(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "How do I say thank you in a mail?",
        "Can you tell when a letter was read?",
        "What does dear mean in the template?",
        "Error: hello.ino does not compile",
        "Thanks, how do I export invoices to PDF? I use the Mac version.",
        "Thank you but where do I find the API key? I'm an admin.",
        "Where do I edit the Thank you page?",
        "We have been customers for years and our card was declined.",
        "How do I remove Best regards from my signature?",
        "How do I edit Many thanks in the footer?",
        "Thanks!",
        "Hello",
    ],
)
def test_what_is_asked_stays_as_it_is(text):
    assert without_courtesies(text) == text


@given(st.text(max_size=300))
def test_nothing_is_added_and_something_is_left(text):
    left = without_courtesies(text)
    assert left or not text.strip()
    assert len(left) <= len(text)


def test_a_message_is_read_once():
    without_courtesies.cache_clear()
    assert without_courtesies("Hello, how do I reset my board?") == without_courtesies(
        "Hello, how do I reset my board?"
    )
    assert without_courtesies.cache_info().hits == 1
