"""Articles whose indexing ends the process that does it: counted before it begins, and left out at last.

Memory that runs out and a fault in native code leave no exception behind. A count that was committed and that nobody
took back tells of them: such an article is tried alone from then on, in a worker, and after MAX_ATTEMPTS not any more.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet

from knowledge.models import Document

MAX_ATTEMPTS = 3
LEFT_OUT = Q(indexing_attempts__gte=MAX_ATTEMPTS)
log = structlog.get_logger(__name__)


def is_left_out(document: Document) -> bool:
    """Whether its indexing ended a process as often as it may; another text, or a person, lets it be tried anew."""
    return document.indexing_attempts >= MAX_ATTEMPTS


def left_out_articles() -> QuerySet[Document]:
    """Published articles that are left out: no answer comes from what they say now."""
    return Document.objects.filter(LEFT_OUT, status=Document.Status.PUBLISHED, answerable_at=None)


def count(documents: Sequence[Document]) -> None:
    """One more attempt of each, committed unless the caller is in a transaction."""
    for document in documents:
        if document.indexing_attempts == MAX_ATTEMPTS - 1:
            log.warning("indexing_tried_for_the_last_time", document=document.pk)
    _add(documents, 1)


def take_back(documents: Sequence[Document]) -> None:
    """One attempt less of each that is not indexed yet: the process lives."""
    _add(documents, -1)


@contextmanager
def taken_back_unless_done(documents: Sequence[Document]) -> Iterator[None]:
    """For the work itself: what is raised tells that the process lives, unless the work took all the time there is."""
    try:
        yield
    except SoftTimeLimitExceeded:
        raise
    except BaseException:
        with suppress(DatabaseError):  # it may be what is raised
            take_back(documents)
        raise


@transaction.atomic
def _add(documents: Sequence[Document], number: int) -> None:
    """Rows are locked in the order of their ids, as by every writer of several. None falls below zero."""
    rows = Document.objects.filter(pk__in=[document.pk for document in documents], indexing_attempts__gte=-number)
    ids = list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    if ids:
        Document.objects.filter(pk__in=ids).update(indexing_attempts=F("indexing_attempts") + number)
