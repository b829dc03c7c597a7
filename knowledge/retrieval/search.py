"""retrieve(): words are looked up while the model makes the vector; then both searches are scored, and the best read.

What is replaced meanwhile is noticed, and searched for once more at one moment: an article is there once, old or new.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace

import structlog
from django.db import connection, transaction

from knowledge.bm25 import best_possible
from knowledge.embedding import Embedder, EmbeddingUnavailable, ServedEmbedder, Vectors, embedder_of, get_embedder
from knowledge.retrieval import endpoint, lexical, passages, semantic
from knowledge.retrieval.access import Scope, is_living, scope_of
from knowledge.retrieval.contenders import contenders
from knowledge.retrieval.frequencies import Frequencies
from knowledge.retrieval.fusion import fuse
from knowledge.retrieval.query import Candidate, Query, Retrieval, Understood
from knowledge.retrieval.reranking import RERANKED, rerank
from knowledge.retrieval.scoring import score
from knowledge.retrieval.spelling import understand
from knowledge.retrieval.stages import Stages

__all__ = ["begin", "retrieve"]

log = structlog.get_logger(__name__)

# Of each search; deeper when more passages are wanted, as several chunks may be of one document.
CANDIDATES = 100
CANDIDATES_PER_PASSAGE = 10
# For so long a search keeps its connection while a model makes the vector: to give it back and take another costs 1 ms.
KEPT_SECONDS = 0.02
# As many as searches that the product runs at once: a slow model keeps none of them waiting for another's vector.
_threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="question")
_begun: dict[str, Future[Vectors]] = {}
MOST_BEGUN = 8


class _Changed(Exception):
    """An article was replaced, or an index generation, between two statements of a search."""


def begin(text: str) -> None:
    """Have the vector made of a question that is about to be asked; not by a served model, where each costs money.

    While MOST_BEGUN are being made nothing is begun: those who wait for theirs come first.
    """
    embedder = get_embedder()
    if isinstance(embedder, ServedEmbedder) or text in _begun or len(_begun) >= MOST_BEGUN:
        return
    making = _begun[text] = _threads.submit(embedder.embed_query, text)
    making.add_done_callback(lambda done: _begun.pop(text, None) if _begun.get(text) is done else None)


def retrieve(query: Query) -> Retrieval:
    """The passages that best answer the question. Raises UnknownCollection.

    `degraded` of the result holds "embedding" while the embedding model is away, and the search is lexical alone; and
    "reranking" when the endpoint that should have ordered the best ones did not. No connection waits for either.
    """
    stages = Stages()
    while (found := _retrieved(query, stages)) is None:
        log.info("index_generation_retired_during_search")
    return found


def _retrieved(query: Query, stages: Stages) -> Retrieval | None:
    """None where another generation has taken the place of the one that was searched: its rows may be gone."""
    scope = scope_of(query.collection)
    if scope is None:
        return Retrieval(query, (), (), 0, stages.timings_ms(), ("embedding",), Understood(query.text, {}))
    embedder = embedder_of(scope.embedding_model, scope.recipe)
    frequencies = Frequencies(scope)
    with stages.timed("spelling"):
        understood = understand(scope, frequencies, query.text, embedder)
    looked_up = replace(query, text=understood.text)
    embedding = _threads.submit(_vector, scope, embedder, understood.text, stages)
    words, by_words = found_by_words(looked_up, scope, frequencies, stages)
    vector = _awaited(embedding)
    degraded = [] if vector is not None else ["embedding"]
    try:
        candidates, shown = _search(looked_up, scope, words, by_words, vector, stages)
    except _Changed:
        with snapshot():
            by_words = set(lexical.matching(scope, words, depth(looked_up)))
            candidates, shown = _search(looked_up, scope, words, by_words, vector, stages, at_one_moment=True)
    if not candidates and not is_living(scope):
        return None
    if endpoint.configured() and shown:
        with stages.timed("endpoint"), _disconnected():
            candidates = _ordered(looked_up, candidates, shown, degraded)
    found = passages.select(scope, candidates, shown, query.limit)
    return Retrieval(
        query,
        found,
        passages.placed(candidates, shown),
        scope.generation_id,
        stages.timings_ms(),
        tuple(degraded),
        understood,
        scope.embedding_model,
        scope.recipe,
    )


@contextmanager
def _disconnected() -> Iterator[None]:
    """The connection goes back to the pool while a model runs."""
    if not connection.in_atomic_block:
        connection.close()
    yield


def _awaited(embedding: "Future[Vectors | None]") -> Vectors | None:
    """What the model made; the connection goes back to the pool while that takes long."""
    if not wait([embedding], KEPT_SECONDS).done:
        with _disconnected():
            return embedding.result()
    return embedding.result()


def _vector(scope: Scope, embedder: Embedder, text: str, stages: Stages) -> Vectors | None:
    """The question as the generation's own model sees it, whatever EMBEDDING_MODEL says by now.

    None, too, where that model was served at an address that is configured no more: another server is not asked in its
    place, whose vectors would be compared with those of another model.
    """
    if not embedder.makes(scope.recipe):
        log.warning("embedding_model_not_configured", recipe=scope.recipe)
        return None
    try:
        with stages.timed("embed"):
            if (begun := _begun.get(text)) and begun.running():  # never for what may be in line behind this
                wait([begun])
            vector = embedder.embed_query(text)
    except EmbeddingUnavailable as error:
        log.warning("embedding_unavailable", reason=str(error))
        return None
    if len(vector) != scope.dimension:
        log.warning("embedding_dimension_changed", expected=scope.dimension, got=len(vector))
        return None
    return vector


@contextmanager
def snapshot() -> Iterator[None]:
    """Every statement sees the same moment: an article that is being replaced is there once, old or new."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _search(
    query: Query,
    scope: Scope,
    words: lexical.LexicalQuery,
    by_words: Set[int],
    vector: Vectors | None,
    stages: Stages,
    *,
    at_one_moment: bool = False,
) -> tuple[Sequence[Candidate], Mapping[int, passages.Shown]]:
    """Candidates, best first, and those of them that passages are chosen from.

    Raises _Changed where what one statement found is gone for the next, unless all of them are of one moment.
    """
    with stages.timed("scoring"):
        literal = None if vector is None else semantic.as_literal(vector)
        scored = score(scope, by_words, literal, words, query.locale, depth(query))
    if not (at_one_moment or by_words <= {chunk.chunk_id for chunk in scored}):
        raise _Changed
    with stages.timed("fusion"):
        fused = fuse(scored, best_possible(words.rarity), len(words.rarity), words.overlap)
    with stages.timed("reading"):
        looked_at = passages.looked_at(fused, query.limit, RERANKED)
        shown = passages.read(scope, looked_at)
    if not (at_one_moment or len(shown) == len(looked_at)):
        raise _Changed
    if vector is None:
        return fused, shown
    with stages.timed("reranking"):
        best = contenders(fused[:RERANKED], shown, scored)
        return (*rerank(best, words.rarity, words.overlap, scope.embedding_model), *fused[RERANKED:]), shown


def found_by_words(
    query: Query, scope: Scope, frequencies: Frequencies, stages: Stages
) -> tuple[lexical.LexicalQuery, Set[int]]:
    """The question's words, and the chunks that share the rare ones."""
    with stages.timed("lexical"):
        words = lexical.lexical_query(scope, frequencies, query.text)
        return words, set(lexical.matching(scope, words, depth(query)))


def depth(query: Query) -> int:
    """How many chunks each search finds."""
    return max(CANDIDATES, query.limit * CANDIDATES_PER_PASSAGE)


def _ordered(
    query: Query, candidates: Sequence[Candidate], shown: Mapping[int, passages.Shown], degraded: list[str]
) -> Sequence[Candidate]:
    """The candidates in the endpoint's order; in their own, with a note in `degraded`, when it gives none."""
    try:
        return endpoint.reorder(query.text, candidates, shown)
    except endpoint.EndpointFailed as error:
        log.warning("reranking_failed", reason=str(error))
        degraded.append("reranking")
        return candidates
