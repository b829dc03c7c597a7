"""Which chunks a question may see: those of published documents of its collection, in one generation."""

from dataclasses import dataclass

from django.db.models import F, QuerySet

from knowledge.embedding import EmbeddingUnavailable
from knowledge.indexing.generations import active_generation
from knowledge.models import Chunk, Collection, CollectionStatistic, Document, IndexGeneration
from knowledge.terms import language_of


class UnknownCollection(Exception):
    """No collection has this slug."""


@dataclass(frozen=True)
class Scope:
    """What one search runs over; `languages` are those that the collection's chunks are written in."""

    slug: str
    collection_id: int
    generation_id: int
    embedding_model: str
    recipe: str
    dimension: int
    chunk_count: int
    languages: tuple[str, ...]


def find_collection(slug: str) -> int:
    """The collection's primary key. Raises UnknownCollection."""
    found = Collection.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownCollection(slug)
    return found


def scope_of(slug: str) -> Scope | None:
    """What a search of the collection runs over; None while the very first generation cannot be made because the
    model's server is away: then nothing is indexed either. Raises UnknownCollection.
    """
    statistics = CollectionStatistic.objects.select_related("generation")
    held = statistics.filter(collection__slug=slug, generation__state=IndexGeneration.State.ACTIVE).first()
    if held is not None:
        languages = sorted({language_of(locale) for locale in held.locales})
        return _scope(slug, held.collection_id, held.generation, held.chunk_count, tuple(languages))
    collection_id = find_collection(slug)
    try:
        return _scope(slug, collection_id, active_generation(), 0, ())
    except EmbeddingUnavailable:
        return None


def _scope(
    slug: str, collection_id: int, generation: IndexGeneration, chunk_count: int, languages: tuple[str, ...]
) -> Scope:
    return Scope(
        slug,
        collection_id,
        generation.pk,
        generation.embedding_model,
        generation.recipe,
        generation.dimension,
        chunk_count,
        languages,
    )


def permitted(scope: Scope, chunk_ids: list[int]) -> QuerySet[Chunk]:
    """Those of the chunks that may be shown, judged by the documents' own rows and not by copies of them."""
    return Chunk.objects.filter(
        pk__in=chunk_ids,
        generation_id=scope.generation_id,
        document__collection_id=scope.collection_id,
        document__status=Document.Status.PUBLISHED,
        collection_id=F("document__collection_id"),
    )
