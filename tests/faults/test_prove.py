"""The report says of a load what was not kept, and whether it proved as much as it was to; and of a test if it ran."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.faults.endurance import drawn, faults_called
from tests.faults.figures import spread
from tests.faults.promises import (
    ANY_OUTCOME,
    DEPLOYS,
    FAULTY,
    IDLE,
    OUTCOME,
    SPREAD,
    TO_STRIKE,
    late,
    not_kept,
    not_kept_while_streams_hang,
    too_few,
)
from tests.faults.prove import results_in
from tests.faults.report import FAILED, HELD, SKIPPED, Ran, kinds, table, under_load, while_streams_hang

FAULT, FLAKY = "worker of answers killed", "model flaky"
PROOF = "tests/conversations/test_concurrency.py::test_one_of_two_agents_gets_it"
JUNIT = """<testsuites><testsuite>
<testcase classname="tests.conversations.test_concurrency" name="test_one_of_two_agents_gets_it"><skipped/></testcase>
<testcase classname="tests.llm.test_hedge" name="test_a[1]"/>
<testcase classname="tests.llm.test_hedge" name="test_a[2]"><failure/></testcase>
</testsuite></testsuites>"""
HUNG = {
    **{"streams": 300, "hanging": 300, "others": 60, "acknowledged": 60, "p50_ms": 8.0, "p95_ms": 12.0},
    **{"most_connections": 12, "most_while_all_hang": 9, "idle": 0, "looks": 200},
}


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
        "database": {"looks": 59, "most_connections": 1, "idle": {}},
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
        ({"database": {"looks": 59, "most_connections": 35, "idle": {}}}, 0),
        ({"database": {"looks": 59, "most_connections": 36, "idle": {}}}, 1),
        ({"database": {"looks": 59, "most_connections": 35, "idle": {"SELECT 1": 2}}}, 1),
        ({"database": {"looks": 9, "most_connections": 9, "idle": {}}}, 1),
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
    assert late(SPREAD, late_load) == [ANY_OUTCOME]
    assert late(SPREAD, late_load, times=3) == []
    assert "promised 60 (**not kept**)" in "\n".join(under_load(SPREAD, late_load))
    assert "not kept" not in "\n".join(under_load(SPREAD, load()))


def test_the_page_tells_what_was_asked_of_the_database_and_the_load_over_one_web_process_may_ask_less() -> None:
    much = load(database={"looks": 9, "most_connections": 25, "idle": {"SELECT 1": 2}})
    assert f"(**not kept**: over 20 connections to the database, {IDLE})" in "\n".join(under_load(FAULTY, much))
    assert f"promised 35, and in 9 looks 2 were {IDLE}, promised none (**not kept**: {IDLE})" in "\n".join(
        under_load(SPREAD, much)
    )


def test_what_is_promised_of_a_fault_is_told_with_what_was_not_kept_of_it() -> None:
    killed = with_one_of("web process killed", acknowledged=4.0, answered=33.6)
    assert late(SPREAD, killed) == ["web process killed: answered"]
    told = "\n".join(under_load(SPREAD, killed))
    assert "acknowledged in 5 s, caught up in 5 s, **not kept**: answered in 30 s" in told
    assert late(SPREAD, with_one_of(FAULT, outcome=50.0)) == []
    assert late(SPREAD, with_one_of(FLAKY, outcome=46.0)) == [f"{FLAKY}: {OUTCOME}"]
    assert late(FAULTY, with_one_of("web process frozen", acknowledged=5.2)) == ["web process frozen: acknowledged"]
    assert late(FAULTY, with_one_of("broker emptied", answered=31.0, whole=29.0)) == []
    assert late(SPREAD, with_one_of("broker emptied", answered=31.0, whole=31.0)) == [
        "broker emptied: whole",
        "broker emptied: answered",
    ]


def test_what_nobody_felt_is_not_taken_for_kept_where_it_can_be_felt() -> None:
    """Where the web process gives the answers no customer feels that the worker is gone."""
    unfelt = load()
    unfelt["recoveries"][FAULT]["answered"] = unfelt["recoveries"]["web process killed"]["caught up"] = spread([])
    by_all, by_workers = "web process killed: caught up of nobody", f"{FAULT}: answered of nobody"
    assert too_few(SPREAD, unfelt) == [by_all, by_workers]
    assert too_few(FAULTY, unfelt) == [by_all]
    assert not_kept(SPREAD, unfelt) == 2


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


def test_a_test_that_was_skipped_is_told_and_is_no_proof(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text(JUNIT)
    ran = results_in(tmp_path / "junit.xml")
    hedge = "tests/llm/test_hedge.py::test_a"
    assert ran == [Ran(PROOF, SKIPPED), Ran(f"{hedge}[1]", HELD), Ran(f"{hedge}[2]", FAILED)]
    assert table(ran)[2:] == ["| a | 1 of 2 |", "| one of two agents gets it | 0 of 1 (**1 skipped**) |"]
    assert "`test_one_of_two_agents_gets_it` (**skipped**)" in row_of("D14", kinds([], {"Kinds": ran}))


def test_a_kind_is_proved_by_what_ran_and_struck_alone() -> None:
    words = "| D14 | two devices, two agents | "
    held = {"Kinds": [Ran(PROOF, HELD)]}
    name = "`test_one_of_two_agents_gets_it`"
    assert row_of("D14", kinds(["web process killed"], held)) == f"{words}web process killed, {name} |"
    assert row_of("D14", kinds([], {})) == f"{words}web process killed (**never struck**), {name} (**not run**) |"
    failed = {"Kinds": [Ran(f"{PROOF}[1]", HELD), Ran(f"{PROOF}[2]", FAILED)]}
    assert f"{name} (**failed**)" in row_of("D14", kinds([], failed))


def row_of(kind: str, page: list[str]) -> str:
    return next(line for line in page if line.startswith(f"| {kind} "))


@pytest.mark.parametrize(
    ("changes", "amiss"),
    [
        ({}, []),
        ({"most_connections": 21}, ["over 20 connections to the database"]),
        ({"idle": 1}, [IDLE]),
        ({"p95_ms": 201.0}, ["acknowledged within 200 ms (p95)"]),
        ({"acknowledged": 59}, ["only 59 of 60 acknowledged"]),
        ({"acknowledged": 0, "p95_ms": None}, ["only 0 of 60 acknowledged"]),
        ({"hanging": 299}, ["only 299 of 300 hung"]),
    ],
)
def test_what_is_felt_of_streams_that_hang_is_counted_and_told(changes: dict[str, Any], amiss: list[str]) -> None:
    assert not_kept_while_streams_hang({**HUNG, **changes}) == amiss
    assert while_streams_hang({**HUNG, **changes})[1:] == [f"**Not kept: {each}.**" for each in amiss]


def test_streams_of_which_nothing_is_known_kept_nothing() -> None:
    assert not_kept_while_streams_hang({}) == ["it broke off"]
    assert while_streams_hang({}) == ["**Not kept: it broke off.**"]
