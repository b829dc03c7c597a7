"""Which chunks a question may see: those of published documents of its collection, in one generation."""

from dataclasses import dataclass

from django.db import connection

from knowledge.embedding import EmbeddingUnavailable
from knowledge.indexing.generations import active_generation
from knowledge.models import Collection
from knowledge.terms import language_of

# Written out, as the ORM takes longer to write them than Postgres to answer them; one of each is in every search.
_SCOPE = """
SELECT held.collection_id, generation.id, generation.embedding_model, generation.recipe, generation.dimension,
  held.chunk_count, held.locales
FROM knowledge_collectionstatistic AS held
JOIN knowledge_collection AS collection ON collection.id = held.collection_id
JOIN knowledge_indexgeneration AS generation ON generation.id = held.generation_id
WHERE collection.slug = %s AND generation.state = 'active'
"""
# Which of the chunks may be shown, judged by the documents' own rows and not by copies of them. Of a new collection
# Postgres knows nothing, takes its rows for one, and would look through all of its documents for each chunk: no index
# serves IS NOT DISTINCT FROM, so it goes by primary keys.
PERMITTED = """
FROM knowledge_chunk AS chunk JOIN knowledge_document AS document ON document.id = chunk.document_id
JOIN knowledge_chunkterms AS held ON held.chunk_id = chunk.id
WHERE chunk.id = ANY(%s) AND chunk.generation_id IS NOT DISTINCT FROM %s
  AND document.collection_id IS NOT DISTINCT FROM %s AND document.status = 'published'
  AND chunk.collection_id IS NOT DISTINCT FROM document.collection_id
"""
# Of a generation whose rows may be gone nothing is found: only retired ones are deleted, and they are at once.
LIVING = "EXISTS (SELECT FROM knowledge_indexgeneration WHERE id = %(generation)s AND state <> 'retired')"


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
    with connection.cursor() as cursor:
        cursor.execute(_SCOPE, [slug])
        held = cursor.fetchone()
    if held is not None:
        collection_id, generation_id, model, recipe, dimension, chunk_count, locales = held
        languages = tuple(sorted({language_of(locale) for locale in locales}))
        return Scope(slug, collection_id, generation_id, model, recipe, dimension, chunk_count, languages)
    collection_id = find_collection(slug)
    try:
        made = active_generation()
    except EmbeddingUnavailable:
        return None
    return Scope(slug, collection_id, made.pk, made.embedding_model, made.recipe, made.dimension, 0, ())


def is_living(scope: Scope) -> bool:
    """Whether the scope's generation is not retired."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {LIVING}", {"generation": scope.generation_id})
        return bool(cursor.fetchone()[0])
