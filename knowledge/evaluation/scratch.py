"""A collection for the length of one evaluation."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from knowledge.models import Chunk, Collection, CollectionStatistic, TermStatistic

SCRATCH_PREFIX = "evaluation-"
# A scratch collection this old was left by a killed run.
ABANDONED_AFTER = timedelta(days=1)


@contextmanager
def scratch_collection() -> Iterator[str]:
    """The slug of a collection that is gone afterwards, however the evaluation ends."""
    old = Collection.objects.filter(
        slug__startswith=SCRATCH_PREFIX, created_at__lt=timezone.now() - ABANDONED_AFTER
    ).values_list("slug", flat=True)
    for abandoned in old:
        remove_collection(abandoned)
    slug = f"{SCRATCH_PREFIX}{uuid.uuid4().hex}"
    try:
        yield slug
    finally:
        # An interruption may have left this thread's connection in the middle of anything: another thread has its own.
        with ThreadPoolExecutor(1) as cleaner:
            cleaner.submit(_remove_and_disconnect, slug).result()


def _remove_and_disconnect(slug: str) -> None:
    try:
        remove_collection(slug)
    finally:
        connection.close()


def remove_collection(slug: str) -> None:
    """Take a collection away. Statistics first, or each chunk's going would count down rows that go with it."""
    for collection in Collection.objects.filter(slug=slug):
        CollectionStatistic.objects.filter(collection=collection).delete()
        TermStatistic.objects.filter(collection=collection).delete()
        Chunk.objects.filter(collection=collection).delete()
        collection.delete()
