"""`python -m tests.faults.prove`: run every fault test three times over, and write what held to docs/proof.md."""

import platform
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psutil

ROUNDS = 3
CHECKOUT = Path(__file__).resolve().parents[2]
REPORT = CHECKOUT / "docs" / "proof.md"


def main() -> None:
    """Exit status 1 when any test failed in any round."""
    results = [result for _ in range(ROUNDS) for result in run_round()]
    REPORT.write_text(report(results))
    failed = sum(not held for _, held in results)
    print(f"Wrote {REPORT}: {len(results) - failed} held, {failed} failed.")
    sys.exit(1 if failed or not results else 0)


def run_round() -> list[tuple[str, bool]]:
    """(test, held) of each fault test that ran."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as written:
        command = [sys.executable, "-m", "pytest", "-m", "fault", f"--junitxml={written.name}"]
        subprocess.run(command, cwd=CHECKOUT)
        cases = list(ElementTree.parse(written.name).iter("testcase"))
    return [(case.get("name", ""), _held(case)) for case in cases if case.find("skipped") is None]


def _held(case: ElementTree.Element) -> bool:
    return case.find("failure") is None and case.find("error") is None


def report(results: list[tuple[str, bool]]) -> str:
    """The page: one row a test, with how often it held."""
    runs = Counter(name for name, _ in results)
    held = Counter(name for name, good in results if good)
    memory = psutil.virtual_memory().total // 2**30
    lines = [
        "# Proof",
        "",
        f"Written by `make prove` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{psutil.cpu_count()} cores, {memory} GB: every fault test, {ROUNDS} times.",
        "",
        "| test | held |",
        "| --- | --- |",
        *(f"| {name.replace('_', ' ')} | {held[name]} of {runs[name]} |" for name in sorted(runs)),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
