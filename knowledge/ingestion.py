"""Imports from their asking to their end: of paths by command, and of what was queued by a worker."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import structlog
from django.db import connection

from knowledge import imports
from knowledge.importing import Importing, Progress, Watcher
from knowledge.models import Collection, ImportRun, Source
from knowledge.sources import SourceUnreadable, kind_of_source
from knowledge.sources.decoding import clean

log = structlog.get_logger(__name__)

LOCK_POLL_SECONDS = 0.5


@dataclass
class DocumentCounts:
    """What an import did, in articles."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass
class IngestReport:
    """What an import did; all but `skipped` is what `ingest --json` prints."""

    documents: DocumentCounts = field(default_factory=DocumentCounts)
    chunks: int = 0
    seconds: float = 0.0
    failures: list[dict[str, str]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "skipped"}

    def add_run(self, run: ImportRun) -> None:
        """Adds the counts and failures of one source."""
        for name in vars(self.documents):
            setattr(self.documents, name, getattr(self.documents, name) + getattr(run, name))
        self.chunks += run.chunks
        self.failures += run.failures
        self.skipped += run.skipped_files
        if run.error:
            self.add_failure(run.source.location, run.error)

    def add_failure(self, path: str, reason: str) -> None:
        """Adds a path that could not be read at all."""
        self.documents.failed += 1
        self.failures.append({"path": path, "reason": reason})


def ingest(
    paths: Sequence[str], collection_slug: str = "default", progress: Watcher | None = None, requested_by: str = ""
) -> IngestReport:
    """Imports paths into a collection, made if missing; what cannot be read is in the report, never raised."""
    started = time.monotonic()
    report = IngestReport()
    collection, _ = Collection.objects.get_or_create(
        slug=collection_slug, defaults={"name": collection_slug.capitalize()}
    )
    for path in paths:
        _ingest_path(path, collection, progress, requested_by, report)
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _ingest_path(
    path: str, collection: Collection, progress: Watcher | None, requested_by: str, report: IngestReport
) -> None:
    if path.lower().startswith(("http://", "https://")):
        report.add_failure(path, "web addresses cannot be imported yet: download the file and give its path")
        return
    resolved = _resolved(Path(path).expanduser())
    source = Source.objects.filter(collection=collection, location=str(resolved)).first()
    if source is None:
        if not resolved.exists():
            report.add_failure(path, "no such file or folder")
            return
        kind = kind_of_source(resolved)
        source, _ = Source.objects.get_or_create(collection=collection, location=str(resolved), defaults={"kind": kind})
    run = ImportRun.objects.create(source=source, requested_by=requested_by)
    report.add_run(run_import(run.pk, progress, here=True))


def _resolved(path: Path) -> Path:
    """Where the path leads; a link to a file whose own name tells nothing keeps the name that tells what it is."""
    target = path.resolve()
    return path.parent.resolve() / path.name if target.is_file() and target.suffix != path.suffix else target


def run_import(run_id: int, progress: Watcher | None = None, here: bool = False) -> ImportRun:
    """Does a queued import, unless another process imports the same source; idempotent.

    `here` means that nobody else will do it: it waits for the source, and an error ends the run instead of
    leaving it to another attempt.
    """
    run = ImportRun.objects.select_related("source").get(pk=run_id)
    watch = progress or (lambda _: None)
    while True:
        with imports.source_lock(run.source_id) as held:
            if held:
                return _run_claimed(run_id, watch, here) or ImportRun.objects.select_related("source").get(pk=run_id)
        if not here:
            return run
        watch(Progress(run.source.location, 0, None, waiting=True))
        time.sleep(LOCK_POLL_SECONDS)


def _run_claimed(run_id: int, watch: Watcher, here: bool) -> ImportRun | None:
    run = imports.claim(run_id)
    if run is None:
        return None
    try:
        Importing(run, watch, here).run()
    except SourceUnreadable as error:
        imports.finish(run, str(error))
    except Exception as error:
        if here and not connection.is_usable():
            raise  # nothing can be noted, and whoever runs this says so
        log.exception("import_interrupted", run=run_id)
        reason = f"interrupted: {clean(str(error)) or type(error).__name__}"
        if here:
            imports.finish(run, reason)
        else:
            imports.give_back(run, reason)
    else:
        imports.finish(run)
    return run
