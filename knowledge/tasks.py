"""Work on the knowledge base that a worker does: imports, and what an interruption left over. Ids as arguments."""

from contextlib import suppress

from celery import shared_task

from knowledge import imports, planted_kept, unindexed
from knowledge.embedding import EmbeddingUnavailable
from knowledge.indexing import recut_missing, renew_index
from knowledge.ingestion import run_import
from knowledge.models import ImportRun

# An import of 100,000 articles takes hours; meanwhile the lock of its source makes any repeat harmless.
IMPORT_LIMIT_SECONDS = 6 * 3600
# Each minute, some five seconds of one core: after an upgrade, articles are looked through that were indexed before.
LOOKED_THROUGH_AT_ONCE = 500
RECUT_AT_ONCE = 500


@shared_task(soft_time_limit=IMPORT_LIMIT_SECONDS, time_limit=IMPORT_LIMIT_SECONDS + 300)
def import_source(run_id: int) -> None:
    """Does one import; safe to be delivered twice, late, or after the run is over."""
    run = run_import(run_id)
    following = (
        imports.next_queued(run.source_id) if run.state in (ImportRun.State.DONE, ImportRun.State.FAILED) else None
    )
    if following:
        imports.offer(following)


@shared_task(reject_on_worker_lost=False)
def rescue_imports() -> None:
    """Offers imports again that nobody works on: their worker died, or the broker lost them."""
    for run_id in imports.unattended():
        imports.offer(run_id)


@shared_task(reject_on_worker_lost=False)
def index_pending() -> None:
    """Indexes articles that were saved while the embedding model was away, and all of them for another model.

    Then cuts the words of those that were indexed by an older version anew, and looks for what is planted in them.
    When this ends its process it comes again with the next minute, not before: imports have their turn.
    """
    with suppress(EmbeddingUnavailable):
        unindexed.index_pending()
        renew_index()
    recut_missing(RECUT_AT_ONCE)
    planted_kept.keep_missing(LOOKED_THROUGH_AT_ONCE)
