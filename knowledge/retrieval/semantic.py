"""How the chunks nearest to a question's vector are found."""

import orjson

from knowledge.embedding import Vectors
from knowledge.indexing.generations import indexed_vector_type
from knowledge.retrieval.access import Scope

# Up to here a collection's every chunk is compared: exact, and no slower than an index that skips other collections'.
EXACT_CHUNKS = 20_000

# The index is partial and on an expression: it is used only for exactly these words. How it is read stands in the
# settings' `DATABASES`.
_NEAREST = """
SELECT id FROM knowledge_chunk
WHERE generation_id = {generation} AND collection_id = %(collection)s AND published
ORDER BY {embedding} <=> %(vector)s::{vector_type} LIMIT {limit}
"""


def nearest(scope: Scope, limit: int, *, exact: bool) -> str:
    """The statement that finds the ids of the `limit` chunks nearest to a `vector` in a `collection`, its parameters.

    Through the index it may find fewer, and not quite the nearest.
    """
    vector_type = None if exact else indexed_vector_type(scope.dimension)
    written = {"generation": int(scope.generation_id), "limit": int(limit), "vector_type": vector_type or "vector"}
    return _NEAREST.format(embedding=f"(embedding::{vector_type})" if vector_type else "embedding", **written)


def is_indexed(scope: Scope) -> bool:
    """Whether the collection is so large that its nearest chunks are found through the index."""
    return scope.chunk_count > EXACT_CHUNKS and indexed_vector_type(scope.dimension) is not None


def as_literal(vector: Vectors) -> str:
    """A vector as Postgres reads it."""
    return orjson.dumps(vector, option=orjson.OPT_SERIALIZE_NUMPY).decode()
