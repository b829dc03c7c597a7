"""The page that `make prove` writes: what ran, what came of it, and what it proves of which kind of failure."""

import platform
import subprocess
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psutil

from benchmarks.stalled import said
from tests.faults.kinds import KINDS
from tests.faults.promises import (
    ACKNOWLEDGED_MS,
    ANY_OUTCOME,
    CONNECTIONS,
    IDLE,
    OUTCOME,
    OUTCOME_SECONDS,
    asked_too_much,
    connections,
    late,
    not_kept_while_streams_hang,
    promise_of,
    promised,
    too_few,
)
from tests.product import CHECKOUT

# Statements that are named, of those that transactions stood idle behind.
MOST_STATEMENTS = 5
HELD, FAILED, SKIPPED = "held", "failed", "skipped"


class Ran(NamedTuple):
    """A test as FILE::NAME, its parameters behind it, and what came of it: HELD, FAILED or SKIPPED."""

    test: str
    came_to: str


Results = list[Ran]


def report(
    loads: dict[str, dict[str, Any]], hung: dict[str, Any], tests: dict[str, Results], minutes: int
) -> Iterator[str]:
    """The page, line by line: what ran where, what came of the loads, what proves which kind, and one row a test.

    `loads` has the figures of each by its title, `hung` those of benchmarks.stalled, `tests` what ran of each section.
    """
    memory = psutil.virtual_memory().total // 2**30
    yield "# What was proved"
    yield ""
    yield (
        f"Written by `make prove` on {datetime.now(UTC):%Y-%m-%d} in {minutes} minutes, at {commit()}: Python "
        f"{platform.python_version()}, {psutil.cpu_count()} cores shared with the load itself, {memory} GB."
    )
    yield ""
    for title, load in loads.items():
        yield from [f"## {title}", ""]
        yield from under_load(title, load) if load else ["**It broke off.**", ""]
        yield from (f"**It proves too little: {name}.**\n" for name in (too_few(title, load) if load else []))
    yield from ["## Streams that hang", "", *while_streams_hang(hung), ""]
    yield from kinds({name for load in loads.values() if load for name in load["recoveries"]}, tests)
    for title, results in tests.items():
        yield from ["", f"## {title}", ""]
        yield from table(results)


