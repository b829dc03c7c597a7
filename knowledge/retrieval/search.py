"""retrieve(): vector first, without a database connection; then one consistent look at the index."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
from django.db import connection, transaction

from knowledge.bm25 import best_possible
from knowledge.embedding import EmbeddingUnavailable, Vectors, embedder_named
from knowledge.indexing.generations import active_generation
from knowledge.models import IndexGeneration
from knowledge.retrieval import contenders, lexical, passages, semantic
from knowledge.retrieval.access import Scope, find_collection, scope_of
from knowledge.retrieval.fusion import Scored, fuse
from knowledge.retrieval.query import Candidate, Passage, Query, Retrieval
from knowledge.retrieval.reranking import RERANKED, rerank
from knowledge.retrieval.scoring import score

log = structlog.get_logger(__name__)

# Of each search; deeper when more passages are wanted, as several chunks may be of one document.
CANDIDATES = 100
CANDIDATES_PER_PASSAGE = 10


def retrieve(query: Query) -> Retrieval:
    """The passages that best answer the question. Raises UnknownCollection.

    While the embedding model is away the search is lexical alone, and `degraded` holds "embedding".
    """
    started = time.perf_counter()
    collection_id = find_collection(query.collection)
    generation = _standing_generation()
    if generation is None:
        return Retrieval(query, (), (), 0, {"total": _ms_since(started)}, ("embedding",))
    if not connection.in_atomic_block:
        connection.close()  # back to the pool while the model runs
    embedding_started = time.perf_counter()
    vector = _vector(generation, query.text)
    embedded = _ms_since(embedding_started)
    with _snapshot():
        candidates, found = _search(query, scope_of(collection_id, generation), vector)
    timings = {"embed": embedded, "total": _ms_since(started)}
    degraded = ("embedding",) if vector is None else ()
    return Retrieval(query, found, candidates, generation.pk, timings, degraded, generation.recipe)


def _standing_generation() -> IndexGeneration | None:
    """None while the very first cannot be made because the model's server is away: then nothing is indexed either."""
    try:
        return active_generation()
    except EmbeddingUnavailable:
        return None


def _vector(generation: IndexGeneration, text: str) -> Vectors | None:
    """The question as the generation's own model sees it, whatever EMBEDDING_MODEL says by now."""
    try:
        vector = embedder_named(generation.embedding_model).embed_query(text)
    except EmbeddingUnavailable as error:
        log.warning("embedding_unavailable", reason=str(error))
        return None
    if len(vector) != generation.dimension:
        log.warning("embedding_dimension_changed", expected=generation.dimension, got=len(vector))
        return None
    return vector


@contextmanager
def _snapshot() -> Iterator[None]:
    """Every statement sees the same moment: an article that is being replaced is there once, old or new."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _search(query: Query, scope: Scope, vector: Vectors | None) -> tuple[tuple[Candidate, ...], tuple[Passage, ...]]:
    depth = max(CANDIDATES, query.limit * CANDIDATES_PER_PASSAGE)
    words = lexical.lexical_query(scope, query.text)
    found = set(lexical.matching(scope, words, depth))
    if vector is not None:
        found |= set(semantic.nearest(scope, vector, depth))
    scored = score(scope, found, vector, words, query.locale)
    fused = fuse(scored, best_possible(words.rarity), len(words.rarity))
    candidates = fused if vector is None else _look_again(fused, scored, words.rarity)
    return passages.select(scope, candidates, query.limit)


def _look_again(
    fused: tuple[Candidate, ...], scored: list[Scored], rarity: Mapping[int, float]
) -> tuple[Candidate, ...]:
    best, others = fused[:RERANKED], fused[RERANKED:]
    words = contenders.read(best, {chunk.chunk_id: chunk for chunk in scored})
    return (*rerank(words, rarity), *others)


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
