"""What a question asks of articles: one thing under one name."""

import pytest

from assistant.llm.extracts import Reading, named
from assistant.llm.passages import compose
from assistant.llm.wanted import wanted_in

LOGS = "The product writes its logs to a folder of its own, a file for each process. Seven days of them are kept."
ENTRY = "Open the address of the desk. Enter your name and your password. Then press the button to see what waits."
READINGS = [
    Reading(ENTRY, 0, len(ENTRY), "Log in to the desk and change your password", 0.0),
    Reading(LOGS, 0, len(LOGS), "Read the logs", -0.4),
]


@pytest.mark.parametrize("question", ["How do I log in?", "login", "signing into the desk"])
def test_a_verbs_little_word_is_part_of_what_is_asked(question):
    wanted = wanted_in(question, [(reading.text, "en") for reading in READINGS])
    assert named("Log in to the desk", wanted) > named("Read the logs", wanted) == 0
    assert compose(question, READINGS).text.startswith("Open the address")


@pytest.mark.parametrize(
    ("message", "spoken", "how"),
    [
        ("avrdude: stk500_recv(): programmer out of sync", "en", True),
        ("unknown device in the board selector", "en", True),
        ("giga led blinking red", "en", True),
        ("LED blinkt rot", "de", True),
        ("LED が 赤く 点滅する", "ja", True),
        ("What is a pre-order?", "en", False),
        ("which boards have wifi", "en", False),
        ("how many boards are there", "en", False),
        ("how does the assistant think", "en", False),
        ("Was ist eine Vorbestellung", "de", False),
        ("LED は何色ですか", "ja", False),
    ],
)
def test_a_statement_asks_what_to_do_and_a_question_of_another_kind_does_not(message, spoken, how):
    assert wanted_in(message, [("An article.", "en")], spoken).how == how
