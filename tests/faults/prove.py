"""`python -m tests.faults.prove`: the long run of faults, load and attacks; writes what held to docs/prove.md."""

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from tests.faults.catalogue import FAULTS, LONG_FAULTS
from tests.faults.endurance import A_SECOND, MESSAGES, faults_called
from tests.faults.kinds import KINDS
from tests.product import CHECKOUT

FAULT_TESTS = ["-m", "fault", "--deselect", "tests/faults/test_endurance.py"]
ATTACKS = [
    "--whole",
    "tests/access",
    "tests/contract/test_isolation.py",
    "tests/contract/test_mutated_frames.py",
    "tests/knowledge/sources/test_hostile.py",
    "tests/browser/test_hostile_pages.py",
    "tests/browser/test_widget_access.py",
    "tests/browser/test_widget_safety.py",
]
FAULTY = "Load with faults"
SPREAD = "Load with faults over two web processes and workers"
CLOCK = "Load while the clock is moved"
DEPLOYS = "Load while web process and workers restart"
LONG = {f"Load with {fault.name}": fault.name for fault in LONG_FAULTS}
# Where a turn goes through the broker it costs more of the processors.
SPREAD_PACE = 0.78
# Of what was to happen under a load, by its title or under any: which of its figures, and so many per cent at least.
LEAST = {"": ("answers known by a mark", 80.0), SPREAD: ("ended by workers", 25.0)}
# What moves the clock makes the product slow.
CLOCK_MESSAGES, CLOCK_A_SECOND = 150, 1.0
DEPLOY = "web process and workers restarted"
RESTART_MESSAGES, RESTARTS, RESTART_A_SECOND = 3_000, 20, 13.0
EACH_ONCE = 0
# What is to strike under each load, at least once.
TO_STRIKE = {
    **{title: {fault.name for fault in faults_called()} for title in (FAULTY, SPREAD)},
    CLOCK: {fault.name for fault in faults_called(clock=True)},
    DEPLOYS: {DEPLOY},
    **{title: {fault} for title, fault in LONG.items()},
}
# Of each long fault: messages go on for as long as it takes.
LONG_MESSAGES, LONG_A_SECOND = 100, 5.0
# Statements that are named, of those that transactions stood idle behind.
MOST_STATEMENTS = 5
REPORT = CHECKOUT / "docs" / "prove.md"
IN_PARALLEL = ["--numprocesses", "2", "--dist", "loadscope", "--no-loadscope-reorder"]
# What is promised of a fault alone in a whole product: of which of its columns, and so many seconds at most. At p99
# after its end; of the outcomes of what was asked while it lasted, from the asking, of every one.
OUTCOME = "outcome"
PROMISED = {
    **{fault.name: {OUTCOME: 45} for fault in FAULTS if fault.name.startswith("model ")},
    "models silent for 10 min": {OUTCOME: 20},
    "web process killed": {"acknowledged": 5, "caught up": 5, "answered": 30},
    "web process and workers killed": {"answered": 30},
    "worker of answers killed": {"answered": 30},
    "broker killed": {"whole": 30},
    **{name: {"acknowledged": 15} for name in ("database killed", "database lost on the way")},
    DEPLOY: {"answered": 45},
}
# Over how long reconnects are spread at least, and how seldom chance alone would make them seem closer.
RECONNECTS_SECONDS, BY_CHANCE = 10, 0.001
# From a turn's newest message on, whatever breaks: its deadline, a sweep, and a database that is away meanwhile.
OUTCOME_SECONDS = 60
ANY_OUTCOME = "any outcome"
Results = list[tuple[str, bool]]


