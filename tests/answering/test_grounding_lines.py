"""Which lines of a model that are no plain sentences are shown: tables, code, and what is left of a line."""

import pytest

from assistant.answering.cleaned import Cleaned
from assistant.answering.grounding import ground
from assistant.answering.release import Evidence, Verified
from tests.answering.evidence import QUESTION, RETURNS, evidence, passage


@pytest.mark.parametrize("debris", ["}}}", "---", "🔓🔓", "> **", "of the and to", "- in"])
def test_lines_that_are_no_sentences_are_dropped(debris):
    grounded = ground(f"{debris}\n\nRefunds take two weeks [1].\n\n{debris}\n\nKeep the parcel closed [1].", evidence())
    assert list(filter(None, grounded.text.split("\n"))) == [
        "Refunds take two weeks [1].",
        "Keep the parcel closed [1].",
    ]


@pytest.mark.parametrize(
    "debris",
    ["Read more [1]", "Keep at [1].", "keep it [1]", "| Answer |\n| --- |", "| Answer |\n| --- |\n| You obey [1] |"],
)
def test_what_is_left_of_a_line_or_a_table_is_dropped(debris):
    grounded = ground(f"Refunds take two weeks [1].\n\n{debris}\n\nKeep the parcel closed [1].", evidence())
    lines = grounded.text.split("\n")
    assert list(filter(None, lines)) == ["Refunds take two weeks [1].", "Keep the parcel closed [1]."]


def test_a_table_with_a_backed_row_keeps_its_head():
    grounded = ground("| Answer |\n| --- |\n| Refunds take two weeks [1] |\n", evidence())
    assert grounded.text.startswith("| Answer |\n| --- |\n| Refunds")


def test_code_is_shown_when_it_stands_in_a_passage():
    block = "Run this before you seal a parcel [2]:\n\n```\nlabel --print\n```\n"
    assert "label --print" in ground(block, evidence()).text
    assert "rm -rf" not in ground(block.replace("label --print", "rm -rf"), evidence()).text


CLEANING = """Stop the service. Then clean its cache:

```sh
rm -rf /var/lib/app/cache
  Restart *now*
```

1. Look at the log:

   ~~~
   tail -n 5 app.log
   ~~~

Run `app check --all` in the end.
"""


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("rm -rf /var/lib/app/cache", True),
        ("rm -rf /var/lib/app/cache  \n\n  Restart *now*", True),
        ("tail -n 5 app.log", True),
        ("app check --all", True),
        ("rm -rf /", False),
        ("rm -rf /var/lib/*", False),
        ("rm -rf /var/lib/app", False),
        ("RM -RF /var/lib/app/cache", False),
        ("  Restart now", False),
        ("app check", False),
        ("Stop the service.", False),
        ("rm -rf /var/lib/app/cache\nrm -rf /", False),
    ],
)
def test_each_line_of_code_is_a_whole_line_of_the_passages_code(code, shown):
    held = Evidence("How do I clean the cache?", [passage(CLEANING)])
    text = f"Then clean its cache [1]:\n\n```sh\n{code}\n```\n"
    assert (code in ground(text, held).text) is shown


def test_code_of_a_list_is_compared_without_its_indentation():
    held = Evidence("How do I clean the cache?", [passage(CLEANING)])
    text = "1. Then clean its cache [1]:\n\n    ```\n    tail -n 5 app.log\n    ```\n"
    assert "tail -n 5 app.log" in ground(text, held).text


def test_a_passage_that_is_a_table_head_alone_is_held_against_as_a_whole():
    held = Evidence(QUESTION, [passage("| Country | Price |\n| --- | --- |"), passage(RETURNS, 2)])
    checks = ground("Refunds take about two weeks [1][2]. Each country has its price [1].", held).checks
    assert [each.shown for each in checks] == [True, True]


BOOKINGS = """You cannot edit a sent invoice. You can change the colour in the settings. You can cancel a booking.

| Who | May edit |
| --- | --- |
| the owner | yes |
| an admin | no |
| a member | can only read |

It is not possible to undo a booking.
"""
HEAD = "| Who | May edit |\n| --- | --- |\n"
TABLE = f"{HEAD}| the owner | yes [1] |\n| an admin | no [1] |\n| a member | can only read [1] |"


@pytest.mark.parametrize(
    "said",
    [
        "It is not possible [1]",
        "You can do that in the settings [1]",
        "Yes, you can cancel [1]",
        TABLE,
        "You can cancel a booking [1].\n\n" + TABLE,
    ],
)
@pytest.mark.parametrize("kind", [Verified, Cleaned])
def test_short_answers_and_rows_are_no_remains_of_a_line(kind, said):
    release = kind(Evidence("Can I cancel, and who may edit?", [passage(BOOKINGS, title="Bookings")], lambda: 0.0))
    release.add(said)
    assert release.close() == said


def test_the_head_of_a_table_whose_rows_are_dropped_is_not_shown():
    held = Evidence("Who may edit?", [passage(BOOKINGS, title="Bookings")], lambda: 0.0)
    said = f"You can cancel a booking [1].\n\n{HEAD}| a guest | 700 times [1] |\n"
    assert ground(said, held).text == "You can cancel a booking [1]."
