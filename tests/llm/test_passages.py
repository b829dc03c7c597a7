import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

STEPS = "\n".join(
    f"{n}. Press button {n} and wait until light {n} is green, which takes a while." for n in range(1, 40)
)
PIECES = st.lists(
    st.sampled_from(
        ["## Reset the board", "Press the button. If it stays red, unplug it. Then wait.",
         "1. Hold it.\n2. Press it.\n3. Wait.",
         "| Board | Volt |\n|---|---|\n| Uno | 5 |\n| Due | 3 |", "```\nreset()\n```", "> Note: keep calm.",
         "* one board\n* two boards", "![board](x.png)"]
    ),
    min_size=1, max_size=12,
).map("\n\n".join)  # fmt: skip


def reading(text, log_odds=0.0, title="Boards"):
    return Reading(text, 0, len(text), title, log_odds)


# The code leads up to the steps, which are an answer of their own too.
TWO_ANSWERS = (
    "| Board | Volt |\n|---|---|\n| Uno | 5 |\n| Due | 3 |\n\n```\nreset()\n```\n\n"
    "## Reset the board\n\n1. Hold it.\n2. Press it.\n3. Wait."
)


@given(PIECES, st.sampled_from(["How do I reset the board?", "Due volt", "light", "zebra"]))
@example(TWO_ANSWERS, "How do I reset the board?")
def test_what_is_shown_and_quoted_stands_in_the_article(text, question):
    composition = compose(question, [reading(text)])
    if composition is None:
        return
    for quotation in composition.quotations:
        assert quotation.quote
        assert quotation.quote in text
    for line in re.sub(r" ?\[\d\]", "", composition.text).splitlines():
        assert line.strip().strip("*") in text  # a heading is shown in bold
    numbers = {int(n) for n in re.findall(r"\[(\d)\]", composition.text)}
    assert numbers == set(range(1, len(composition.quotations) + 1))


@given(PIECES)
@example(TWO_ANSWERS)
def test_steps_are_shown_whole_or_not_at_all(text):
    composition = compose("How do I reset the board?", [reading(text)])
    shown = composition.text if composition else ""
    assert shown.count("1. Hold it.") == shown.count("2. Press it.") == shown.count("3. Wait.")
    assert shown.count("1. Hold it.") <= text.count("1. Hold it.")


def test_long_steps_are_not_cut():
    text = f"## Reset\n\nFollow these steps:\n\n{STEPS}\n\n## Colours\n\nThey are nice."
    shown = compose("How do I reset it?", [reading(text)]).text
    assert shown.startswith("Follow these steps:")
    assert all(f"light {n} is green" in shown for n in range(1, 40))


def test_a_condition_keeps_its_consequence():
    filler = " ".join(f"Filler sentence number {n} talks about nothing." for n in range(30))
    text = f"{filler} The zebra light blinks when the disk is full. In that case, delete old files. {filler}"
    shown = compose("Why does the zebra light blink?", [reading(text)]).text
    assert "zebra light blinks when the disk is full. In that case, delete old files." in shown


def test_a_long_table_that_is_itself_asked_for_is_shown_whole():
    rows = "\n".join(f"| `{key}` | Does thing {key} |" for key in "abcdefghij")
    table = f"## Keyboard shortcuts\n\n| Key | What it does |\n|---|---|\n{rows}\n| `?` | Shows all shortcuts |"
    composition = compose("Which keyboard shortcuts are there?", [reading(table)])
    assert "Does thing a" in composition.text
    assert composition.quotations[0].more is None


def test_of_a_long_table_the_rows_that_answer_with_their_header():
    rows = "\n".join(f"| Country{n} | {n} EUR |" for n in range(60))
    composition = compose("price for country42", [reading(f"| Country | Price |\n|---|---|\n{rows}")])
    shown = composition.text
    assert shown.startswith("| Country | Price |\n|---|---|\n| Country42 | 42 EUR |")
    assert "Country41" not in shown
    assert composition.quotations[0].more == "rows"


def test_the_section_that_answers_not_the_one_that_announces_it():
    announced = "Learn how to delete your account.\n\n* [Before](#before)"
    text = f"{announced}\n\n## Delete your account\n\n1. Sign in.\n2. Press **Delete**."
    shown = compose("How do I delete my account?", [reading(text, title="Delete your account")]).text
    assert shown == "1. Sign in.\n2. Press **Delete**. [1]"


