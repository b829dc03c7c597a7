"""With the check afterwards, a sentence is shown word by word as long as it begins like one of the passages."""

import asyncio
import re

import pytest
from hypothesis import given, settings

from assistant.answering.cleaned import Cleaned
from assistant.answering.clock import Clock
from assistant.answering.model_check import ModelCheck
from assistant.answering.release import Evidence
from assistant.answering.writing import Writing
from assistant.answers import Delta
from assistant.states import Grounding
from tests.answering.evidence import COUNTRIES, RETURNS, evidence, passage
from tests.answering.test_grounding_properties import text

HELD = (
    "To reset the board, hold the RESET button for ten seconds. Do not unplug it. A board has two lamps. Pay -5 euro."
)


def early(said: str) -> str:
    release = Cleaned(Evidence("How do I reset it?", [passage(HELD)]))
    for letter in said:
        release.add(letter)
    return release.early


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("To reset the board, hold the RESET but", "To reset the board, hold the RESET"),
        ("to reset the board, hold ", "to reset the board, hold"),
        ("To reset the board hold ", "To reset the"),
        ("Pay 5 ", "Pay"),
        ("2 ", ""),
        ("1. To reset ", "1. To reset"),
        ("- A board ", "- A board"),
        ("1. ", ""),
        ("To reset your board ", "To reset"),
        ("Reset the board ", ""),
        ("Do not unplug ", "Do not unplug"),
        ("Unplug it ", ""),
        ("A board [has](https://evil.example) two ", "A board"),
        ("A **board** has ", "A"),
        ("A board has two lamps.", "A board has two"),
        ("NO ANSWER ", ""),
    ],
)
def test_a_sentence_is_shown_before_it_is_whole_as_far_as_it_begins_like_a_passages(said, shown):
    assert early(said) == shown


def test_what_may_be_said_again_waits():
    release = Cleaned(Evidence("How do I reset it?", [passage(HELD)]))
    assert release.add("A board has two lamps. A board ")
    release.take()
    assert release.early == ""
    release = Cleaned(Evidence("How do I reset it?", [passage(f"{HELD} A board has a lid.")]))
    release.add("A board has two lamps. - A board ")
    release.take()
    assert release.early == ""
    release.add("has a ")
    assert release.early == "- A board has a"


def pieces(said: str) -> list[str]:
    """A word each, with the white space after it."""
    return re.findall(r"\S+\s*|\s+", said)


def deltas(said: str, held: Evidence) -> list[Delta]:
    """What is sent of a text that comes word by word."""
    sent: list[Delta] = []

    async def run() -> None:
        async def hear(event: object) -> None:
            assert isinstance(event, Delta)
            sent.append(event)

        ready = asyncio.get_running_loop().create_future()
        ready.set_result(held)
        check = ModelCheck(None, "", lambda: 9.0)
        writing = Writing(ready, Grounding.AFTER, check, hear, Clock(9.0))  # type: ignore[arg-type]
        offset = 0
        for piece in pieces(said):
            await writing.take(offset, piece)
            offset += len(piece)
        await writing.finish()

    asyncio.run(run())
    return sent


def shown(sent: list[Delta]) -> str:
    """What a customer sees in the end: each delta goes on from what is there, or starts anew."""
    seen = ""
    for delta in sent:
        assert delta.offset in (0, len(seen))
        seen = seen[: delta.offset] + delta.text
    return seen


def test_what_was_shown_of_a_sentence_that_is_not_let_through_is_taken_back():
    held = Evidence("How do I reset it?", [passage(HELD)])
    sent = deltas(
        "A board has two lamps [1]. To reset the songs of pirates, sing loud ones of unpaid invoices [1].", held
    )
    assert "To reset the" in "".join(delta.text for delta in sent)
    assert shown(sent).strip() == "A board has two lamps [1]."


@settings(max_examples=60, deadline=None)
@given(text)
def test_shown_early_or_late_a_text_is_the_same_and_early_words_are_a_passages(said):
    held = evidence()
    whole, let_through = Cleaned(held), ""
    for piece in pieces(said):
        let_through += whole.take() if whole.add(piece) else ""
    assert shown(deltas(said, held)) == let_through + whole.close()
    release = Cleaned(held)
    for letter in said:
        if release.add(letter):
            release.take()
        begun = re.sub(r"^\s*(?:-|\d+\.)\s", "", release.early).lower().split()
        assert not begun or any(passage.lower().find(" ".join(begun)) >= 0 for passage in (RETURNS, COUNTRIES))
        assert not re.search(r"[\[\]()<>!`|#]", release.early)


def test_the_numbers_of_steps_stay_before_them():
    held = Evidence("How do I reset it?", [passage("1. Hold the RESET button.\n2. Do not unplug the board.")])
    said = "1. Hold the RESET button [1].\n2. Do not unplug the board [1].\n"
    assert shown(deltas(said, held)) == said
