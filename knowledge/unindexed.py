"""Articles that are stored and not indexed yet: at once where that is safe, else by a worker's periodic task."""

from collections.abc import Sequence

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DataError, IntegrityError
from django.db import Error as DatabaseFailure
from django.db.models.functions import Length
from kombu.exceptions import OperationalError

from knowledge import imports
from knowledge.embedding import EmbeddingUnavailable, InvalidEmbedding
from knowledge.indexing import LEFT_OUT, index_documents
from knowledge.models import Document

log = structlog.get_logger(__name__)

# The class of SQLSTATE (Postgres manual, appendix A) for what is larger than the database can hold.
LIMIT_EXCEEDED = "54"


def index_or_leave(documents: Sequence[Document]) -> int:
    """Indexes documents and returns their number of chunks.

    While the embedding model is away they stay marked, and a periodic task indexes them later; so do those whose
    indexing has ended a process, which may be the one that serves.
    """
    try:
        return index_documents([document for document in documents if not document.indexing_attempts])
    except EmbeddingUnavailable:
        log.warning("indexing_deferred", documents=len(documents))
        return 0


def concerns_one_article(error: Exception) -> bool:
    """False for what would stop every article: a database or an embedding model that is away, time that is over."""
    # The model or the database is there, and can do nothing with this text.
    if isinstance(error, InvalidEmbedding | DataError | IntegrityError):
        return True
    if isinstance(error, DatabaseFailure):
        # Whether the connection works now tells nothing: Django has made another one by then.
        return str(getattr(error.__cause__, "sqlstate", "")).startswith(LIMIT_EXCEEDED)
    return not isinstance(error, EmbeddingUnavailable | SoftTimeLimitExceeded)


def index_pending() -> None:
    """Indexes what waits, at once; where one article cannot be indexed, each alone, so that only that one waits on.

    One whose indexing has ended a process is alone in any case, and comes last. Raises EmbeddingUnavailable.
    """
    waiting = pending()
    fresh = [document for document in waiting if not document.indexing_attempts]
    alone = [document for document in waiting if document.indexing_attempts]
    try:
        index_documents(fresh)
    except Exception as error:
        if not concerns_one_article(error):
            raise
        alone = [*fresh, *alone]
    for document in alone:
        _index_alone(document)


def _index_alone(document: Document) -> None:
    try:
        index_documents([document])
    except Exception as error:
        if not concerns_one_article(error):
            raise
        log.exception("indexing_failed", document=document.pk)


def pending(limit: int = 32) -> list[Document]:
    """Articles that are stored and not yet indexed, oldest first, without those that are left out.

    Those whose indexing has ended a process come last, and before them those that the model refused.
    """
    waiting = Document.objects.filter(answerable_at=None).exclude(status=Document.Status.REMOVED).exclude(LEFT_OUT)
    waiting = waiting.exclude(source__in=imports.under_way().values("source"))
    return list(waiting.order_by("indexing_attempts", Length("refusal"), "updated_at")[:limit])


def try_again(document: Document) -> None:
    """Lets an article that was left out be tried anew, by a worker and alone, as after its first attempt."""
    from knowledge.tasks import index_pending as task

    Document.objects.filter(pk=document.pk, indexing_attempts__gt=1).update(indexing_attempts=1)
    try:
        task.apply_async(retry=False, expires=60)
    except OperationalError:  # the broker is away: the periodic task comes within a minute of its return
        log.warning("indexing_deferred", documents=1)
