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
