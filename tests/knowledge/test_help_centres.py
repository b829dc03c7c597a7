"""Real help centres, as their vendors wrote them."""

import os
import tarfile
from pathlib import Path

import pytest

from knowledge.chunking import chunk
from knowledge.sources import Article, Skipped, open_source

EVALUATION_DATA = os.environ.get("EVALUATION_DATA", "")
pytestmark = [
    pytest.mark.evaluation,
    pytest.mark.skipif(not EVALUATION_DATA, reason="EVALUATION_DATA names no folder of evaluation sets"),
]


def articles(path: Path) -> dict[str, Article]:
    """Of a repository all that is not its licence."""
    found = list(open_source(path).fetch())
    skipped = [one for one in found if not isinstance(one, Article)]
    assert all(isinstance(one, Skipped) and Path(one.path).name == "LICENSE.md" for one in skipped), skipped
    return {one.article: one for one in found if isinstance(one, Article)}


def test_a_help_centre_loses_nothing_as_archive_or_as_folder(tmp_path: Path) -> None:
    archive = Path(EVALUATION_DATA, "arduino_help_center", "arduino-help-center.tar.gz")
    packed = articles(archive)
    with tarfile.open(archive) as files:
        files.extractall(tmp_path, filter="data")
    assert len(packed) == 414
    assert articles(tmp_path) == packed
    assert all(chunk(article.text, article.title) for article in packed.values())
    assert not any("{." in article.text or "[!" in article.text for article in packed.values())


@pytest.mark.parametrize(("name", "count"), [("gnome_help", 262), ("techqa", 337), ("mtrag_cloud", 6223)])
def test_a_corpus_loses_nothing(name: str, count: int) -> None:
    found = articles(Path(EVALUATION_DATA, name, "corpus.jsonl.gz"))
    assert len(found) == count
    assert all(chunk(article.text, article.title) for article in found.values())
