"""One import under way: its articles are read, stored and indexed, a batch at a time, and what is gone is removed."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.db.models import QuerySet
from psycopg.errors import DeadlockDetected, LockNotAvailable

from knowledge import imports
from knowledge.documents import Stored, remove, upsert
from knowledge.indexing import MAX_ATTEMPTS, Indexing, Threads, index_documents, is_left_out
from knowledge.memory import give_memory_back
from knowledge.models import Document, ImportRun, Source
from knowledge.sources import Article, Failure, Found, Skipped, SourceAdapter, SourceUnreadable, open_source
from knowledge.sources.decoding import clean
from knowledge.unindexed import concerns_one_article

log = structlog.get_logger(__name__)

# Bounds of a batch: enough texts for the embedding model to batch, few enough for a sign of life every few seconds.
BATCH_ARTICLES = 32
BATCH_CHARACTERS = 150_000
# Of failures, and as many of skipped files: a help centre brings thousands of pictures.
MAX_FILES_LISTED = 1_000
ARTICLES_A_LOOK = 1_000  # of what a source held before, to see which of it is gone: never all at once
SAME_ID = "has the id of another article"
LEFT_OUT = f"is left out: its indexing ended the process {MAX_ATTEMPTS} times; change it, or try it again in the admin"


@dataclass(frozen=True)
class Progress:
    """How far an import is: articles seen, articles expected (None: unknown), the source, and what it waits for."""

    location: str
    seen: int
    expected: int | None
    waiting: bool = False


Watcher = Callable[[Progress], None]


def adapter_for(source: Source) -> SourceAdapter:
    """The adapter that reads a source now. Raises SourceUnreadable when it is gone."""
    if source.kind == Source.Kind.UPLOAD:
        return open_source(Path(settings.MEDIA_ROOT, source.stored_as), source.location.removeprefix("upload:"))
    if source.kind in (Source.Kind.EDITOR, Source.Kind.API):
        raise SourceUnreadable("is written here, there is nothing to import")
    return open_source(Path(source.location))


@dataclass(frozen=True)
class _UnderWay:
    """A batch that is stored, and that models work on; `indexing` is None where that could not begin.

    Of `doubtful` documents each has ended a process before, or was with one that had.
    """

    stored: Sequence[Stored]
    documents: Sequence[Document]
    doubtful: Sequence[Document]
    indexing: Indexing | None


class Importing:
    """One import under way: its row, its current batch, and what it has seen."""

    def __init__(self, run: ImportRun, watch: Watcher, here: bool) -> None:
        self.run_row = run
        self.here = here
        self.source = run.source
        self.watch = watch
        self.batch: list[Article] = []
        self.under_way: _UnderWay | None = None
        self.seen: set[str] = set()
        self.failed_paths: set[str] = set()

    def run(self) -> None:
        """Reads all of the source, then removes what it no longer holds. Raises SourceUnreadable."""
        adapter = adapter_for(self.source)
        self.run_row.total = adapter.expected()
        self._report()
        with Threads() as threads:
            try:
                for found in adapter.fetch():
                    self._take(found)
                    if len(self.batch) >= BATCH_ARTICLES or sum(len(a.text) for a in self.batch) >= BATCH_CHARACTERS:
                        self._flush(threads)
                self._flush(threads)
                self._finish()
            except Exception:
                with contextlib.suppress(Exception):  # what stopped this may stop that too
                    self._finish()
                raise
            except BaseException:
                self._leave()
                raise
        self._remove_gone()

    def _take(self, found: Found) -> None:
        match found:
            case Skipped():
                self._skip(found)
            case Failure():
                self._fail(found.path, found.reason)
            case Article() if found.article in self.seen:
                self._fail(found.path, f"{SAME_ID}: {found.article}")
            case Article():
                self.seen.add(found.article)
                self.batch.append(found)

    def _skip(self, file: Skipped) -> None:
        self.run_row.skipped += 1
        if len(self.run_row.skipped_files) < MAX_FILES_LISTED:
            self.run_row.skipped_files.append({"path": file.path, "reason": file.reason})
        log.debug("file_skipped", path=file.path, reason=file.reason)

    def _fail(self, path: str, reason: str) -> None:
        self.run_row.failed += 1
        self.failed_paths.add(path)
        if len(self.run_row.failures) < MAX_FILES_LISTED:
            self.run_row.failures.append({"path": path, "reason": reason})
        log.warning("article_failed", path=path, reason=reason)

    def _flush(self, threads: Threads) -> None:
        """Store the batch and give it to the models; meanwhile the one before is written."""
        articles, self.batch = self.batch, []
        stored = [one for article in articles if (one := self._store(article))]
        waiting = [one.document for one in stored if one.to_index]
        documents = [document for document in waiting if not document.indexing_attempts]
        doubtful = [document for document in waiting if document.indexing_attempts]
        following = _UnderWay(stored, documents, doubtful, self._begin(documents, threads))
        try:
            self._finish()
        finally:
            self.under_way = following

    def _begin(self, documents: Sequence[Document], threads: Threads) -> Indexing | None:
        try:
            return Indexing(documents, threads) if documents else None
        except Exception as error:
            if not concerns_one_article(error):
                raise
            return None  # which one it is, is found out when its turn comes

    def _finish(self) -> None:
        """Write the batch that is under way, and count it."""
        batch, self.under_way = self.under_way, None
        if batch is None:
            return
        unindexed = self._index(batch.documents, batch.indexing) | self._index_doubtful(batch.doubtful)
        for one in (each for each in batch.stored if each.document.pk not in unindexed):  # those count as failed
            setattr(self.run_row, one.outcome, getattr(self.run_row, one.outcome) + 1)
        give_memory_back()  # 3 ms, without which the process is 30 MB larger and creeps up with each batch
        imports.keep_alive(self.run_row, any(document.pk not in unindexed for document in batch.documents))
        self._report()

    def _leave(self) -> None:
        """Whoever runs this wants no more of it: nothing is held against what is with the models."""
        if self.under_way and self.under_way.indexing:
            self.under_way.indexing.leave()

    def _store(self, article: Article) -> Stored | None:
        try:
            return self._upsert(article)
        except DatabaseError as error:
            if not concerns_one_article(error):
                raise
            self._fail(article.path, f"could not be stored: {str(error).splitlines()[0]}")
            return None

    def _upsert(self, article: Article) -> Stored:
        try:
            return upsert(self.source, article)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected | LockNotAvailable):
                raise  # where a connection was lost, that of the source's lock may be too
            return upsert(self.source, article)

    def _index(self, documents: Sequence[Document], begun: Indexing | None = None) -> set[int]:
        """The batch at once; if one of it cannot be indexed, each alone, so that only that one fails. Their keys."""
        if not documents:
            return set()
        try:
            self.run_row.chunks += begun.finish() if begun else index_documents(documents)
        except Exception as error:
            if not concerns_one_article(error):
                raise
            if len(documents) > 1:
                return set().union(*(self._index([document]) for document in documents))
            log.exception("indexing_failed", document=documents[0].pk)
            self._fail(documents[0].path, f"could not be indexed: {clean(str(error)) or type(error).__name__}")
            return {documents[0].pk}
        return set()

    def _index_doubtful(self, documents: Sequence[Document]) -> set[int]:
        """Each alone, where nobody else would do it; else a periodic task does, and no import ends with them. As above.

        What is left out fails.
        """
        left_out = [document for document in documents if is_left_out(document)]
        for document in left_out:
            self._fail(document.path, LEFT_OUT)
        alone = [document for document in documents if self.here and document not in left_out]
        return {document.pk for document in left_out}.union(*(self._index([document]) for document in alone))

    def _remove_gone(self) -> None:
        """Takes away what the source no longer holds; a file that only failed keeps its last good article.

        A source in which nothing was found at all is more likely a mistake than an emptied help centre.
        """
        kept = Document.objects.filter(source=self.source).exclude(status=Document.Status.REMOVED)
        if not self.seen:
            self._report_nothing_found(kept.count())
            return
        for document in self._gone(kept.order_by("pk")):
            remove(document)
            self.run_row.removed += 1

    def _report_nothing_found(self, kept: int) -> None:
        if kept:
            reason = f"no article was found: the {kept} of an earlier import are kept, unpublish or delete them instead"
            self._fail(self.source.location, reason)
        elif not self.run_row.skipped and not self.run_row.failed:
            self._fail(self.source.location, "holds no file that could be an article")

    def _gone(self, kept: QuerySet[Document]) -> Iterator[Document]:
        last = 0
        while page := list(kept.filter(pk__gt=last).only("article", "path")[:ARTICLES_A_LOOK]):
            last = page[-1].pk
            yield from (held for held in page if held.article not in self.seen and not self._failed_now(held.path))

    def _failed_now(self, path: str) -> bool:
        return path in self.failed_paths or any(path.startswith(f"{failed}/") for failed in self.failed_paths)

    def _report(self) -> None:
        row = self.run_row
        self.watch(Progress(self.source.location, row.added + row.changed + row.unchanged + row.failed, row.total))
