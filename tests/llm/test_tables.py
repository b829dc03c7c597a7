"""Of a table too long to show the row that is asked for, with its head and what it leans on."""

import pytest

from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

COUNTRIES = ["Italy", "Norway", "Spain", "Kenya", "South Korea", *(f"Land{n}" for n in range(295))]
SHIPPING = "\n".join(
    [
        "| Country | Time | Carrier |",
        "|---|---|---|",
        *(f"| {c} | {n % 9} days | Post |" for n, c in enumerate(COUNTRIES)),
    ]
)
PRICES = """| Plan | Billing | Price |
|---|---|---|
| Basic | monthly | 5 EUR |
| | yearly | 50 EUR |
| Pro | monthly | 10 EUR |
| | yearly | 100 EUR |
| Max | monthly | 20 EUR |"""
PLANS = """| Plan | Storage | Reply |
|---|---|---|
| Personal | | |
| Free | 1 GB | none |
| Plus | 10 GB | 2 days |
| Business | | |
| Team | 50 GB | 1 day |
| Large | 90 GB | 1 hour |"""
CODES = """| Code | Meaning |
|---|---|
| E01 | No power. |
| E02 | See E05. |
| E03 | Hot. |
| E05 | Fan. |
| E06 | Full. |"""


def answer(question, text, title="Shop"):
    found = compose(question, [Reading(text, 0, len(text), title, 0.0)])
    return found.text, found.quotations[0].more


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("How long does shipping to Kenya take?", "| Kenya | 3 days | Post |"),
        ("Which carrier delivers to South Korea?", "| South Korea | 4 days | Post |"),
    ],
)
def test_a_row_of_a_table_of_hundreds_is_found_and_has_its_head(question, row):
    text = (
        f"Delivery takes longer on public holidays.\n\n{SHIPPING}\n\n## Returns\n\nYou can return an order in 30 days."
    )
    shown, more = answer(question, text, "Shipping")
    assert f"| Country | Time | Carrier |\n|---|---|---|\n{row}" in shown
    assert "Norway" not in shown
    assert more == "rows"


@pytest.mark.parametrize(
    ("question", "table", "rows"),
    [
        ("What does the Pro plan cost per year?", PRICES, "| Pro | monthly | 10 EUR |\n| | yearly | 100 EUR |"),
        ("How much storage does the Large plan have?", PLANS, "| Business | | |\n| Large | 90 GB | 1 hour |"),
        (
            "Which business plans are there?",
            PLANS,
            "| Business | | |\n| Team | 50 GB | 1 day |\n| Large | 90 GB | 1 hour |",
        ),
        ("What does E05 mean?", CODES, "| E05 | Fan. |"),
        ("What do E01 and E06 mean?", CODES, "| E01 | No power. |\n| E06 | Full. |"),
    ],
)
def test_a_row_goes_with_its_group_and_with_the_row_that_it_goes_on(question, table, rows):
    head = "\n".join(table.split("\n")[:2])
    assert answer(question, table)[0].startswith(f"{head}\n{rows}\n\n[1]")


def test_of_a_long_table_no_row_of_which_answers_the_first_rows():
    shown, more = answer("Where is the list of the countries?", f"The list of the countries:\n\n{SHIPPING}")
    assert "| Country | Time | Carrier |\n|---|---|---|\n| Italy | 0 days | Post |" in shown
    assert len(shown) < 2_000
    assert more == "rows"
