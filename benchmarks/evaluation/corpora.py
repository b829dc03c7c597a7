"""The corpora of the evaluation sets as collections of the report's own database, each ingested once."""

import sys
import time
from functools import cache
from pathlib import Path

from knowledge.ingestion import ingest

FILES = {
    "techqa": "techqa/corpus.jsonl.gz",
    "mtrag_cloud": "mtrag_cloud/corpus.jsonl.gz",
    "gnome_help": "gnome_help/corpus.jsonl.gz",
    "xquad_noise": "xquad_noise/corpus.jsonl",
}


@cache
def ingested(data: Path, name: str) -> str:
    """The slug of the collection that holds the set's corpus, by the real ingestion."""
    started = time.monotonic()
    counts = ingest([str(data / FILES[name])], name, None).documents
    sys.stderr.write(f"{name}: {counts.added} articles in {time.monotonic() - started:.0f} s\n")
    return name
