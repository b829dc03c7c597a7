"""Texts to vectors: a local English model, a local multilingual one, or any served at OPENAI_BASE_URL."""

from functools import cache

from django.conf import settings

from knowledge.embedding.local import MiniLM, MultilingualE5
from knowledge.embedding.port import Embedder, EmbeddingUnavailable, InvalidEmbedding, Vectors
from knowledge.embedding.prefixes import Prefixes, prefixes_of
from knowledge.embedding.served import ServedEmbedder, prefixes_in

__all__ = [
    "Embedder",
    "EmbeddingUnavailable",
    "InvalidEmbedding",
    "ServedEmbedder",
    "Vectors",
    "embedder_named",
    "embedder_of",
    "get_embedder",
]


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
    return ServedEmbedder(name, settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY, _configured_prefixes(name))


def embedder_of(name: str, recipe: str) -> Embedder:
    """The embedder for questions to vectors of a recipe: with the prefixes that they were made with.

    It may still be another one than made them: ask it whether it `makes` the recipe.
    """
    embedder = embedder_named(name)
    return embedder.with_prefixes(prefixes_in(recipe)) if isinstance(embedder, ServedEmbedder) else embedder


def _configured_prefixes(name: str) -> Prefixes:
    known = prefixes_of(name)
    query, passage = settings.EMBEDDING_QUERY_PREFIX, settings.EMBEDDING_PASSAGE_PREFIX
    return Prefixes(known.query if query is None else query, known.passage if passage is None else passage)
