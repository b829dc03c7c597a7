"""Pytest fixtures of the model server."""

from collections.abc import Iterator

import pytest

from assistant.llm import health
from tests.model_server.running import RunningModelServer, running


@pytest.fixture(scope="session")
def running_model_server() -> Iterator[RunningModelServer]:
    """One server for the session; tests use `model_server`."""
    with running() as server:
        yield server


@pytest.fixture
def model_server(running_model_server: RunningModelServer, settings: object) -> Iterator[RunningModelServer]:
    """The model server with its defaults, and settings that lead to it: model `small-model`, no fallbacks."""
    settings.OPENAI_BASE_URL = running_model_server.base_url  # type: ignore[attr-defined]
    settings.OPENAI_API_KEY = "test-key"  # type: ignore[attr-defined]
    settings.GENERATIVE = True  # type: ignore[attr-defined]
    settings.LLM_MODEL = "small-model"  # type: ignore[attr-defined]
    settings.LLM_FALLBACK_MODELS = []  # type: ignore[attr-defined]
    settings.LLM_PRICES = []  # type: ignore[attr-defined]
    health.seen.clear()
    running_model_server.reset()  # a request of an earlier test may have come in late
    yield running_model_server
    running_model_server.reset()
