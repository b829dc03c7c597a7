"""Who is told the steps is told what to know before them, though it stands in a section of its own."""

import pytest

from assistant.llm.cues import cues
from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

STEPS = "1. Connect the board.\n2. Press **Update**."
WARNING = "Never unplug the board: it cannot be repaired."
OTHER = "1. Press both keys.\n2. Wait."


def answer(text, title="Firmware", question="How do I update the firmware?"):
    return compose(question, [Reading(text, 0, len(text), title, 0.0)]).text


@pytest.mark.parametrize(
    "heading", ["Before you start", "Before updating", "Warning", "Important: read this", "CAUTION"]
)
def test_a_warning_before_the_steps_goes_with_them_and_these_keep_their_heading(heading):
    text = f"The firmware runs the board.\n\n## {heading}\n\n{WARNING}\n\n## Steps\n\n{STEPS}\n\n## Versions\n\n1.0."
    assert f"**{heading}**\n\n{WARNING}\n\n**Steps**\n\n{STEPS}" in answer(text, "Update the firmware")


@pytest.mark.parametrize("level", ["##", "###"])
def test_a_warning_right_behind_the_steps_goes_with_them(level):
    text = f"## Update the firmware\n\n{STEPS}\n\n{level} Warning\n\n{WARNING}\n\n## Versions\n\n1.0."
    assert f"{STEPS}\n\n**Warning**\n\n{WARNING}" in answer(text)


def test_a_warning_within_the_task_that_is_asked():
    text = f"## Update the firmware\n\n### Before you start\n\n{WARNING}\n\n### Steps\n\n{STEPS}\n\n## Play\n\n{OTHER}"
    assert WARNING in answer(text)
    assert WARNING not in answer(text, question="How do I play?")


def test_what_warns_of_all_tasks_stands_before_the_first():
    text = f"## Before you start\n\n{WARNING}\n\n## Update the firmware\n\n{STEPS}\n\n## Play music\n\n{OTHER}"
    assert all(
        WARNING in answer(text, question=question) for question in ("How do I update the firmware?", "play music")
    )


def test_what_warns_of_another_task_is_left_out():
    text = f"## Update the firmware\n\n{STEPS}\n\n## Play music\n\n{OTHER}\n\n## Warning\n\n{WARNING}"
    assert WARNING not in answer(text)
    assert WARNING in answer(text, question="How do I play music?")
    before = f"## Before you delete it\n\n{WARNING}\n\n## Update the firmware\n\n{STEPS}"
    assert WARNING not in answer(before)


def test_a_precaution_that_is_nearer_to_the_question_goes_on_to_its_steps():
    remove = f"## Remove a user\n\n### Before you remove a user\n\nMove their files.\n\n### Steps\n\n{STEPS}"
    text = f"## Important\n\n{WARNING}\n\n## Add a user\n\n{OTHER}\n\n{remove}"
    shown = answer(text, "Users", "How do I remove a user?")
    assert f"**Before you remove a user**\n\nMove their files.\n\n**Steps**\n\n{STEPS}" in shown
    assert WARNING in shown
    assert OTHER not in shown


def test_a_message_that_is_a_warning_warns_of_no_steps():
    text = f"## Update the firmware\n\n{STEPS}\n\n## `Warning: no suffix`\n\nIt does not matter."
    assert "matter" not in answer(text)


def test_nothing_is_warned_of_where_no_steps_are_shown():
    text = f"The firmware runs the board.\n\n## Warning\n\n{WARNING}\n\n## Update it\n\n{STEPS}"
    assert "**Warning**" not in answer(text, question="What does the firmware do?")


def test_of_a_long_warning_its_beginning():
    long = "The board has been so for a long time. " * 30
    text = f"## Warning\n\n{WARNING}\n\n{long}\n\n## Update the firmware\n\n{STEPS}"
    assert WARNING in answer(text)
    assert long.strip() not in answer(text)


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        ("de", ("Bevor Sie beginnen", "Warnung")),
        ("en", ("Before you begin", "Warning")),
        ("es", ("Antes de empezar", "Advertencia")),
        ("fr", ("Avant de commencer", "Avertissement")),
        ("it", ("Prima di iniziare", "Avvertenza")),
        ("ja", ("始める前に", "警告")),
        ("nl", ("Voordat u begint", "Waarschuwing")),
        ("pl", ("Zanim zaczniesz", "Ostrzeżenie")),
        ("pt", ("Antes de começar", "Aviso")),
        ("ru", ("Прежде чем начать", "Предупреждение")),
        ("sv", ("Innan du börjar", "Varning")),
        ("zh", ("开始之前", "警告")),
    ],
)
def test_every_language_knows_the_headings_of_warnings(language, headings):
    assert all(map(cues(language).warns, headings))
