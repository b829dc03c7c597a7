"""Texts to vectors: a local English model, a local multilingual one, or any served at OPENAI_BASE_URL."""

from functools import cache

from django.conf import settings

from knowledge.embedding.local import MiniLM, MultilingualE5
from knowledge.embedding.port import Embedder, EmbeddingUnavailable, InvalidEmbedding, Vectors
from knowledge.embedding.served import ServedEmbedder

__all__ = ["Embedder", "EmbeddingUnavailable", "InvalidEmbedding", "Vectors", "embedder_named", "get_embedder"]


def get_embedder() -> Embedder:
    """The embedder of EMBEDDING_MODEL, one a process; the model itself is loaded at its first use."""
    return embedder_named(settings.EMBEDDING_MODEL)


@cache
def embedder_named(name: str) -> Embedder:
    """`local`, `local-multilingual`, or the name of a model served at OPENAI_BASE_URL."""
    if name == MiniLM.name:
        return MiniLM(threads=settings.EMBEDDING_THREADS)
    if name == MultilingualE5.name:
        return MultilingualE5(threads=settings.EMBEDDING_THREADS)
    return ServedEmbedder(name, base_url=settings.OPENAI_BASE_URL, api_key=settings.OPENAI_API_KEY)
