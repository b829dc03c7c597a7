"""The case that an answer is for, and its exceptions, are told with it."""

import pytest

from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

MONTHLY, ANNUAL = "There is no refund.", "You get a refund for the remaining months when you cancel."


def shown(question, text, title="Plans"):
    return compose(question, [Reading(text, 0, len(text), title, 0.0)]).text


def test_a_heading_that_says_the_case_is_told():
    text = f"## Monthly plans\n\n{MONTHLY}\n\n## Annual plans\n\n{ANNUAL}"
    assert shown("Do I get a refund when I cancel?", text) == f"**Annual plans**\n\n{ANNUAL} [1]"
    either = "Do I get a refund when I cancel monthly or annual plans?"
    assert "**Annual plans**\n\n" in shown(either, text)


def test_a_heading_that_leaves_out_what_it_is_on_follows_the_title():
    text = f"## Monthly\n\n{MONTHLY}\n\n## Annual\n\n{ANNUAL}"
    assert (
        shown("Do I get a refund when I cancel?", text, "*Your* plan")
        == f"**\\*Your\\* plan › Annual**\n\n{ANNUAL} [1]"
    )


def test_of_the_headings_over_it_the_one_that_says_the_case():
    text = f"## Monthly plans\n\n### Refunds\n\n{MONTHLY}\n\n## Annual plans\n\n### Refunds\n\n{ANNUAL}"
    assert shown("Do I get a refund when I cancel?", text) == f"**Annual plans**\n\n{ANNUAL} [1]"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("refund for annual plans when I cancel", f"## Monthly plans\n\n{MONTHLY}\n\n## Annual plans\n\n{ANNUAL}"),
        ("Do I get a refund when I cancel?", f"## Annual plans\n\n{ANNUAL}"),
        ("Do I get a refund when I cancel?", f"## Summary\n\n{MONTHLY}\n\n## Resolution\n\n{ANNUAL}"),
    ],
)
def test_a_heading_is_not_told_where_there_is_no_doubt(question, text):
    assert shown(question, text) == f"{ANNUAL} [1]"


def test_a_section_of_exceptions_goes_with_the_one_before():
    text = (
        "## Refunds\n\nYou get a refund within 30 days.\n\n"
        "## Exceptions to this\n\nDigital goods have none.\n\n## Hours\n\nNine to five."
    )
    assert shown("Can I get a refund?", text) == (
        "You get a refund within 30 days.\n\n**Exceptions to this**\n\nDigital goods have none. [1]"
    )


def test_of_many_exceptions_what_is_as_short_as_an_answer():
    goods = "\n\n".join(f"Goods of kind {n} have none. {'They are dear. ' * 20}" for n in range(9))
    text = f"## Refunds\n\nYou get a refund within 30 days.\n\n## Exceptions\n\n{goods}"
    assert "Goods of kind 1" in shown("Can I get a refund?", text)
    assert "Goods of kind 8" not in shown("Can I get a refund?", text)
