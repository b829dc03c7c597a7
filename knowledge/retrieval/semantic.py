"""The chunks nearest to a question's vector."""

import orjson
from django.db import connection

from knowledge.embedding import Vectors
from knowledge.indexing.generations import indexed_vector_type
from knowledge.retrieval.access import Scope

# Up to here a collection's every chunk is compared: exact, and no slower than an index that skips other collections'.
EXACT_CHUNKS = 20_000
INDEX_BREADTH = 200

_EXACT = """
SELECT id FROM knowledge_chunk
WHERE generation_id = %s AND collection_id = %s AND published
ORDER BY embedding <=> %s::vector LIMIT %s
"""
_SETTINGS = f"""
SELECT set_config('hnsw.iterative_scan', 'strict_order', true), set_config('hnsw.ef_search', '{INDEX_BREADTH}', true)
"""
# The index is partial and on an expression: it is used only for exactly these words.
_INDEXED = """
SELECT id FROM knowledge_chunk
WHERE generation_id = {generation} AND collection_id = %s AND published
ORDER BY (embedding::{vector_type}) <=> %s::{vector_type} LIMIT %s
"""


def nearest(scope: Scope, vector: str, limit: int) -> list[int]:
    """Ids of up to `limit` chunks, nearest first; exact in a collection of up to EXACT_CHUNKS.

    `vector` is written as Postgres reads it. Call within a transaction: the index is set to go on until enough chunks
    pass the filter.
    """
    vector_type = indexed_vector_type(scope.dimension)
    if scope.chunk_count <= EXACT_CHUNKS or vector_type is None:
        return _exact(scope, vector, limit)
    found = _indexed(scope, vector, limit, vector_type)
    return found if len(found) == limit else _exact(scope, vector, limit)


def _exact(scope: Scope, vector: str, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_EXACT, [scope.generation_id, scope.collection_id, vector, limit])
        return [row[0] for row in cursor.fetchall()]


def _indexed(scope: Scope, vector: str, limit: int, vector_type: str) -> list[int]:
    sql = _INDEXED.format(generation=int(scope.generation_id), vector_type=vector_type)
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        cursor.execute(sql, [scope.collection_id, vector, limit])
        return [row[0] for row in cursor.fetchall()]


def as_literal(vector: Vectors) -> str:
    """A vector as Postgres reads it."""
    return orjson.dumps(vector, option=orjson.OPT_SERIALIZE_NUMPY).decode()
