"""What several tests of knowledge are given."""

from pathlib import Path

import pytest
import stamina

from knowledge.embedding import embedder_named


@pytest.fixture
def served_model(model_server, settings):
    """EMBEDDING_MODEL is one that the model server serves."""
    settings.EMBEDDING_MODEL = "bag-of-words"
    embedder_named.cache_clear()
    with stamina.set_testing(True, attempts=2, cap=True):
        yield model_server
    embedder_named.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files of a help centre."""
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide" / "one.md").write_text("# One\n\nThe first article.")
    (tmp_path / "two.md").write_text("---\nid: 22\n---\n# Two\n\nThe second article.")
    (tmp_path / "three.txt").write_text("The third article.")
    return tmp_path
