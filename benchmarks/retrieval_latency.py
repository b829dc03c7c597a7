"""`python -m benchmarks.retrieval_latency [FOLDER]`: how long a search takes in a collection of 100,000 chunks.

Questions of techqa and mtrag_cloud in turns, one at a time, warm; the question's embedding is a column of its own and
no part of the whole, which is what a search takes beyond it: words are looked up meanwhile. How the collection is made
is told in benchmarks/evaluation/recombined.py. Set EVALUATION_DATA.
Starts services of its own in a temporary folder, or in FOLDER, which then keeps the collection for the next run.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import numpy as np

from benchmarks.evaluation import recombined, sets
from tests import services

CHUNKS = 100_000
WARMING = 40
QUESTIONS = 150  # of each set
SLUG = "evaluation-recombined"
Timings = dict[str, float]


def main() -> None:
    """Print the table."""
    kept = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    with _services(kept):
        prepare()
        print(table(measure()))


@contextmanager
def _services(kept: Path | None) -> Iterator[None]:
    services.prepare_environment()
    temporary = os.environ["DATA_DIR"]
    if kept is not None:
        os.environ["DATA_DIR"] = str(kept)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    try:
        with services.running():
            django.setup()
            yield
    finally:
        os.environ["DATA_DIR"] = temporary
        services.remove_data()


def prepare() -> None:
    """Have the large collection, made now unless it is whole."""
    from django.core.management import call_command

    from knowledge.embedding import get_embedder
    from knowledge.evaluation.scratch import remove_collection
    from knowledge.models import Collection, CollectionStatistic, IndexedDocument

    call_command("migrate", verbosity=0)
    held = CollectionStatistic.objects.filter(collection__slug=SLUG).first()
    # A migration may have forgotten what was indexed: then titles have no vectors and no word is looked for.
    indexed = IndexedDocument.objects.filter(document__collection__slug=SLUG).exists()
    if held is None or held.chunk_count < CHUNKS or not indexed:
        remove_collection(SLUG)
        collection = Collection.objects.create(slug=SLUG, name="Recombined")
        recombined.build(collection, CHUNKS, get_embedder().embed_passages)


def measure() -> list[tuple[str, Timings]]:
    """Set and milliseconds by stage of each question."""
    from knowledge.retrieval import Query, retrieve

    measured = []
    for number, (name, text) in enumerate(questions()):
        timings = retrieve(Query(text, SLUG, limit=6)).timings_ms
        if number >= WARMING:
            measured.append((name, timings | {"search": timings["total"] - timings["embed"]}))
    return measured


def questions() -> list[tuple[str, str]]:
    """Set and text: those of both sets in turns, each once."""
    texts = {"techqa": [q.text for q in sets.techqa()], "mtrag_cloud": [q.text for q in sets.mtrag()]}
    each = (QUESTIONS + WARMING // 2) if min(map(len, texts.values())) > QUESTIONS else min(map(len, texts.values()))
    return [(name, texts[name][index]) for index in range(each) for name in texts]


def table(measured: Sequence[tuple[str, Timings]]) -> str:
    """Markdown: p50 / p95 by stage, of all questions and by set."""
    stages = [stage for stage in measured[0][1] if stage not in ("total", "search", "embed")]
    lines = ["| ms, p50 / p95 | search | " + " | ".join([*stages, "embedding"]) + " |"]
    lines.append("| --- |" + " ---: |" * (len(stages) + 2))
    for name in ("all", *dict.fromkeys(name for name, _ in measured)):
        rows = [timings for of, timings in measured if name in ("all", of)]
        cells = [_cell([row.get(stage, 0.0) for row in rows]) for stage in ("search", *stages, "embed")]
        lines.append(f"| {name} ({len(rows)}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(values: Any) -> str:
    middle, high = np.percentile(values, [50, 95])
    return f"{middle:.1f} / {high:.1f}"


if __name__ == "__main__":
    main()
