"""A procedure under several headings or lists is quoted whole, or it is said that there is more of it."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.answering.wording import said, tables
from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

PARTS = {
    "Verify your identity": "1. Open the app.\n2. Enter the code.",
    "Enter the new one": "1. Open Account.\n2. Type the address.\n3. Save.",
    "Confirm it": "1. Open the mail.\n2. Follow the link within 24 hours.",
}
ASKED = "How do I change my e-mail address?"


def sections(parts, level=2):
    return "\n\n".join(f"{'#' * level} {heading}\n\n{steps}" for heading, steps in parts.items())


def answer(question, text, title):
    return compose(question, [Reading(text, 0, len(text), title, 0.0)])


def more(question, text, title):
    return [quotation.more for quotation in answer(question, text, title).quotations]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (sections(PARTS), "Change your e-mail address"),
        (
            f"## Change your e-mail address\n\n{sections(PARTS, 3)}\n\n## Delete it\n\n1. Press the bin.",
            "E-mail address",
        ),
        (f"Change it here.\n\n## How\n\n{sections(PARTS, 3)}", "Change your e-mail address"),
    ],
)
def test_preparing_and_doing_under_one_title_are_one_procedure(text, title):
    found = answer(ASKED, text, title)
    assert all(heading in found.text and steps in found.text for heading, steps in PARTS.items())
    assert [found.quotations[0].more, "the bin" in found.text] == [None, False]


def test_what_stands_between_the_steps_belongs_to_them_and_asides_do_not():
    between = PARTS | {"What the code is": "It has six digits.", "Troubleshooting": "1. Restart."}
    parts = {
        name: between[name] for name in ("Verify your identity", "What the code is", "Troubleshooting", "Confirm it")
    }
    shown = answer(ASKED, sections(parts), "Change your e-mail address").text
    assert "six digits" in shown
    assert "Follow the link" in shown
    assert "Restart" not in shown


def test_of_a_procedure_too_long_to_show_it_is_said_that_there_is_more():
    long = {
        name: "\n".join(f"{n}. {steps[3:15]} {n} {'and wait ' * 20}" for n in range(1, 16))
        for name, steps in PARTS.items()
    }
    found = answer(ASKED, sections(long), "Change your e-mail address")
    assert "**Verify your identity**" in found.text
    assert "**Confirm it**" not in found.text
    assert found.quotations[0].more == "steps"


def test_where_a_part_is_asked_for_it_is_shown_and_the_rest_is_told():
    found = answer("How do I confirm my e-mail address?", sections(PARTS), "Change your e-mail address")
    assert found.text.endswith(f"{PARTS['Confirm it']} [1]")
    assert found.quotations[0].more == "steps"


@pytest.mark.parametrize(
    "headings",
    [
        ("Windows", "macOS", "Linux"),
        ("Change it in the app", "Change it on the website", "Change it by phone"),
        ("Free plan", "Team plan", "Student plan"),
    ],
)
def test_ways_and_cases_are_no_steps_of_one_procedure_and_are_told(headings):
    text = sections(dict(zip(headings, PARTS.values(), strict=True)))
    found = answer(ASKED, text, "Change your e-mail address")
    assert sum(steps in found.text for steps in PARTS.values()) == 1
    assert found.quotations[0].more == "ways"


def test_the_customer_who_says_the_case_hears_of_no_other():
    text = sections({"Windows": "1. Press Start.\n2. Run it.", "macOS": "1. Open the DMG.\n2. Drag it."})
    assert more("How do I install the driver on macOS?", text, "Install the driver") == [None]


def test_another_task_of_the_title_is_not_told():
    text = sections({"Review your plan": "1. Open it.", "Cancel a plan": "1. Press the bin."})
    found = answer("How do I cancel a plan?", text, "Review or cancel a plan")
    assert "Open it" not in found.text
    assert found.quotations[0].more is None


LISTS = [
    "\n".join(
        f"{n}. {verb} screw {n} until it clicks, and read what the display on the left of the case says."
        for n in range(1, 10)
    )
    for verb in ("Turn", "Loosen")
]


def test_a_second_list_of_the_section_does_not_vanish():
    text = f"## Calibrate the scale\n\n{LISTS[0]}\n\nPut the weight on it.\n\n{LISTS[1]}\n\nThen press the green key."
    shown = answer("How do I calibrate the scale?", text, "Scale").text
    assert LISTS[0] in shown
    assert LISTS[1] in shown
    assert "green key" in shown


def test_a_second_list_too_long_to_show_is_told():
    text = f"## Calibrate the scale\n\n{LISTS[0]}\n\n" + "\n\n".join(["Put the weight on it.", LISTS[1]] * 8)
    assert more("How do I calibrate the scale?", text, "Scale") == ["steps"]


def test_steps_that_are_left_out_are_told_behind_exceptions_too():
    text = f"## Calibrate the scale\n\n{LISTS[0]}\n\n" + "\n\n".join(["Put the weight on it.", LISTS[1]] * 8)
    text = f"{text}\n\n## Exceptions\n\nOld scales have no key."
    found = answer("How do I calibrate the scale?", text.replace(LISTS[0], "Stand by.\n\n" + LISTS[0]), "Scale")
    assert found.quotations[0].more == "steps"


def test_a_numbered_table_of_contents_is_no_answer():
    contents = "\n".join(
        f"{n}. [{heading}](#{heading.lower().replace(' ', '-')})" for n, heading in enumerate(PARTS, 1)
    )
    shown = answer(ASKED, f"To change it:\n\n{contents}\n\n{sections(PARTS)}", "Change your e-mail address").text
    assert all(steps in shown for steps in PARTS.values())
    assert "](#" not in shown


def test_what_a_numbered_table_of_contents_leads_to_is_shown_whole_though_it_is_no_list():
    parts = PARTS | {"Verify your identity": "Show the clerk your passport.", "Confirm it": "Nod."}
    contents = "\n".join(f"{n}. [{heading}](#{n})" for n, heading in enumerate(parts, 1))
    text = f"It takes a day.\n\n## In this order\n\n{contents}\n\n{sections(parts, 3)}"
    shown = answer(ASKED, text, "Change your e-mail address").text
    assert all(steps in shown for steps in parts.values())


def test_the_verb_that_a_title_leaves_out_chooses_no_part():
    parts = {
        "Before running the test": "1. Plug it in.",
        "Test the motor": "1. Press M.",
        "Test the pump": "1. Press P.",
    }
    shown = answer(
        "How do I run the functional test of the pump controller?", sections(parts), "Pump controller: functional test"
    )
    assert all(steps in shown.text for steps in parts.values())


def test_remedies_under_the_heading_of_a_cause_are_one_procedure():
    remedies = sections({"Press the button": "1. Press it.", "Install the driver": "1. Run it."}, 3)
    text = f"## Cause: the driver is missing\n\n{remedies}"
    shown = answer("What can I do if the upload fails?", text, "If the upload fails").text
    assert "1. Press it." in shown
    assert "1. Run it." in shown


@pytest.mark.parametrize("language", tables())
def test_every_language_says_what_is_left_out(language):
    told = [said(f"more_{what}", language) for what in ("steps", "ways", "rows")]
    assert len(set(told)) == 3
    assert all(told)


HEADINGS = st.sampled_from(
    [
        "Prepare the board",
        "Reset the board",
        "On Windows",
        "macOS",
        "1. Hold",
        "2. Wait",
        "Troubleshooting",
        "If it fails",
    ]
)
BODIES = st.sampled_from(
    [
        "1. Hold the key.\n2. Wait.",
        "3. Go on.",
        "* Mind it.",
        "Never pull it.",
        "> Only for adults.",
        "Keep calm. Wait.",
        "",
    ]
)
ARTICLES = st.lists(st.tuples(st.integers(1, 4), HEADINGS, BODIES, BODIES), min_size=1, max_size=8).map(
    lambda rows: "\n\n".join(f"{'#' * level} {heading}\n\n{one}\n\n{other}" for level, heading, one, other in rows)
)


@example(
    "# On Windows\n\n1. Hold the key.\n2. Wait.\n\n## 1. Hold\n\n1. Hold it.\n\n## 1. Hold\n\n* Mind it.",
    "How do I reset the board?",
)
@given(ARTICLES, st.sampled_from(["How do I reset the board?", "reset the board on macOS", "wait"]))
def test_whatever_the_headings_what_is_shown_stands_in_the_article(text, question):
    found = answer(question, text, "Reset the board")
    for quotation in found.quotations if found else ():
        assert text[quotation.start :].startswith(quotation.quote)
        assert all(one.end <= other.start for one, other in pairwise(quotation.spans))
        cut = " ".join(span.of(text) for span in quotation.spans)
        words = re.sub(r"\[\d\]|\*\*Reset the board ›", " ", found.text)
        assert len(found.quotations) > 1 or re.findall(r"\w+", cut) == re.findall(r"\w+", words)


TASKS = st.permutations(["Prepare the lamp", "Clean its wires", "Turn it over", "Close the case", "Check the light"])
LONG = st.lists(st.integers(1, 40), min_size=5, max_size=5)


@given(TASKS, LONG, st.integers(2, 5))
def test_every_list_of_a_procedure_is_shown_or_it_is_told_that_there_is_more(headings, lengths, parts):
    lists = [
        "\n".join(f"{n}. Hold key {n} of the lamp while you count to ten." for n in range(1, length + 2))
        for length in lengths
    ]
    text = sections(dict(zip(headings[:parts], lists, strict=False)))
    found = answer("How do I repair the lamp?", text, "Repair the lamp")
    shown = {span.of(text) for quotation in found.quotations for span in quotation.spans}
    whole = all(any(steps in one for one in shown) for steps in lists[:parts])
    assert whole or any(quotation.more for quotation in found.quotations)


def test_what_the_last_step_ends_by_announcing_is_shown_with_the_steps() -> None:
    text = (
        "1. Copy the line.\n2. Paste it before `</body>`:\n\n```html\n<script src='x'></script>\n```\n\nIt is public."
    )
    found = compose(
        "How do I put the widget on my site?", [Reading(text, 0, len(text), "Put the widget on a site", 0.0)]
    )
    assert found is not None
    assert "<script src='x'></script>" in found.text
