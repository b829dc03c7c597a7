"""What the product takes: on the disk, in a browser, and until it is ready. A section of the evaluation's report."""

import gzip
import re
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urljoin

from benchmarks.evaluation.tables import table
from tests.product import started

ROOT = Path(__file__).resolve().parents[2]
LOADER = "/widget.js"
WIDGET = [
    f"/static/{file}" for file in ("widget/widget.js", "widget/words/en.json", "widget/widget.css", "shared/tokens.css")
]
STARTS = 3
_IMPORTED = re.compile(r"""(?:from|import)\s*\(?["'](\.{1,2}/[\w/.-]+)["']""")
_REQUIRED = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==", re.M)


def section(data: Path) -> str:
    """Markdown. Starts a product of its own, several times."""
    with tempfile.TemporaryDirectory(prefix="answerdesk-footprint-", dir="/var/tmp") as folder:
        with started(Path(folder)) as product:
            loader, whole = (gzipped(files, partial(fetched, product.base_url)) for files in ([LOADER], WIDGET))
        second_start = second_start_seconds(Path(folder))
    rows = [
        ("packages of requirements.txt, installed, MB", f"{installed_bytes() / 1e6:.0f}", "900 with everything"),
        ("second start until ready, s, median of three", f"{second_start:.1f}", "6"),
        ("the widget's loader, gzipped, KB", f"{loader / 1e3:.1f}", "5"),
        ("the widget with all that it loads in English, gzipped, KB", f"{whole / 1e3:.1f}", "30"),
    ]
    return f"## Footprint\n\n{table(('what', 'measured', 'goal'), rows)}"


def installed_bytes() -> int:
    """Of the files of every package that requirements.txt names and that is installed here."""
    names = set(_REQUIRED.findall((ROOT / "requirements.txt").read_text(encoding="utf-8")))
    return sum(size for name in names for size in _sizes(name))


def second_start_seconds(folder: Path) -> float:
    """From the command to a whole product, where the first start is done."""
    taken = []
    for _ in range(STARTS):
        began = time.monotonic()
        with started(folder):
            taken.append(time.monotonic() - began)
    return statistics.median(taken)


def gzipped(addresses: Iterable[str], fetch: Callable[[str], bytes]) -> int:
    """Bytes of what is served there and of the modules that it imports, each once; `fetch` gives a file as packed."""
    seen: dict[str, int] = {}
    waiting = list(addresses)
    while waiting:
        address = waiting.pop()
        if address not in seen:
            packed = fetch(address)
            seen[address] = len(packed)
            told = gzip.decompress(packed).decode() if address.endswith(".js") else ""
            waiting += [urljoin(address, name) for name in _IMPORTED.findall(told)]
    return sum(seen.values())


def fetched(base_url: str, address: str) -> bytes:
    """The body of a response as it travels."""
    asked = urllib.request.Request(base_url + address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as response:
        body: bytes = response.read()
    return body


def _sizes(name: str) -> Iterator[int]:
    try:
        files = distribution(name).files or ()
    except PackageNotFoundError:  # for another system
        return
    for file in files:
        path = Path(str(file.locate()))
        if path.is_file():
            yield path.stat().st_size
