"""How the chunks nearest to a question's vector are found."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson
from django.db import connection, transaction

from knowledge.embedding import Vectors
from knowledge.indexing.generations import indexed_vector_type
from knowledge.retrieval.access import Scope

# Up to here a collection's every chunk is compared: exact, and no slower than an index that skips other collections'.
EXACT_CHUNKS = 20_000
INDEX_BREADTH = 200

_EXACT = """
SELECT id FROM knowledge_chunk
WHERE generation_id = %(generation)s AND collection_id = %(collection)s AND published
ORDER BY embedding <=> %(vector)s::vector LIMIT {limit}
"""
# The index is partial and on an expression: it is used only for exactly these words. With the collection as a parameter
# a plan for any would be made, which expects a small one.
_INDEXED = """
SELECT id FROM knowledge_chunk
WHERE generation_id = {generation} AND collection_id = {collection} AND published
ORDER BY (embedding::{vector_type}) <=> %(vector)s::vector::{vector_type} LIMIT {limit}
"""
_SETTINGS = f"""
SELECT set_config('hnsw.iterative_scan', 'strict_order', true), set_config('hnsw.ef_search', '{INDEX_BREADTH}', true)
"""


def nearest(scope: Scope, limit: int, *, exact: bool) -> str:
    """The statement that finds the ids of the `limit` chunks nearest to a `vector` in a `generation` and `collection`.

    These are its parameters. Through the index it may find fewer, and not quite the nearest.
    """
    if exact:
        return _EXACT.format(limit=int(limit))
    return _INDEXED.format(
        generation=int(scope.generation_id),
        collection=int(scope.collection_id),
        vector_type=indexed_vector_type(scope.dimension),
        limit=int(limit),
    )


def is_indexed(scope: Scope) -> bool:
    """Whether the collection is so large that its nearest chunks are found through the index."""
    return scope.chunk_count > EXACT_CHUNKS and indexed_vector_type(scope.dimension) is not None


@contextmanager
def index_read(exact: bool) -> Iterator[None]:
    """Unless nothing but `exact` is wanted, the index is gone through until enough chunks pass the filter.

    A transaction of its own, so that it holds behind poolers, too.
    """
    if exact:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_SETTINGS)
        yield


def as_literal(vector: Vectors) -> str:
    """A vector as Postgres reads it."""
    return orjson.dumps(vector, option=orjson.OPT_SERIALIZE_NUMPY).decode()
