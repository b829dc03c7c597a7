"""What Postgres knows of the tables that a search reads, and chooses its plans by."""

from django.db import connection

from knowledge.models import (
    Chunk,
    ChunkTerms,
    CollectionStatistic,
    Document,
    IndexedDocument,
    TermStatistic,
    WordStatistic,
)

_SEARCHED = (Document, IndexedDocument, Chunk, ChunkTerms, CollectionStatistic, TermStatistic, WordStatistic)


def look_again() -> None:
    """Have Postgres look at the tables now: by itself it does within a minute or so of many changes.

    Until then it takes a new collection for one of a single chunk, and a search of a few hundred articles for 6 ms
    longer. A table that somebody else looks at, or makes an index for, is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(model._meta.db_table for model in _SEARCHED)}")
