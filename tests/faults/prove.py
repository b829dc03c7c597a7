"""`python -m tests.faults.prove`: the long run of faults, load and attacks; writes what held to docs/prove.md."""

import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.faults.endurance import CUSTOMERS, FAULTS, MESSAGES

ROUNDS = 3
FAULT_TESTS = ["-m", "fault"]
LOAD = ["tests/faults/endurance.py"]
ATTACKS = [
    "tests/access",
    "tests/contract/test_isolation.py",
    "tests/knowledge/sources/test_hostile.py",
    "tests/browser/test_widget_access.py",
    "tests/browser/test_widget_safety.py",
]
CHECKOUT = Path(__file__).resolve().parents[2]
REPORT = CHECKOUT / "docs" / "prove.md"


def main() -> None:
    """Exit status 1 when any test failed in any round, or none ran."""
    began = time.monotonic()
    faults = [result for _ in range(ROUNDS) for result in run(FAULT_TESTS)]
    load = run(LOAD)
    attacks = run(ATTACKS)
    results = [*faults, *load, *attacks]
    minutes = round((time.monotonic() - began) / 60)
    REPORT.write_text(report(faults, load, attacks, minutes))
    failed = sum(not held for _, held in results)
    print(f"Wrote {REPORT}: {len(results) - failed} held, {failed} failed.")
    sys.exit(1 if failed or not (faults and load and attacks) else 0)


def run(selection: list[str]) -> list[tuple[str, bool]]:
    """(test, held) of each selected test that ran."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as written:
        command = [sys.executable, "-m", "pytest", *selection, f"--junitxml={written.name}"]
        subprocess.run(command, cwd=CHECKOUT)
        cases = list(ElementTree.parse(written.name).iter("testcase"))
    return [(case.get("name", ""), _held(case)) for case in cases if case.find("skipped") is None]


def _held(case: ElementTree.Element) -> bool:
    return case.find("failure") is None and case.find("error") is None


def report(
    faults: list[tuple[str, bool]], load: list[tuple[str, bool]], attacks: list[tuple[str, bool]], minutes: int
) -> str:
    """The page: what ran where, what that covers and what not, and one row a test."""
    memory = psutil.virtual_memory().total // 2**30
    lines = [
        "# What was proved",
        "",
        f"Written by `make prove` on {datetime.now(UTC):%Y-%m-%d} in {minutes} minutes: Python "
        f"{platform.python_version()}, {psutil.cpu_count()} cores, {memory} GB.",
        "",
        f"Covered: every fault test {ROUNDS} times, with the whole product running and its processes killed, frozen",
        f"and stopped by real signals; {MESSAGES:,} messages of {CUSTOMERS} customers at a time with {FAULTS} faults,",
        "quoting articles and with a model, each customer's log held against the database; every test of access, of",
        "hostile files and of hostile text in the browser once. Not covered: networks that lose or delay packets.",
        "",
        *table("Faults", faults),
        "",
        *table("Load with faults", load),
        "",
        *table("Attacks", attacks),
    ]
    return "\n".join(lines) + "\n"


def table(title: str, results: list[tuple[str, bool]]) -> list[str]:
    """A section with how often each test held; the forms of a parametrised test are added up."""
    runs = Counter(_words(name) for name, _ in results)
    held = Counter(_words(name) for name, good in results if good)
    rows = [f"| {name} | {held[name]} of {runs[name]} |" for name in sorted(runs)]
    return [f"## {title}", "", "| test | held |", "| --- | --- |", *rows]


def _words(name: str) -> str:
    return name.split("[")[0].removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    main()
