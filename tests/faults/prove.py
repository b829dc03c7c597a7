"""`python -m tests.faults.prove`: the long run of faults, load and attacks; writes what held to docs/prove.md."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from tests.faults.endurance import A_SECOND, MESSAGES
from tests.faults.kinds import KINDS
from tests.faults.promises import CLOCK, DEPLOY, DEPLOYS, FAULTY, LONG, SPREAD, not_kept, not_kept_while_streams_hang
from tests.faults.report import FAILED, HELD, SKIPPED, Ran, Results, report
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
# Where a turn goes through the broker it costs more of the processors.
SPREAD_PACE = 0.78
# What moves the clock makes the product slow.
CLOCK_MESSAGES, CLOCK_A_SECOND = 150, 1.0
RESTART_MESSAGES, RESTARTS, RESTART_A_SECOND = 3_000, 20, 13.0
EACH_ONCE = 0
# Of each long fault: messages go on for as long as it takes.
LONG_MESSAGES, LONG_A_SECOND = 100, 5.0
REPORT = CHECKOUT / "docs" / "prove.md"
IN_PARALLEL = ["--numprocesses", "2", "--dist", "loadscope", "--no-loadscope-reorder"]


def main() -> None:
    """Exit status 1 when a test failed or was skipped, a promise was broken under load, or nothing ran."""
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
    hung = streams_hang()
    tests = {} if asked.load_alone else {title: run(selection) for title, selection in sections.items()}
    page = report(loads, hung, tests, round((time.monotonic() - began) / 60))
    asked.report.write_text("\n".join(page) + "\n")
    broken = sum(map(not_kept, loads, loads.values())) + len(not_kept_while_streams_hang(hung))
    failed = sum(ran.came_to != HELD for results in tests.values() for ran in results)
    print(f"Wrote {asked.report}: {broken} promises broken under load, {failed} tests failed or were skipped.")
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
    much = [f"--messages={messages}", f"--faults={strikes}", f"--a-second={a_second}"]
    return _written_by("tests.faults.endurance", *much, *more)


def streams_hang() -> dict[str, Any]:
    """What others felt of hundreds of a model's streams that hang; nothing when the run itself broke off."""
    return _written_by("benchmarks.stalled")


def _written_by(module: str, *arguments: str) -> dict[str, Any]:
    """The figures that the command writes; none when it broke off."""
    with tempfile.NamedTemporaryFile(suffix=".json") as written:
        subprocess.run([sys.executable, "-m", module, *arguments, f"--out={written.name}"], cwd=CHECKOUT)
        figures: dict[str, Any] = json.loads(Path(written.name).read_text() or "{}")
    return figures


def run(selection: list[str]) -> Results:
    """What came of each selected test."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as written:
        command = [sys.executable, "-m", "pytest", *IN_PARALLEL, *selection, f"--junitxml={written.name}"]
        subprocess.run(command, cwd=CHECKOUT)
        return results_in(Path(written.name))


def results_in(junit: Path) -> Results:
    """What pytest wrote there of each test, also of those that it skipped."""
    return [_came_to(case) for case in ElementTree.parse(junit).iter("testcase")]


def _came_to(case: ElementTree.Element) -> Ran:
    test = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
    if case.find("failure") is not None or case.find("error") is not None:
        return Ran(test, FAILED)
    return Ran(test, HELD if case.find("skipped") is None else SKIPPED)


if __name__ == "__main__":
    main()
