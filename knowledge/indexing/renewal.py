"""Builds the index for a changed embedding model or chunker while the old one goes on answering."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from knowledge import imports
from knowledge.embedding import InvalidEmbedding, embedder_of, get_embedder
from knowledge.indexing.apply import index_documents
from knowledge.indexing.attempts import LEFT_OUT
from knowledge.indexing.generations import activate, current_generation, drop_vector_index
from knowledge.models import (
    Chunk,
    CollectionStatistic,
    Document,
    IndexedDocument,
    IndexGeneration,
    TermStatistic,
    WordStatistic,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Renewal:
    """An index that is being built for another embedding model, while that of `answering` goes on answering.

    Of `total` articles `done` are in it, and `refused` published ones the model cannot take. Not `by_meaning`:
    `answering` was served at an address that is configured no more, and questions find articles by words alone.
    """

    model: str
    answering: str
    done: int
    total: int
    refused: int
    by_meaning: bool


DOCUMENTS_PER_ROUND = 50
CHUNKS_PER_DELETION = 2000


def renewal() -> Renewal | None:
    """How far the articles are embedded for EMBEDDING_MODEL and its server; None when their index answers.

    Reads rows alone: a model's server is not asked.
    """
    answering = IndexGeneration.objects.filter(state=IndexGeneration.State.ACTIVE).first()
    if answering is None or _is_of_now(answering):
        return None
    total = Document.objects.exclude(status=Document.Status.REMOVED).count()
    named = {"embedding_model": settings.EMBEDDING_MODEL, "state": IndexGeneration.State.BUILDING}
    building = next(filter(_is_of_now, IndexGeneration.objects.filter(**named)), None)
    done = total - _lacking(building).count() if building else 0
    refused = refused_articles().count()
    by_meaning = embedder_of(answering.embedding_model, answering.recipe).makes(answering.recipe)
    return Renewal(settings.EMBEDDING_MODEL, answering.embedding_model, done, total, refused, by_meaning)


def _is_of_now(generation: IndexGeneration) -> bool:
    """Of the model that is configured, served where it is configured."""
    return generation.embedding_model == settings.EMBEDDING_MODEL and get_embedder().makes(generation.recipe)


def refused_articles() -> QuerySet[Document]:
    """Published articles that the search model cannot take: once its index answers, no answer comes from them."""
    return Document.objects.filter(status=Document.Status.PUBLISHED).exclude(refusal="")


def renew_index() -> int:
    """Indexes what the current generation lacks, then makes it the one that answers; returns the chunks written.

    Nothing to do costs a few queries. May run at any time, in several processes, and be cut off at any point. An
    article that the model cannot take keeps none of the others waiting; it is not answerable then, and tried again with
    the next run. One whose indexing has ended a process is tried alone and last, and at last left out.
    Raises EmbeddingUnavailable; the old generation then goes on answering.
    """
    generation = current_generation()
    refused: list[int] = []
    written = 0
    last = 0
    fresh = _to_index(generation).filter(indexing_attempts=0)
    while documents := list(fresh.filter(pk__gt=last).order_by("pk")[:DOCUMENTS_PER_ROUND]):
        written += _index_all_possible(documents, generation, refused)
        last = documents[-1].pk
    for document in _to_index(generation).filter(indexing_attempts__gt=0).order_by("indexing_attempts", "pk"):
        written += _index_all_possible([document], generation, refused)
    possible = _lacking(generation).exclude(LEFT_OUT).exclude(pk__in=refused)
    if generation.state == IndexGeneration.State.ACTIVE or not possible.exists():
        _let_answer(generation, refused)
    _delete_retired()
    return written


@transaction.atomic
def _let_answer(generation: IndexGeneration, refused: Sequence[int]) -> None:
    """From now on nothing is answered from what only an older generation holds."""
    if generation.state != IndexGeneration.State.ACTIVE:
        activate(generation)
        log.info("index_generation_activated", generation=generation.pk, recipe=generation.recipe)
    left_out = _lacking(generation).filter(LEFT_OUT, answerable_at__isnull=False)
    for document in sorted([*refused, *left_out.values_list("pk", flat=True)]):  # as every writer locks several
        _lacking(generation).filter(pk=document).update(answerable_at=None)


def _index_all_possible(documents: Sequence[Document], generation: IndexGeneration, refused: list[int]) -> int:
    """The chunks written; documents that the model cannot take are added to `refused`."""
    try:
        return index_documents(documents, generation)
    except InvalidEmbedding as error:
        if len(documents) == 1:
            log.warning("article_not_embedded", document=documents[0].pk, error=str(error))
            refused.append(documents[0].pk)
            return 0
    return sum(_index_all_possible([document], generation, refused) for document in documents)


def _to_index(generation: IndexGeneration) -> QuerySet[Document]:
    """What the generation lacks and may have; in the one that answers, imports under way bring in their own."""
    lacking = _lacking(generation).exclude(LEFT_OUT)
    if generation.state != IndexGeneration.State.ACTIVE:
        return lacking
    return lacking.exclude(source__in=imports.under_way().values("source"))


def _lacking(generation: IndexGeneration) -> QuerySet[Document]:
    """Documents that the generation does not hold as they stand."""
    held = IndexedDocument.objects.filter(
        generation=generation,
        document=OuterRef("pk"),
        content_hash=F("document__content_hash"),
        locale=F("document__locale"),
    )
    return Document.objects.exclude(status=Document.Status.REMOVED).filter(~Exists(held))


def _delete_retired() -> None:
    """Retired generations in small steps, as each row goes through indexes and triggers.

    At once: a search that had begun with one notices, and looks again in the one that answers.
    """
    for generation in IndexGeneration.objects.filter(state=IndexGeneration.State.RETIRED):
        drop_vector_index(generation)
        CollectionStatistic.objects.filter(generation=generation).delete()
        TermStatistic.objects.filter(generation=generation).delete()
        WordStatistic.objects.filter(generation=generation).delete()
        chunks = Chunk.objects.filter(generation=generation)
        while ids := list(chunks.values_list("pk", flat=True)[:CHUNKS_PER_DELETION]):
            Chunk.objects.filter(pk__in=ids).delete()
        generation.delete()
