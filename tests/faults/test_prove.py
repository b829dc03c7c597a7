"""The report says of a load what was not kept, and whether it proved as much as it was to."""

import random
from typing import Any

import pytest

from tests.faults.endurance import drawn, faults_called
from tests.faults.figures import spread
from tests.faults.prove import (
    ANY_OUTCOME,
    DEPLOYS,
    FAULTY,
    OUTCOME,
    SPREAD,
    TO_STRIKE,
    late,
    not_kept,
    too_few,
    under_load,
)

FAULT, FLAKY = "worker of answers killed", "model flaky"


def felt(**columns: float) -> dict[str, Any]:
    """Of one fault, a second of each unless said otherwise."""
    seconds = {**dict.fromkeys(("acknowledged", "caught up", "answered", OUTCOME, "whole"), 1.0), **columns}
    return {"times": 1, **{column: spread([value]) for column, value in seconds.items()}}


def with_one_of(name: str, **columns: float) -> dict[str, Any]:
    return load(recoveries={**load()["recoveries"], name: felt(**columns)})


def load(**changes: Any) -> dict[str, Any]:
    """The figures of a small one in which everything held."""
    figures = {
        "minutes": 1,
        **dict.fromkeys(("messages", "acknowledged", "conversations", "connections", "second devices", "faults"), 2),
        "imports struck": 2,
        "taken over": 1,
        "mailed": {"times": 1, "again": 0},
        "told to wait": spread([]),
        "breaches": {"lost": 0},
        "found": [],
        "answered by": {"a model": 100.0},
        "answers known by a mark": 100.0,
        "ended by workers": 60.0,
        "acknowledgement": spread([0.1]),
        "outcome": spread([1.0, 59.0]),
        "database": {"looks": 1, "most_connections": 1, "idle": {}},
        "recoveries": {name: felt() for name in TO_STRIKE[SPREAD]},
    }
    return {**figures, **changes}


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, 0),
        ({"breaches": {"lost": 2}}, 2),
        ({"outcome": spread([61.0])}, 1),
        ({"ended by workers": 3.0}, 1),
        ({"answers known by a mark": 10.0}, 1),
    ],
)
def test_what_was_not_kept_is_counted(changes: dict[str, Any], broken: int) -> None:
    assert not_kept(SPREAD, load(**changes)) == broken


def test_a_load_that_broke_off_kept_nothing() -> None:
    assert not_kept(SPREAD, {}) == 1


def test_imports_that_were_over_before_anything_broke_prove_too_little() -> None:
    assert too_few(FAULTY, load(**{"imports struck": 1})) == ["imports struck"]


def test_few_turns_in_workers_are_enough_where_the_web_process_answers() -> None:
    assert not_kept(FAULTY, load(**{"ended by workers": 0.0})) == 0


def test_the_page_tells_what_came_too_late() -> None:
    late_load = load(outcome=spread([61.0]))
    assert late(late_load) == [ANY_OUTCOME]
    assert "promised 60 (**not kept**)" in "\n".join(under_load(late_load))
    assert "not kept" not in "\n".join(under_load(load()))


def test_what_is_promised_of_a_fault_is_told_with_what_was_not_kept_of_it() -> None:
    killed = with_one_of("web process killed", acknowledged=4.0, answered=33.6)
    assert late(killed) == ["web process killed: answered"]
    assert "acknowledged in 5 s, caught up in 5 s, **not kept**: answered in 30 s" in "\n".join(under_load(killed))
    assert late(with_one_of(FAULT, outcome=50.0)) == []
    assert late(with_one_of(FLAKY, outcome=46.0)) == [f"{FLAKY}: {OUTCOME}"]


def test_every_fault_strikes_in_a_load_and_one_that_never_did_proves_too_little() -> None:
    faults = faults_called()
    assert {fault.name for fault in drawn(faults, 0, random.Random(20))} == TO_STRIKE[FAULTY]
    some = load()
    del some["recoveries"]["model overloaded"]
    assert too_few(SPREAD, some) == ["model overloaded never struck"]
    assert not_kept(SPREAD, some) == 1


def test_restarts_whose_customers_all_come_back_at_once_prove_too_little() -> None:
    assert too_few(DEPLOYS, load(**{"told to wait": spread([*[4.9] * 149, 9.9])})) == []
    assert too_few(DEPLOYS, load(**{"told to wait": spread([4.9] * 150)})) == ["reconnects spread over 10 s"]
    assert too_few(DEPLOYS, load(**{"told to wait": spread([4.9] * 5)})) == []  # as chance has it
    assert too_few(DEPLOYS, load(**{"told to wait": spread([])})) == ["reconnects spread over 10 s"]
