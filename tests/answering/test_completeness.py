"""An answer does not stand without the step, the exception or the condition that was dropped of it."""

import pytest

from assistant.answering.grounding import ground
from assistant.answering.release import Evidence
from assistant.answers import Delta
from assistant.states import Decision, Grounding
from tests.answering.evidence import passage
from tests.model_server import behaviours

RULES = """You can return an order within 30 days. Underwear is excluded from returns. Refunds take two weeks.

1. Unplug the cable.
2. Wait until the light is off.
3. Press the button.
"""
STEPS = """To reset your board, follow these steps [1]:

1. Unplug the USB cable [1].
2. Wait 90 minutes until the blue light is off [1].
3. Plug the cable in again while you hold it [1].
"""


def incomplete(answer: str) -> bool:
    grounded = ground(answer, Evidence("How?", [passage(RULES, title="Returns and resets")]))
    assert grounded.text
    return grounded.incomplete


@pytest.mark.parametrize(
    "answer",
    [
        "1. Unplug the cable [1].\n2. Wait 90 minutes for the light [1].\n3. Press the button [1].",
        "1. Sing a song to the light [1].\n2. Press the button [1].",
        "- Unplug the cable [1].\n- Press the button.\n- Sing a song to the light [9].",
        "1. Unplug the cable. Wait 90 minutes for the light [1].\n2. Press the button [1].",
        "You can return an order within 30 days [1]. Underwear is excluded after 5 days [1].",
        "You can return an order within 30 days [1].\n\nReturns are free unless it is underwear [1].",
        "Underwear is accepted for returns [1]. You can return an order within 30 days [1].",
    ],
)
def test_a_step_or_a_qualification_that_is_dropped_is_missed(answer: str) -> None:
    assert incomplete(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "1. Unplug the cable [1].\n2. Wait until the light is off [1].\n3. Press the button [1].",
        "Refunds take two weeks [1]. Our founder Alfred likes cats [1].",
        "Refunds take two weeks [1]. Our founder Alfred never feeds cats [1].",
        "You can return an order within 30 days [1]. Refunds do not take two weeks [1].",
        "1. Unplug the cable [1].\n2. Press the button [1].\n\nRefunds take nine weeks [1].",
        "Refunds take two weeks [1].\n\n- Our founder Alfred likes cats [1].",
        "1. Unplug the cable [1].\n2. Press the button [1].\n3. Enjoy!",
        "- Unplug the cable [1].\n- Press the button [1].\n- If this does not help, contact our support.",
    ],
)
def test_what_does_not_belong_to_the_rest_is_not_missed(answer: str) -> None:
    assert not incomplete(answer)


@pytest.mark.parametrize("grounding", Grounding)
def test_steps_that_lost_one_are_quoted_instead(model_server, ask, monkeypatch, grounding):
    monkeypatch.setitem(behaviours.BEHAVIOURS, "echo", lambda prompt: STEPS)
    answer, events = ask("How do I reset my board?", grounding=grounding)
    assert (answer.decision, answer.model) == (Decision.ANSWER, None)
    assert answer.reason == "part of the model's text was not backed"
    assert "RESET" in answer.text
    assert "90 minutes" not in answer.text
    said = "".join(event.text for event in events if isinstance(event, Delta))
    if grounding is Grounding.BEFORE:
        assert "Unplug" in said
        assert "Plug the cable in again" not in said