def test_links_into_the_article_lose_their_address_and_others_keep_it():
    text = "Reset it [as shown](#steps) or [read more](https://help.example/a).[^1](https://x.example)"
    assert compose("reset", [reading(text)]).text == "Reset it as shown or [read more](https://help.example/a). [1]"


def test_code_stays_whole_and_its_marker_stands_with_the_words_before_it():
    code = "```sh\nreset --now\n\n# [9] done\n```"
    shown = compose("How to reset?", [reading(f"Run this to reset:\n\n{code}")]).text
    assert shown == f"Run this to reset: [1]\n\n{code}"


def test_an_error_is_answered_by_its_fix_and_not_by_itself():
    steps = "\n".join(f"{n}. Check that cable number {n} is plugged in and try again." for n in range(1, 25))
    text = f"## Errors\n\n```\nflash_recv(): no answer\n```\n\n{steps}"
    shown = compose("flash_recv(): no answer", [reading(text)]).text
    assert "1. Check that cable number 1" in shown


def test_a_section_that_only_points_elsewhere_never_wins():
    text = "## Track an order\n\nSee [Tracking](https://help.example/track).\n\n## Delivery\n\nOrders go out daily."
    assert compose("How do I track an order?", [reading(text)]).text == "Orders go out daily. [1]"


def test_an_announcement_goes_with_the_image_that_it_announces():
    text = "Press the button. This picture shows where it is:\n\n![Board](b.png)\n\nThen wait."
    assert compose("Where is the button?", [reading(text)]).text == "Press the button.\n\nThen wait. [1]"


def test_the_steps_of_one_procedure_under_their_own_headings_are_shown_together():
    text = "## 1. Unplug\n\nPull the cable out.\n\n## 2. Reset {#reset}\n\nPress the button.\n\n## Prices\n\nNone."
    shown = compose("How do I reset the board?", [reading(text)]).text
    assert shown == "**1. Unplug**\n\nPull the cable out.\n\n**2. Reset**\n\nPress the button. [1]"


def test_an_index_under_numbered_headings_is_quoted_as_it_stands():
    text = "## 1. Getting started\n\n- [Install](install.md)\n\n## 2. Billing\n\n- [Invoices](invoices.md)"
    assert "Install" in compose("How do I get started?", [reading(text, title="Contents")]).text


def test_a_long_procedure_under_headings_is_shown_to_its_end():
    steps = "\n\n".join(f"## {n}. Stage {n}\n\n{f'Turn screw {n} of the board by hand. ' * 10}" for n in range(1, 9))
    shown = compose("How do I reset the board?", [reading(f"{steps}\n\n## Prices\n\nNone.")]).text
    assert all(f"Turn screw {n} of the board" in shown for n in range(1, 9))


def test_a_procedure_too_long_to_show_ends_after_a_whole_step_and_is_known_to_go_on():
    stages = (f"## {n}. Stage {n}\n\n{f'Turn screw {n} of the board by hand. ' * 25}End {n}." for n in range(1, 15))
    composition = compose("How do I reset the board?", [reading("\n\n".join(stages))])
    assert "End 2." in composition.text
    assert "Stage 14" not in composition.text
    assert composition.quotations[0].more == "steps"
    whole = compose(
        "How do I reset the board?", [reading("## 1. Stage\n\nReset it.\n\n## 2. Stage\n\nReset the board.")]
    )
    assert whole.quotations[0].more is None


ALARMS = (
    "An alarm tells you when a board runs dry. Whoever has one sleeps better, and so do the neighbours.\n\n"
    "## Before you delete one\n\nThink of the neighbours.\n\n## In the app\n\nFollow these steps:\n\n"
    "1. Open the menu.\n2. Press the bin.\n\n## On paper\n\n1. Write to us.\n2. Wait."
)


def test_an_introduction_goes_on_to_the_steps_that_stand_in_a_later_section():
    composition = compose("How do I delete an alarm?", [reading(ALARMS, title="Delete an alarm")])
    assert "**In the app**\n\nFollow these steps:\n\n1. Open the menu.\n2. Press the bin. [1]" in composition.text
    assert composition.text.startswith("An alarm tells you")
    assert "Write to us" not in composition.text
    assert composition.quotations[0].more == "steps"


