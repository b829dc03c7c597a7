"""Another EMBEDDING_MODEL from one start to the next, as an operator changes it."""

from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.journeys.conftest import CHARGING
from tests.model_server.running import RunningModelServer
from tests.product import Product, eventually, started

pytestmark = pytest.mark.services
GENERATIONS = "SELECT embedding_model, state FROM knowledge_indexgeneration"
KINDS_OF_VECTORS = "SELECT DISTINCT generation_id, vector_dims(embedding) FROM knowledge_chunk"
ARTICLES_IN_EACH = "SELECT generation_id, count(*) FROM knowledge_indexeddocument GROUP BY 1"
ARTICLES_HELD = "SELECT count(*) FROM knowledge_document WHERE status <> 'removed'"
VECTOR_INDEXES = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'chunk_embedding_%'"
DIMENSION_OF_LOCAL, DIMENSION_OF_OTHER = 384, 128
OTHER = f"e5-small+dimension:{DIMENSION_OF_OTHER}"


def test_after_a_start_with_another_model_all_is_embedded_by_it_and_questions_are_answered(
    started_before: Path, folder: Path, running_model_server: RunningModelServer
) -> None:
    with started(started_before) as product:
        assert product.manage("ingest", str(folder), "--collection", "zorblatt").returncode == 0
        assert _rows(product, GENERATIONS) == [("local", "active")]
        assert {dimension for _, dimension in _rows(product, KINDS_OF_VECTORS)} == {DIMENSION_OF_LOCAL}

    running_model_server.reset()
    other = {"EMBEDDING_MODEL": OTHER, "OPENAI_BASE_URL": running_model_server.base_url, "LLM_MODEL": "echo"}
    with started(started_before, **other) as product:
        eventually(lambda: _rows(product, GENERATIONS) == [(OTHER, "active")], "the new index answers alone")
        ((generation, dimension),) = _rows(product, KINDS_OF_VECTORS)
        assert dimension == DIMENSION_OF_OTHER
        assert _rows(product, ARTICLES_IN_EACH) == [(generation, *_rows(product, ARTICLES_HELD)[0])]
        assert _rows(product, VECTOR_INDEXES) == [(1,)]
        answered = _ask(product, CHARGING)
    assert answered["decision"] == "answer"
    assert answered["sources"][0]["article"] == "start/charging"
    embedded = [text for body in running_model_server.requests for text in body.get("input", [])]
    assert f"query: {CHARGING}" in embedded
    assert sum(text.startswith("passage: Charging the Zorblatt") for text in embedded) > 1


def _ask(product: Product, question: str) -> Any:
    headers = {"Authorization": f"Bearer {product.api_key}"}
    asked = {"question": question, "collection": "zorblatt"}
    return httpx.post(f"{product.base_url}/api/v1/ask", json=asked, headers=headers, timeout=60).json()


def _rows(product: Product, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(product.database_url) as connection:
        return connection.execute(statement).fetchall()