def commit() -> str:
    """Which code ran, and whether it was changed since."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=CHECKOUT, capture_output=True, text=True
    )
    return found.stdout.strip() or "an unknown commit"


def kinds(struck: Collection[str], tests: dict[str, Results]) -> list[str]:
    """Which kind of failure is proved by what, and what of it is no proof, as it did not strike or did not hold."""
    ran = [each for results in tests.values() for each in results]
    rows = [
        f"| {name} | {kind.words} | {', '.join(_proof(proof, struck, ran) for proof in kind.proofs)} |"
        for name, kind in KINDS.items()
    ]
    return ["## Kinds of failure", "", "| kind | failure | proved by |", "| --- | --- | --- |", *rows]


def _proof(proof: str, struck: Collection[str], ran: Results) -> str:
    """Its name, with why it is no proof where it is none."""
    if "::" not in proof:
        return proof if proof in struck else f"{proof} (**never struck**)"
    name, came_to = f"`{proof.rpartition('::')[2]}`", {each.came_to for each in ran if _of(each.test) == proof}
    amiss = next((each for each in (FAILED, SKIPPED) if each in came_to), None if came_to else "not run")
    return f"{name} (**{amiss}**)" if amiss else name


def while_streams_hang(hung: dict[str, Any]) -> list[str]:
    """What others and the database noticed of it, and what was not kept."""
    unkept = [f"**Not kept: {name}.**" for name in not_kept_while_streams_hang(hung)]
    if not hung:
        return unkept
    return [f"{said(hung)} Promised: {ACKNOWLEDGED_MS} ms at p95, {CONNECTIONS} connections, none idle.", *unkept]


def under_load(title: str, load: dict[str, Any]) -> Iterator[str]:
    """What was sent, what came back, what was broken, and how long each fault was felt."""
    yield (
        f"{load['messages']:,} messages in {load['conversations']:,} conversations within {load['minutes']} minutes, "
        f"over {load['connections']:,} connections, {load['second devices']} of the conversations on two devices; "
        f"{load['faults']} faults, drawn by a seed, each of them at least once where there are as many. Customers stop "
        "answers, ask for a person and go back, write before they are answered, and leave in mid-answer for a while; "
        f"{load['taken over']} times an agent takes over, says two things at the desk and hands back; "
        f"{load['mailed']['times']} leave an address and are sent their answer ({load['mailed']['again']} twice); "
        f"{load['imports struck']} imports lost their worker or its child on the way. "
        f"{load['acknowledged']:,} messages and requests were acknowledged. Afterwards every customer's log was held "
        "against the database, and each article that was handed in was looked for in the index:"
    )
    yield ""
    yield "| breach | found |"
    yield "| --- | --- |"
    yield from (f"| {name} | {count} |" for name, count in load["breaches"].items())
    yield from ["", *(f"- {found}" for found in load["found"])]
    yield from _outcomes(title, load)
    yield from _recoveries(title, load)
    told = load["told to wait"]
    if told["of"]:
        yield (
            f"Before a web process went down it told its customers, {told['of']} times in all, to come back after a "
            f"delay of their own: median {told['p50']} s, p99 {told['p99']} s, longest {told['longest']}."
        )
        yield ""


def _outcomes(title: str, load: dict[str, Any]) -> Iterator[str]:
    """How turns ended and after how long, and what the database was asked to hold meanwhile."""
    most = connections(title)
    too_much = ", ".join(asked_too_much(load["database"], most))
    too_late = " (**not kept**)" if ANY_OUTCOME in late(title, load) else ""
    shares = ", ".join(f"{share} % by {who}" for who, share in load["answered by"].items())
    yield (
        "Every question holds a word that no other has, which the model repeats: a text that holds somebody else's is "
        f"misrouted. {load['answers known by a mark']} % of the models' answers hold their own."
    )
    yield ""
    yield (
        f"Turns ended: {shares}; {load['ended by workers']} % in workers. Seconds until a message was acknowledged, "
        f"faults included: median {load['acknowledgement']['p50']}, p99 {load['acknowledgement']['p99']}; from there, "
        f"of a turn's newest message, to the outcome: median {load['outcome']['p50']}, p99 {load['outcome']['p99']}, "
        f"longest {load['outcome']['longest']}, promised {OUTCOME_SECONDS}{too_late}. The product held at most "
        f"{load['database']['most_connections']} connections to the database, promised {most}, and in "
        f"{load['database']['looks']} looks {sum(load['database']['idle'].values())} were {IDLE}, promised "
        f"none{f' (**not kept**: {too_much})' if too_much else ''}."
    )
    idle = Counter(load["database"]["idle"]).most_common(MOST_STATEMENTS)
    yield from ["", *(f"- {many} times behind `{' '.join(query.split())}`" for query, many in idle), ""]


def _recoveries(title: str, load: dict[str, Any]) -> Iterator[str]:
    """How long each fault was felt, and what was promised of it."""
    yield "Seconds from the end of a fault, or from the asking where that came later, of all that was waited for until"
    yield "the product was whole again, each of its queues consumed, as median / p99; and from the asking to the last"
    yield "outcome of what was asked until then. Who lost a connection has caught up once shown all that was stored:"
    yield ""
    yield "| fault | times | acknowledged | caught up | answered | whole again | last outcome | promised |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    unkept, promises = late(title, load), promised(title)
    for name, felt in sorted(load["recoveries"].items()):
        columns = " | ".join(_felt(felt[column]) for column in ("acknowledged", "caught up", "answered", "whole"))
        told = ", ".join(
            f"{'**not kept**: ' if promise_of(name, column) in unkept else ''}{column} in {seconds} s"
            for column, seconds in promises.get(name, {}).items()
        )
        yield f"| {name} | {felt['times']} | {columns} | {felt[OUTCOME]['longest']} | {told} |"
    yield ""


def _felt(seconds: dict[str, Any]) -> str:
    return f"{seconds['p50']} / {seconds['p99']}" if seconds["of"] else "-"


def table(results: Results) -> list[str]:
    """How often each test held; the forms of a parametrised test are added up."""
    runs = Counter(_words(ran.test) for ran in results)
    held, skipped = (Counter(_words(ran.test) for ran in results if ran.came_to == each) for each in (HELD, SKIPPED))
    rows = [
        f"| {name} | {held[name]} of {runs[name]}{f' (**{skipped[name]} skipped**)' if skipped[name] else ''} |"
        for name in sorted(runs)
    ]
    return ["| test | held |", "| --- | --- |", *rows]


def _of(test: str) -> str:
    """Without its parameters."""
    return test.split("[")[0]


def _words(test: str) -> str:
    return _of(test).rpartition("::")[2].removeprefix("test_").replace("_", " ")