def test_an_introduction_goes_on_to_no_steps_where_it_is_not_asked_how_or_the_title_is_another():
    for question, title in [("What is an alarm?", "Delete an alarm"), ("How does an alarm sleep?", "Boards")]:
        assert "Open the menu" not in compose(question, [reading(ALARMS, title=title)]).text


def test_what_announces_the_fix_goes_on_to_it():
    text = (
        "## Causes\n\nThe error E7 on a zebra board comes from an old driver, and can be solved by another.\n\n"
        "## Install the driver\n\n1. Get it.\n2. Run it.\n\n## If that fails\n\n1. Cry."
    )
    shown = compose("error E7 on a zebra board", [reading(text)]).text
    assert shown.endswith("**Install the driver**\n\n1. Get it.\n2. Run it. [1]")


def test_of_several_tasks_in_the_title_the_one_that_is_asked_for():
    said = "You can review, change, or cancel a plan of ours at any time, and keep what you have paid for."
    review, cancel = (
        "## Review your plan\n\n1. Sign in and open it.",
        "## Cancel a plan\n\n1. Sign in and press the bin.",
    )
    plans = reading(f"{said}\n\n{review}\n\n{cancel}", title="Review, change, or cancel a plan")
    shown = compose("How do I cancel or change a plan?", [plans]).text
    assert shown == f"{said}\n\n**Cancel a plan**\n\n1. Sign in and press the bin. [1]"


@pytest.mark.parametrize(
    ("question", "title", "said", "heading"),
    [
        ("How do I fix error E7?", "Errors", "## E7\n\nThe error E7 can be fixed by a restart.", "Delete your account"),
        (
            "How do I enable dark mode?",
            "Enable dark mode",
            "Dark mode is enabled by pressing Ctrl+D in any window.",
            "Disable dark mode",
        ),
        ("How do I charge the battery?", "Batteries", "Charge the battery when it is at 20 % or below.", "Return it"),
        (
            "How do I delete an alarm?",
            "Delete an alarm",
            "Delete an alarm that wakes neighbours.",
            "Delete your account",
        ),
        ("How do I delete an alarm?", "Delete an alarm", "Alarms wake neighbours.", "For admins: wipe the server"),
    ],
)
def test_a_whole_answer_goes_on_to_no_other_task(question, title, said, heading):
    text = f"{said}\n\n## {heading}\n\n1. Open the settings.\n2. Press the bin."
    assert "Press the bin" not in compose(question, [reading(text, title=title)]).text


@pytest.mark.parametrize("between", ["", "Follow these steps to calm it down:\n\n"])
def test_the_cause_goes_on_to_the_steps_that_stand_next_in_its_section(between):
    cause = "The message that no striped zebra was found says that no zebra with stripes is near the board at all."
    text = f"## zebra: no striped zebra found\n\n{cause}\n\n{between}1. Call it.\n2. Wait."
    shown = compose("zebra: no striped zebra found", [reading(text, title="Errors when riding")]).text
    assert shown.endswith("1. Call it.\n2. Wait. [1]")


def test_a_few_words_over_further_headings_go_on_to_the_likeliest_steps_under_them():
    text = (
        "## Deleting your account\n\nThe deletion of an account is requested on the website or in the app.\n\n"
        "### On the website\n\n1. Sign in.\n2. Press the bin.\n\n### In the app\n\n1. Tap.\n2. Tap again.\n\n"
        "## Other things\n\n1. Sing."
    )
    for place, step in [("on the website", "Press the bin"), ("in the app", "Tap again")]:
        shown = compose(f"request the deletion of an account {place}", [reading(text, title="Accounts")]).text
        assert step in shown
        assert "Sing." not in shown


REMEDIES = (
    "The error occurs if no stable has been chosen for the zebra.\n\n## About stables\n\n"
    "There are kinds:\n\n* Red\n* Blue\n\n## Choose a stable\n\nUse one of these ways:\n\n"
    "* Click the **stable selector**.\n* Use the **Tools** menu.\n\n## Clean it\n\n1. Sweep."
)


