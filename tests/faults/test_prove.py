"""The report says of a load what was not kept, and whether it proved as much as it was to."""

from typing import Any

import pytest

from tests.faults.figures import spread
from tests.faults.prove import ANY_OUTCOME, SPREAD, late, not_kept, under_load

FAULT = "worker of answers killed"


def load(**changes: Any) -> dict[str, Any]:
    """The figures of a small one in which everything held."""
    felt = {"times": 1, **{column: spread([1.0]) for column in ("acknowledged", "answered", "whole")}}
    figures = {
        "minutes": 1,
        **dict.fromkeys(("messages", "acknowledged", "conversations", "connections", "second devices", "faults"), 2),
        "taken over": 1,
        "mailed": {"times": 1, "again": 0},
        "told to wait": spread([]),
        "breaches": {"lost": 0},
        "found": [],
        "answered by": {"a model": 100.0},
        "answers known by a mark": 100.0,
        "ended by workers": 60.0,
        "acknowledgement": spread([0.1]),
        "outcome": spread([1.0, 94.0]),
        "database": {"looks": 1, "most_connections": 1, "idle": {}},
        "recoveries": {FAULT: felt},
    }
    return {**figures, **changes}


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, 0),
        ({"breaches": {"lost": 2}}, 2),
        ({"outcome": spread([96.0])}, 1),
        ({"ended by workers": 3.0}, 1),
        ({"answers known by a mark": 10.0}, 1),
    ],
)
def test_what_was_not_kept_is_counted(changes: dict[str, Any], broken: int) -> None:
    assert not_kept(SPREAD, load(**changes)) == broken


def test_a_load_that_broke_off_kept_nothing() -> None:
    assert not_kept(SPREAD, {}) == 1


def test_few_turns_in_workers_are_enough_where_the_web_process_answers() -> None:
    assert not_kept("Load with faults", load(**{"ended by workers": 0.0})) == 0


def test_the_page_tells_what_came_too_late() -> None:
    late_load = load(outcome=spread([96.0]))
    assert late(late_load) == [ANY_OUTCOME]
    assert "promised 95 (**not kept**)" in "\n".join(under_load(late_load))
    assert "not kept" not in "\n".join(under_load(load()))
