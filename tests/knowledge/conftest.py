"""What several tests of knowledge are given."""

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
