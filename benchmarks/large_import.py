"""`python -m benchmarks.large_import [ARTICLES]`: what a very large import takes of memory, and how fast it is.

Articles of two sections are recombined from the sentences of the evaluation sets (benchmarks/evaluation/recombined.py)
and written to one corpus. `manage.py ingest` reads it beside a product of its own: as new articles, then once more as
it is, then without its last tenth, which is to be removed. That process is weighed once a second in PSS, memory that
processes share being divided among them. Vectors come at once from the model server of the tests, as bags of hashed
words: it is not the embedding that is measured. All else is the product's own work. Set EVALUATION_DATA.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import psycopg

from benchmarks.evaluation import recombined, tables
from tests.model_server.app import Recorded
from tests.model_server.running import running
from tests.product import CHECKOUT, Product, started

ARTICLES = 20_000
SECTIONS = 2
FIRST_START_SECONDS = 600.0
LOOK_SECONDS = 1.0
# Of an import, until everything that it uses is loaded.
WARMING_SHARE = 0.1
DONE = "SELECT added + changed + unchanged + failed FROM knowledge_importrun WHERE state = 'running'"


class Look(NamedTuple):
    """Seconds since the command began, articles done, and megabytes of PSS of the process that imports."""

    seconds: float
    articles: int
    megabytes: float


class Import(NamedTuple):
    """One run of the command: what it says of itself, and what was seen of it."""

    of: str
    report: dict[str, object]
    looks: list[Look]


def main() -> None:
    """Print the table."""
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES)))


def measure(articles: int = ARTICLES) -> list[Import]:
    """The three imports."""
    with tempfile.TemporaryDirectory(prefix="answerdesk-import-", dir="/var/tmp") as place, running() as server:
        folder, corpus = Path(place), Path(place, "corpus.jsonl")
        model = {"EMBEDDING_MODEL": "bag-of-words", "OPENAI_BASE_URL": server.base_url}
        with started(folder, FIRST_START_SECONDS, **model) as product:
            server.app.requests = _Forgotten()
            write(corpus, articles)
            runs = [_imported(product, corpus, "new articles"), _imported(product, corpus, "the same, unchanged")]
            write(corpus, articles - articles // 10)
            return [*runs, _imported(product, corpus, "without the last tenth")]


class _Forgotten(list[Recorded]):
    """Requests that nobody will read: kept, they would take the memory that is measured here."""

    def append(self, _: Recorded) -> None:
        pass


def write(corpus: Path, articles: int) -> None:
    """A corpus of that many articles, the same ones each time."""
    made = islice(recombined.articles(recombined.pool(), SECTIONS), articles)
    with corpus.open("w", encoding="utf-8") as file:
        for number, (title, text, _) in enumerate(made):
            file.write(json.dumps({"_id": f"article-{number}", "title": title, "text": text}) + "\n")


def _imported(product: Product, corpus: Path, of: str) -> Import:
    command = [sys.executable, "manage.py", "ingest", str(corpus), "--collection", "large", "--json"]
    began, looks = time.monotonic(), list[Look]()
    with (
        tempfile.TemporaryFile() as printed,
        psycopg.connect(product.database_url, autocommit=True) as database,
        subprocess.Popen(
            command, cwd=CHECKOUT, env=product.environment, stdout=printed, stderr=subprocess.DEVNULL
        ) as ingesting,
    ):
        process = psutil.Process(ingesting.pid)
        while ingesting.poll() is None:
            done = database.execute(DONE).fetchone()
            looks.append(Look(time.monotonic() - began, done[0] if done else 0, _megabytes(process)))
            time.sleep(LOOK_SECONDS)
        assert ingesting.returncode == 0, ingesting.returncode
        printed.seek(0)
        return Import(of, json.loads(printed.read()), looks)


def _megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.Error:  # it has just ended
        return 0.0


def table(runs: Sequence[Import]) -> str:
    """Markdown: a row for each import."""
    head = ("import", "articles", "chunks", "seconds", "articles/s", "MB, warm", "MB, at most", "MB more for 10,000")
    return tables.table(head, [_row(run) for run in runs])


def _row(run: Import) -> tuple[str, ...]:
    counts = run.report["documents"]
    assert isinstance(counts, dict)
    seen = counts["added"] + counts["changed"] + counts["unchanged"]
    seconds = float(str(run.report["seconds"]))
    most = max(look.megabytes for look in run.looks)
    warm = [look for look in run.looks if WARMING_SHARE * seen <= look.articles and look.megabytes] or run.looks[-1:]
    figures = f"{seen:,}", f"{run.report['chunks']:,}", f"{seconds:.0f}", f"{seen / seconds:.0f}"
    return (run.of, *figures, f"{warm[0].megabytes:.0f}", f"{most:.0f}", f"{slope(warm):+.1f}")


def slope(looks: Sequence[Look]) -> float:
    """By how many megabytes the process grew for 10,000 articles, by least squares; 0 where too little was seen."""
    if len({look.articles for look in looks}) < 2:
        return 0.0
    return float(np.polyfit([look.articles for look in looks], [look.megabytes for look in looks], 1)[0]) * 10_000


if __name__ == "__main__":
    main()
