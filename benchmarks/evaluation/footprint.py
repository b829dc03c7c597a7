"""What the product takes: on the disk, in a browser, and until it is ready. A section of the evaluation's report."""

import gzip
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from benchmarks.evaluation.tables import table
from tests.product import started

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
STARTS = 3
_IMPORTED = re.compile(r"""(?:from|import)\s*\(?["'](\.{1,2}/[\w/.-]+)["']""")
_REQUIRED = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==", re.M)


def section(data: Path) -> str:
    """Markdown. Starts a product of its own, several times."""
    whole = gzipped(["widget/widget.js", "widget/words/en.json", *_styles()])
    rows = [
        ("packages of requirements.txt, installed, MB", f"{installed_bytes() / 1e6:.0f}", "900 with everything"),
        ("second start until ready, s, median of three", f"{second_start_seconds():.1f}", "6"),
        ("the widget's loader, gzipped, KB", f"{gzipped(['widget/loader.js']) / 1e3:.1f}", "5"),
        ("the widget with all that it loads in English, gzipped, KB", f"{whole / 1e3:.1f}", "30"),
    ]
    return f"## Footprint\n\n{table(('what', 'measured', 'goal'), rows)}"


def installed_bytes() -> int:
    """Of the files of every package that requirements.txt names and that is installed here."""
    names = set(_REQUIRED.findall((ROOT / "requirements.txt").read_text(encoding="utf-8")))
    return sum(size for name in names for size in _sizes(name))


def second_start_seconds() -> float:
    """From the command to a whole product, where the first start is done."""
    taken = []
    with tempfile.TemporaryDirectory(prefix="answerdesk-footprint-", dir="/var/tmp") as folder:
        with started(Path(folder)):
            pass
        for _ in range(STARTS):
            began = time.monotonic()
            with started(Path(folder)):
                taken.append(time.monotonic() - began)
    return statistics.median(taken)


def gzipped(files: list[str]) -> int:
    """Bytes of the files of static/ and of the modules that they import, each packed by itself."""
    seen: set[Path] = set()
    waiting = [STATIC / file for file in files]
    while waiting:
        file = waiting.pop().resolve()
        if file not in seen:
            seen.add(file)
            waiting += _imported(file)
    return sum(len(gzip.compress(file.read_bytes())) for file in seen)


def _imported(file: Path) -> Iterator[Path]:
    if file.suffix == ".js":
        yield from (file.parent / name for name in _IMPORTED.findall(file.read_text(encoding="utf-8")))


def _styles() -> list[str]:
    return ["widget/widget.css", "shared/tokens.css"]


def _sizes(name: str) -> Iterator[int]:
    try:
        files = distribution(name).files or ()
    except PackageNotFoundError:  # for another system
        return
    for file in files:
        path = Path(str(file.locate()))
        if path.is_file():
            yield path.stat().st_size
