"""What a very large import takes of memory: a section of the evaluation's report."""

import os
from pathlib import Path

from benchmarks import large_import


def section(data: Path) -> str:
    """Markdown. Starts a product of its own; `data` is the folder of evaluation sets."""
    os.environ["EVALUATION_DATA"] = str(data)
    told = (
        f"`manage.py ingest` of a corpus of {large_import.ARTICLES:,} articles of two sections, recombined from the "
        "sentences of the sets. Vectors come at once from a stand-in for a model's server: what is measured is all "
        "else. Megabytes of PSS of the importing process, from the tenth of the articles on at which everything is "
        "loaded. Goal: 100,000 articles in bounded memory."
    )
    return f"## A large import\n\n{told}\n\n{large_import.table(large_import.measure())}"
