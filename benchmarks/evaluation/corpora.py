"""The corpora of the evaluation sets as collections of the report's own database, each ingested once."""

import sys
import tarfile
import tempfile
import time
from functools import cache
from pathlib import Path

from benchmarks.evaluation import mallard
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
    with tempfile.TemporaryDirectory() as scratch:
        counts = ingest([str(_where(data, name, Path(scratch)))], name, None).documents
    sys.stderr.write(f"{name}: {counts.added} articles in {time.monotonic() - started:.0f} s\n")
    return name


def _where(data: Path, name: str, scratch: Path) -> Path:
    """The set's file; of help centres that are packed, or not in a format that is read, their articles in `scratch`."""
    if name == "arduino":
        with tarfile.open(data / "arduino_help_center" / "arduino-help-center.tar.gz") as archive:
            archive.extractall(scratch, filter="data")
    elif name == "gnome":
        for key, page in mallard.pages(data):
            (scratch / f"{key}.html").write_text(page.html, encoding="utf-8")
    else:
        return data / FILES[name]
    return scratch
