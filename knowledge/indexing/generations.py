"""Index generations: one of them answers; when model or chunker change, the next is built beside it."""

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from knowledge.chunking import CHUNKER
from knowledge.embedding import get_embedder
from knowledge.models import Chunk, IndexGeneration

log = structlog.get_logger(__name__)

State = IndexGeneration.State
# One process at a time creates or switches generations.
_LOCK = 0x6B6E6F77

# pgvector's HNSW takes vectors of 2,000 dimensions, half-precision ones of 4,000; beyond that every row is compared.
MAX_VECTOR_DIMENSION = 2000
MAX_HALFVEC_DIMENSION = 4000


def active_generation() -> IndexGeneration:
    """The generation that answers; the first is made here, for the current embedding model and chunker.

    Raises EmbeddingUnavailable when there is none yet and the model's server cannot tell its dimension.
    """
    return _active() or current_generation()


def current_generation() -> IndexGeneration:
    """The generation of the current embedding model and chunker; made when missing, then active if it is the first.

    Raises EmbeddingUnavailable while a served model cannot be asked for its dimension.
    """
    embedder = get_embedder()
    wanted = {"recipe": embedder.recipe, "chunker": CHUNKER}
    existing = _living().filter(**wanted).first()
    if existing:
        return existing
    with transaction.atomic():
        _lock()
        state = State.BUILDING if _active() else State.ACTIVE
        generation, created = _living().get_or_create(
            **wanted,
            defaults={"embedding_model": settings.EMBEDDING_MODEL, "dimension": embedder.dimension, "state": state},
        )
        if created:
            create_vector_index(generation)
            log.info("index_generation_created", generation=generation.id, recipe=generation.recipe, state=state)
    return generation


def generations_to_write() -> list[IndexGeneration]:
    """Those that a changed document goes into: the newest first, then the one that still answers."""
    active_generation()
    return list(_living().order_by("-id"))


def activate(generation: IndexGeneration) -> list[IndexGeneration]:
    """Makes a complete generation the one that answers; returns those that it replaces."""
    with transaction.atomic():
        _lock()
        replaced = list(_living().exclude(pk=generation.pk))
        IndexGeneration.objects.filter(pk__in=[old.pk for old in replaced]).update(state=State.RETIRED)
        IndexGeneration.objects.filter(pk=generation.pk).update(state=State.ACTIVE)
    generation.state = State.ACTIVE
    return replaced


def drop_vector_index(generation: IndexGeneration) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {_index_name(generation)}")


def indexed_vector_type(dimension: int) -> str | None:
    """The SQL type that the vector index of a dimension holds; None when there can be no index."""
    if dimension <= MAX_VECTOR_DIMENSION:
        return f"vector({dimension})"
    return f"halfvec({dimension})" if dimension <= MAX_HALFVEC_DIMENSION else None


def _active() -> IndexGeneration | None:
    return IndexGeneration.objects.filter(state=State.ACTIVE).first()


def _living() -> QuerySet[IndexGeneration]:
    return IndexGeneration.objects.exclude(state=State.RETIRED)


def _lock() -> None:
    """Until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def create_vector_index(generation: IndexGeneration) -> None:
    """Made while the generation is empty, so it takes no time and holds up no one; each row then adds itself."""
    vector_type = indexed_vector_type(generation.dimension)
    if vector_type is None:
        return
    operators = vector_type.partition("(")[0] + "_cosine_ops"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX {_index_name(generation)} ON {Chunk._meta.db_table}"
            f" USING hnsw ((embedding::{vector_type}) {operators}) WHERE generation_id = {int(generation.pk)}"
        )


def _index_name(generation: IndexGeneration) -> str:
    return f"chunk_embedding_{int(generation.pk)}"
