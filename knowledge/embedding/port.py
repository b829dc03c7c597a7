"""What every embedder offers, and what is never accepted as a vector."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class EmbeddingUnavailable(Exception):
    """No vectors can be had now; worth another try later."""


class InvalidEmbedding(EmbeddingUnavailable):
    """The model answered, but not with one usable vector for each text."""


class Embedder(Protocol):
    """Turns texts into L2-normalised vectors; safe to call from several threads."""

    @property
    def recipe(self) -> str:
        """Names model, dimension and prefixes, and where it is served; vectors of two recipes are never compared."""

    def makes(self, recipe: str) -> bool:
        """Whether vectors of that recipe are this model's, comparable with its questions; asks no server."""

    @property
    def dimension(self) -> int:
        """Length of each vector. Raises EmbeddingUnavailable while a served model cannot be asked."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension). Raises EmbeddingUnavailable."""

    def embed_query(self, text: str) -> Vectors:
        """One vector of shape (dimension,). Raises EmbeddingUnavailable."""

    def knows_word(self, word: str) -> bool:
        """Whether the model has the lower-case word whole, so that it is no slip; False where that cannot be told."""


def normalised(vectors: Vectors, count: int, dimension: int) -> Vectors:
    """The vectors scaled to length 1; raises InvalidEmbedding unless they are `count` finite, non-zero ones.

    pgvector leaves zero vectors out of a cosine index: a passage with one could never be found.
    """
    if vectors.shape != (count, dimension):
        raise InvalidEmbedding(f"expected {count} vectors of {dimension} numbers, got an array of {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise InvalidEmbedding("a vector holds numbers that are not finite")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if (lengths < 1e-6).any():
        raise InvalidEmbedding("a vector is zero")
    return np.asarray(vectors / lengths, dtype=np.float32)