def test_the_introduction_to_a_fault_goes_on_to_the_first_remedy_though_it_is_no_numbered_list():
    text = REMEDIES.replace("About stables", "Overview of stables")
    shown = compose("Failed riding: no stable chosen", [reading(text, title="Failed riding: no stable chosen")]).text
    assert shown.startswith("The error occurs if")
    assert shown.endswith("* Click the **stable selector**.\n* Use the **Tools** menu. [1]")
    assert "Red" not in shown


def test_the_introduction_to_what_is_no_fault_goes_on_to_no_remedy():
    shown = compose("zebra stable chosen riding", [reading(REMEDIES, title="Riding a zebra, stable chosen")]).text
    assert "Tools" not in shown


@pytest.mark.parametrize(
    "heading",
    [
        "Deleting one alarm",
        "Windows",
        "For Mac: the menu",
        "Delete on paper",
        "Use alarm 2.1",
        "1. Open the menu",
        "Send us the neighbours",
    ],
)
def test_an_introduction_goes_on_to_what_may_be_its_steps(heading):
    text = f"Alarms wake neighbours.\n\n## {heading}\n\n1. Press the bin."
    assert "Press the bin" in compose("How do I delete an alarm?", [reading(text, title="Delete an alarm")]).text


def test_steps_that_are_left_out_are_known_to_follow():
    text = "Dark mode is enabled by pressing Ctrl+D in any window.\n\n## Light mode\n\n1. Press the bin."
    composition = compose("How do I enable dark mode?", [reading(text, title="Enable dark mode")])
    assert composition.quotations[0].more == "steps"


def test_checks_under_their_own_headings_are_one_procedure():
    text = "## Check 1: Cable\n\nPlug it in.\n\n## Check 2: Driver\n\nInstall it.\n\n## Prices\n\nNone."
    shown = compose("How do I fix the board?", [reading(text, title="Fix the board")]).text
    assert shown.startswith("**Check 1: Cable**\n\nPlug it in.\n\n**Check 2: Driver**\n\nInstall it.")


def test_methods_that_stand_above_do_not_answer_alone():
    text = (
        "## Use the updater\n\n1. Open the tool.\n2. Press **Install**.\n\n"
        "## If you cannot update the firmware of the board\n\n"
        "The above methods do not update the firmware of a board that is not found. Ask us to update it."
    )
    assert "Press **Install**" in compose("How do I update the firmware of the board?", [reading(text)]).text


def test_of_nearly_equal_sections_the_one_with_steps():
    cloud = "The firmware of a board is updated whenever the board is added to the cloud, and no more has to be done."
    steps = f"1. Open the tool of the board.\n2. Choose the firmware to update.\n3. Wait{', and wait some more' * 25}."
    text = f"Hello.\n\n## The cloud\n\n{cloud}\n\n## The tool\n\n{steps}"
    assert "Choose the firmware" in compose("How to update the firmware", [reading(text, title="Update firmware")]).text


@pytest.mark.parametrize("asked", ["mac", "OS X", "macOS"])
def test_a_system_of_several_names_is_one(asked):
    text = "## Windows\n\nLogs are in `C:/logs`.\n\n## macOS\n\nThey are in `/Library`.\n\n## Linux\n\nIn `/var/log`."
    assert "/Library" in compose(f"log folder {asked}", [reading(text, title="Log folder")]).text


def test_what_stands_within_a_numbered_step_is_part_of_the_procedure():
    text = (
        "## Step 1: Connect\n\nTwo ways.\n\n### By cable\n\nPlug it in.\n\n## Step 2: Burn\n\nPress burn.\n\n## Prices"
    )
    shown = compose("How do I burn the board?", [reading(f"{text}\n\nNone.")]).text
    assert shown == (
        "**Step 1: Connect**\n\nTwo ways.\n\n**By cable**\n\nPlug it in.\n\n**Step 2: Burn**\n\nPress burn. [1]"
    )


def test_steps_written_as_paragraphs_stay_together():
    steps = "\n\n".join(f"Step {n}: Turn screw {n} of the board. {'Mind the cable. ' * 12}" for n in range(1, 13))
    shown = compose("How do I reset the board?", [reading(f"## Reset the board\n\n{steps}")]).text
    assert all(f"Turn screw {n} of the board" in shown for n in range(1, 13))


def test_nothing_to_quote():
    assert compose("reset", []) is None
    assert compose("reset", [reading("![only](a.png)")]) is None
