"""Which chunks a question may see: those of published documents of its collection, in one generation."""

from dataclasses import dataclass

from django.db.models import F, QuerySet

from knowledge.models import Chunk, Collection, CollectionStatistic, Document, IndexGeneration
from knowledge.terms import language_of


class UnknownCollection(Exception):
    """No collection has this slug."""


@dataclass(frozen=True)
class Scope:
    """What one search runs over; `languages` are those that the collection's chunks are written in."""

    collection_id: int
    generation_id: int
    dimension: int
    chunk_count: int
    languages: tuple[str, ...]


def find_collection(slug: str) -> int:
    """The collection's primary key. Raises UnknownCollection."""
    found = Collection.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownCollection(slug)
    return found


def scope_of(collection_id: int, generation: IndexGeneration) -> Scope:
    held = CollectionStatistic.objects.filter(generation=generation, collection_id=collection_id).first()
    languages = sorted({language_of(locale) for locale in held.locales}) if held else []
    return Scope(
        collection_id=collection_id,
        generation_id=generation.pk,
        dimension=generation.dimension,
        chunk_count=held.chunk_count if held else 0,
        languages=tuple(languages),
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
