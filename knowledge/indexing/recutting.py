"""Cuts the words of indexed chunks into terms anew, after an upgrade that does it otherwise: no vector is made anew.

Until then a chunk is found by the terms that it has.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

from knowledge.indexing.apply import locked, terms_mark, terms_row
from knowledge.indexing.plan import embedded_text
from knowledge.models import Chunk, ChunkTerms, CollectionStatistic, IndexedDocument, IndexGeneration

DOCUMENTS_AT_ONCE = 20
_MARK = Concat(Value(terms_mark("")), "content_hash")


def recut_missing(most: int) -> int:
    """Cuts up to so many articles anew whose terms are not of today; returns how many. One query for none.

    May run at any time, in several processes, and be cut off at any point.
    """
    done = 0
    while rows := list(_missing().order_by("document")[: min(DOCUMENTS_AT_ONCE, most - done)]):
        _recut(rows)
        done += len(rows)
    return done


def _missing() -> QuerySet[IndexedDocument]:
    living = IndexedDocument.objects.exclude(generation__state=IndexGeneration.State.RETIRED)
    return living.exclude(terms_of=_MARK).select_related("document").only("generation", "document__collection")


@transaction.atomic
def _recut(rows: Sequence[IndexedDocument]) -> None:
    """What nobody else writes meanwhile, as it is indexed.

    The statistics are locked as by those who write chunks, or two who count the same terms could wait for each other.
    """
    generations = {row.generation_id for row in rows}
    locked([row.document_id for row in rows])
    statistics = CollectionStatistic.objects.filter(
        generation__in=generations, collection__in={row.document.collection_id for row in rows}
    )
    list(statistics.order_by("generation", "collection").select_for_update())
    of_rows = Chunk.objects.filter(generation__in=generations, document__in=[row.document_id for row in rows])
    whole = of_rows.select_related("document", "generation")
    chunks = list(whole.defer("embedding", "document__markup", "document__text"))
    ChunkTerms.objects.filter(chunk__in=chunks).delete()
    ChunkTerms.objects.bulk_create(
        terms_row(chunk.generation, chunk, embedded_text(chunk.document.title, chunk.heading_path, chunk.text))
        for chunk in chunks
    )
    IndexedDocument.objects.filter(pk__in=[row.pk for row in rows]).update(terms_of=_MARK)
