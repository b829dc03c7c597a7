"""`python -m benchmarks.memory`: what the whole product weighs, process by process, idle, at work and idle again.

Starts a product of its own in a temporary folder. Megabytes of PSS: memory that processes share is divided among
them, so the column adds up to what the machine gives.
"""

import json
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import psutil

from benchmarks.evaluation import tables
from tests.product import Product, eventually, started

QUESTIONS = ("How do I embed the widget?", "How can I import articles from a folder?", "What does a handoff do?")
NAMES = ("database", "broker", "forks", "web", "answers", "ingestion", "housekeeping", "beat")
# For the periodic tasks to have run, and a child to be replaced.
SETTLE_SECONDS = 20


def main() -> None:
    """Print the table."""
    print(table(measure()))


def measure() -> dict[str, Counter[str]]:
    """MB by process, at each of three moments."""
    columns: dict[str, Counter[str]] = {}
    place = tempfile.TemporaryDirectory(prefix="answerdesk-memory-", dir="/var/tmp")
    with place as folder, started(Path(folder)) as product:
        time.sleep(SETTLE_SECONDS)
        columns["started"] = weigh(product)
        for question in QUESTIONS:
            ask(product, question)
        columns["after questions"] = weigh(product)
        import_articles(product, Path(folder) / "articles")
        time.sleep(SETTLE_SECONDS)
        columns["after an import"] = weigh(product)
    return columns


def weigh(product: Product) -> Counter[str]:
    """MB by the name of the process, its children included."""
    owners = {product.pid(name): name for name in NAMES}
    weights: Counter[str] = Counter()
    for process in product.processes():
        line = [process, *process.parents()]
        name = next((owners[one.pid] for one in line if one.pid in owners), "supervisor")
        weights[name] += psutil.Process(process.pid).memory_full_info().pss / 1e6  # type: ignore[assignment]
    return weights


def ask(product: Product, question: str) -> None:
    """Put a question to the web process."""
    request = urllib.request.Request(
        f"{product.base_url}/api/v1/ask",
        data=json.dumps({"question": question}).encode(),
        headers={"Authorization": f"Bearer {product.api_key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        response.read()


def import_articles(product: Product, folder: Path) -> None:
    """Have the worker import a folder, as the administration does."""
    folder.mkdir()
    for number in range(50):
        (folder / f"{number}.md").write_text(f"# Article {number}\n\n" + f"Sentence {number} of many. " * 60)
    code = (
        "from knowledge import imports; from knowledge.models import Collection, Source;"
        "source = Source.objects.create(collection=Collection.objects.get(slug='default'),"
        f" kind=Source.Kind.FOLDER, location={str(folder)!r}); imports.request_import(source)"
    )
    result = product.manage("shell", "-v", "0", "-c", code)
    assert result.returncode == 0, result.stderr
    state = "from knowledge.models import ImportRun; print(ImportRun.objects.latest('pk').state)"
    eventually(lambda: product.manage("shell", "-v", "0", "-c", state).stdout.strip() == "done", "the import ends")


def table(columns: Mapping[str, Counter[str]]) -> str:
    """A Markdown table of the columns with their sums."""
    rows = [[name, *(f"{column[name]:.0f}" for column in columns.values())] for name in (*NAMES, "supervisor")]
    rows.append(["**all**", *(f"**{sum(column.values()):.0f}**" for column in columns.values())])
    return tables.table(("MB", *columns), rows)


if __name__ == "__main__":
    main()
