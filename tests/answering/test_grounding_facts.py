"""Names that open a sentence, how often, how much at most, and who alone: facts that a sentence must have backed."""

import pytest

from assistant.answering.grounding import ground
from assistant.answering.release import Evidence
from tests.answering.evidence import passage

TEXT = """Slack notifications are sent when a ticket is assigned. Alerts can be muted.

Acme sends the parcel within two days.

iOS users must update to version 4. Germany is served by our Berlin office. Saturday is a working day.

March is the last month of the old plan. You are billed monthly. Backups run daily at night.

Plans are billed per user per month. Only admins can delete a workspace. Members can leave it at any time.

At least two admins are needed. Passwords need a minimum of eight characters. Cancel before the renewal.

The report includes archived tickets. Enable the filter. Guests are allowed to comment. You must always confirm.

All tickets are exported. Send more than one file.
"""


def shown(said: str) -> bool:
    return bool(ground(f"{said} [1]", Evidence("?", [passage(TEXT, title="Info")])).text)


@pytest.mark.parametrize(
    "said",
    [
        "Teams notifications are sent when a ticket is assigned.",
        "Android users must update to version 4.",
        "Globex sends the parcel within two days.",
        "France is served by our Berlin office.",
        "Sunday is a working day.",
        "April is the last month of the old plan.",
    ],
)
def test_another_name_is_dropped_where_it_opens_the_sentence(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "You are billed yearly.",
        "Backups run weekly at night.",
        "Backups run hourly at night.",
        "Plans are billed per user per year.",
    ],
)
def test_another_frequency_is_dropped(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "Anyone can delete a workspace.",
        "Everyone can delete a workspace.",
        "Admins can delete a workspace.",
        "Admins and members can delete a workspace.",
        "Only members can leave it at any time.",
    ],
)
def test_who_alone_may_is_told(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "At most two admins are needed.",
        "Passwords need a maximum of eight characters.",
        "Cancel after the renewal.",
        "The report excludes archived tickets.",
        "Disable the filter.",
        "Guests are forbidden to comment.",
        "You must never confirm.",
        "Some tickets are exported.",
        "Send less than one file.",
    ],
)
def test_the_opposite_is_dropped(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "Notifications from Slack are sent when a ticket is assigned.",
        "Users of iOS have to update to version 4.",
        "Working days include Saturday.",
        "You are billed every month.",
        "Backups run every day at night.",
        "Only an admin can delete a workspace.",
        "A workspace can only be deleted by admins.",
        "Every ticket is exported.",
        "Archived tickets are included in the report.",
        "Parcels are sent by Acme within two days.",
        "Customers are billed monthly.",
    ],
)
def test_the_same_in_other_words_is_shown(said: str) -> None:
    assert shown(said)