def main() -> None:
    """Exit status 1 when a test failed, a promise was broken under load, or nothing ran."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--faults", type=int, default=EACH_ONCE, help="0: each once in each of two loads")
    parser.add_argument("--a-second", type=float, default=A_SECOND)
    parser.add_argument("--report", type=Path, default=REPORT)
    parser.add_argument("--load-alone", action="store_true", help="leave out the tests")
    asked = parser.parse_args()
    began = time.monotonic()
    loads = {
        FAULTY: endured(asked.messages // 2, asked.faults // 2, asked.a_second),
        SPREAD: endured(asked.messages // 2, asked.faults // 2, asked.a_second * SPREAD_PACE, "--spread"),
        CLOCK: endured(CLOCK_MESSAGES, EACH_ONCE, CLOCK_A_SECOND, "--clock"),
        DEPLOYS: restarts(asked.messages),
        **{title: alone(fault) for title, fault in LONG.items()},
    }
    proofs = sorted({proof for kind in KINDS.values() for proof in kind.proofs if "::" in proof})
    sections = {
        "Faults": FAULT_TESTS,
        "Kinds of failure that load does not meet": ["--whole", *proofs],
        "Attacks": ATTACKS,
    }
    tests = {} if asked.load_alone else {title: run(selection) for title, selection in sections.items()}
    asked.report.write_text("\n".join(report(loads, tests, round((time.monotonic() - began) / 60))) + "\n")
    broken = sum(map(not_kept, loads, loads.values()))
    failed = sum(not held for results in tests.values() for _, held in results)
    print(f"Wrote {asked.report}: {broken} promises broken under load, {failed} tests failed.")
    sys.exit(1 if broken or failed or not all(tests.values()) else 0)


def restarts(messages: int) -> dict[str, Any]:
    """The figures of the load while nothing happens but restarts; as many fewer of them as messages in all."""
    share = min(1.0, messages / MESSAGES)
    many, strikes = round(RESTART_MESSAGES * share), max(1, round(RESTARTS * share))
    return endured(many, strikes, RESTART_A_SECOND, f"--only={DEPLOY}")


def alone(fault: str) -> dict[str, Any]:
    """The figures of the load while nothing but this happens, once."""
    return endured(LONG_MESSAGES, 1, LONG_A_SECOND, f"--only=^{re.escape(fault)}$")


def endured(messages: int, strikes: int, a_second: float, *more: str) -> dict[str, Any]:
    """The figures of the load with faults; none when the run itself broke off."""
    with tempfile.NamedTemporaryFile(suffix=".json") as written:
        much = [f"--messages={messages}", f"--faults={strikes}", f"--a-second={a_second}"]
        command = [sys.executable, "-m", "tests.faults.endurance", *much, f"--out={written.name}", *more]
        subprocess.run(command, cwd=CHECKOUT)
        figures: dict[str, Any] = json.loads(Path(written.name).read_text() or "{}")
    return figures


def run(selection: list[str]) -> Results:
    """(test, held) of each selected test that ran."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as written:
        command = [sys.executable, "-m", "pytest", *IN_PARALLEL, *selection, f"--junitxml={written.name}"]
        subprocess.run(command, cwd=CHECKOUT)
        cases = list(ElementTree.parse(written.name).iter("testcase"))
    return [(case.get("name", ""), _held(case)) for case in cases if case.find("skipped") is None]


def _held(case: ElementTree.Element) -> bool:
    return case.find("failure") is None and case.find("error") is None


def report(loads: dict[str, dict[str, Any]], tests: dict[str, Results], minutes: int) -> Iterator[str]:
    """The page, line by line: what ran where, what came of the load, what proves which kind, and one row a test."""
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
        yield from under_load(load) if load else ["**It broke off.**", ""]
        yield from (f"**It proves too little: {name}.**\n" for name in (too_few(title, load) if load else []))
    yield from ["## Kinds of failure", "", "| kind | failure | proved by |", "| --- | --- | --- |"]
    yield from (f"| {name} | {kind.words} | {', '.join(map(_proof, kind.proofs))} |" for name, kind in KINDS.items())
    for title, results in tests.items():
        yield from ["", f"## {title}", ""]
        yield from table(results)


