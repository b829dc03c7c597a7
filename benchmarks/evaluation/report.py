"""`python -m benchmarks.evaluation.report [--only NAME ...]`: measures everything and writes docs/evaluation.md.

Set EVALUATION_DATA to the folder of evaluation sets. Each section is a module of this package with a function
`section(data: Path) -> str` that gives Markdown under a heading of its own; those that were not asked for stay in the
document as they are. Starts services of its own in a temporary folder.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import django

from benchmarks.evaluation import sets
from tests import services

# In the order of the document.
SECTIONS = (
    "retrieval",
    "languages",
    "answering",
    "decisions",
    "escalation",
    "several",
    "quotation",
    "help_centres",
    "grounding",
    "injection",
    "parity",
    "latency",
    "ingestion",
    "scale",
    "memory",
    "footprint",
)
# Embed anew whatever is indexed: before the others have filled the database.
FIRST = ("languages", "answering")
# Measures a sample unless it is told to measure the whole.
SAMPLED = "injection"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"
HEAD = """# How good it is

Written by `python -m benchmarks.evaluation.report` from the sets in `EVALUATION_DATA`. `--only NAME` measures one
section anew and leaves the others as they stand, as it does what is noted by hand under a section's figures. What was
learned or chosen looked at the tuning parts alone; figures are of the holdout parts (`benchmarks/evaluation/sets.py`),
unless a section or its note says otherwise. Early choices had both parts in view: the weights and the cap of the first
ranking (decision 010), and what was tried beside the reranker and left (012).
"""
# Below it in a section stands what was written by hand.
NOTE = "<!-- note -->"
_SECTION = re.compile(r"<!-- section (\w+) -->\n(.*?)(?=<!-- section |\Z)", re.S)


def main() -> None:
    """Measure the sections asked for, and write the document after each of them."""
    names = available()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evaluation.report", description="Measure, and write docs/evaluation.md."
    )
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--whole", action="store_true", help="all of the injection sets instead of a sample: an hour")
    asked = parser.parse_args()
    if asked.whole and SAMPLED not in asked.only:
        parser.error(f"--whole is of the section {SAMPLED}")
    data = sets.folder()
    services.prepare_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    try:
        with services.running():
            from django.core.management import call_command

            from knowledge.evaluation.provenance import commit

            measured = f"Measured on {datetime.now(UTC):%Y-%m-%d} at commit {commit() or 'unknown'}"
            call_command("migrate", verbosity=0)
            for name in sorted(asked.only, key=lambda name: name not in FIRST):
                _write(name, data, measured, asked.whole and name == SAMPLED)
    finally:
        services.remove_data()


def available() -> list[str]:
    """The sections that this checkout has."""
    return [name for name in SECTIONS if find_spec(f"benchmarks.evaluation.{name}")]


def _write(name: str, data: Path, measured: str, whole: bool) -> None:
    started = time.monotonic()
    sys.stderr.write(f"{name} ...\n")
    section = import_module(f"benchmarks.evaluation.{name}").section
    text = section(data, whole=True) if whole else section(data)
    minutes = (time.monotonic() - started) / 60
    held = read(DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else "")
    text = dated(text, f"{measured}, in {minutes:.1f} min.")
    DOCUMENT.write_text(document({**held, name: text + note(held.get(name, ""))}), encoding="utf-8")
    sys.stderr.write(f"{name}: {minutes:.1f} min\n")


def dated(section: str, told: str) -> str:
    """The section with a line under its heading that says when it was measured."""
    heading, _, body = section.strip().partition("\n")
    return f"{heading}\n\n{told}\n\n{body.strip()}"


def read(text: str) -> dict[str, str]:
    """The sections that a document holds, by name."""
    return {name: body.strip() for name, body in _SECTION.findall(text)}


def note(section: str) -> str:
    """What was written by hand below a section's figures, with the mark above it; nothing where there is none."""
    _, mark, told = section.partition(NOTE)
    return f"\n\n{mark}{told}" if mark else ""


def document(sections: Mapping[str, str]) -> str:
    """The whole document, its sections in their order."""
    parts = [f"<!-- section {name} -->\n{sections[name]}\n" for name in SECTIONS if name in sections]
    return "\n".join([HEAD, *parts])


if __name__ == "__main__":
    main()