def commit() -> str:
    """Which code ran, and whether it was changed since."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=CHECKOUT, capture_output=True, text=True
    )
    return found.stdout.strip() or "an unknown commit"


def under_load(load: dict[str, Any]) -> Iterator[str]:
    """What was sent, what came back, what was broken, and how long each fault was felt."""
    yield (
        f"{load['messages']:,} messages in {load['conversations']:,} conversations within {load['minutes']} minutes, "
        f"over {load['connections']:,} connections, {load['second devices']} of the conversations on two devices; "
        f"{load['faults']} faults, drawn by a seed, each of them at least once where there are as many. Customers stop "
        "answers, ask for a person and go back, write before they are answered, and leave in mid-answer for a while; "
        f"{load['taken over']} times an agent takes over, says two things at the desk and hands back; "
        f"{load['mailed']['times']} leave an address and are sent their answer ({load['mailed']['again']} twice). "
        f"{load['acknowledged']:,} messages and requests were acknowledged. Afterwards every customer's log was held "
        "against the database:"
    )
    yield ""
    yield "| breach | found |"
    yield "| --- | --- |"
    yield from (f"| {name} | {count} |" for name, count in load["breaches"].items())
    yield from ["", *(f"- {found}" for found in load["found"])]
    yield from _outcomes(load)
    yield from _recoveries(load)
    told = load["told to wait"]
    if told["of"]:
        yield (
            f"Before a web process went down it told its customers, {told['of']} times in all, to come back after a "
            f"delay of their own: median {told['p50']} s, p99 {told['p99']} s, longest {told['longest']}."
        )
        yield ""


def _outcomes(load: dict[str, Any]) -> Iterator[str]:
    """How turns ended and after how long, and what the database was asked to hold meanwhile."""
    too_late = " (**not kept**)" if ANY_OUTCOME in late(load) else ""
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
        f"{load['database']['most_connections']} connections to the database, and in "
        f"{load['database']['looks']} looks {sum(load['database']['idle'].values())} were idle within a transaction "
        "for over 1 s."
    )
    idle = Counter(load["database"]["idle"]).most_common(MOST_STATEMENTS)
    yield from ["", *(f"- {many} times behind `{' '.join(query.split())}`" for query, many in idle), ""]


def _recoveries(load: dict[str, Any]) -> Iterator[str]:
    """How long each fault was felt, and what was promised of it."""
    yield "Seconds from the end of a fault, or from the asking where that came later, of all that was waited for until"
    yield "the product was whole again, each of its queues consumed, as median / p99; and from the asking to the last"
    yield "outcome of what was asked until then. Who lost a connection has caught up once shown all that was stored:"
    yield ""
    yield "| fault | times | acknowledged | caught up | answered | whole again | last outcome | promised |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    unkept = late(load)
    for name, felt in sorted(load["recoveries"].items()):
        columns = " | ".join(_felt(felt[column]) for column in ("acknowledged", "caught up", "answered", "whole"))
        promises = ", ".join(
            f"{'**not kept**: ' if _promise(name, column) in unkept else ''}{column} in {seconds} s"
            for column, seconds in PROMISED.get(name, {}).items()
        )
        yield f"| {name} | {felt['times']} | {columns} | {felt[OUTCOME]['longest']} | {promises} |"
    yield ""


def not_kept(title: str, load: dict[str, Any]) -> int:
    """How many promises a load broke; one that proves too little, or broke off, is one."""
    return sum(load["breaches"].values()) + len(late(load)) + len(too_few(title, load)) if load else 1


def too_few(title: str, load: dict[str, Any]) -> list[str]:
    """What tells that a load proves less than it was to: figures, and faults that never struck."""
    figures = [name for where, (name, share) in LEAST.items() if where in ("", title) and load[name] < share]
    told = load["told to wait"]
    if title == DEPLOYS and not (told["of"] and told["longest"] >= RECONNECTS_SECONDS * BY_CHANCE ** (1 / told["of"])):
        figures.append(f"reconnects spread over {RECONNECTS_SECONDS} s")
    return figures + [f"{name} never struck" for name in sorted(TO_STRIKE[title] - load["recoveries"].keys())]


def late(load: dict[str, Any]) -> list[str]:
    """What of a fault came later than was promised; and a turn that ended too late."""
    promised = [(name, column) for name in PROMISED.keys() & load["recoveries"].keys() for column in PROMISED[name]]
    found = [_promise(*each) for each in promised if (_kept_in(load, *each) or 0) > PROMISED[each[0]][each[1]]]
    return [*found, ANY_OUTCOME] if (load["outcome"]["longest"] or 0) > OUTCOME_SECONDS else found


def _promise(name: str, column: str) -> str:
    return f"{name}: {column}"


def _kept_in(load: dict[str, Any], name: str, column: str) -> float | None:
    seconds: float | None = load["recoveries"][name][column]["longest" if column == OUTCOME else "p99"]
    return seconds


def _felt(seconds: dict[str, Any]) -> str:
    return f"{seconds['p50']} / {seconds['p99']}" if seconds["of"] else "-"


def _proof(name: str) -> str:
    return f"`{name.rpartition('::')[2]}`" if "::" in name else name


def table(results: Results) -> list[str]:
    """How often each test held; the forms of a parametrised test are added up."""
    runs = Counter(_words(name) for name, _ in results)
    held = Counter(_words(name) for name, good in results if good)
    rows = [f"| {name} | {held[name]} of {runs[name]} |" for name in sorted(runs)]
    return ["| test | held |", "| --- | --- |", *rows]


def _words(name: str) -> str:
    return name.split("[")[0].removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    main()
