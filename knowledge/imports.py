"""Runs of imports as rows: asked for, claimed, kept alive, run again after a crash."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from knowledge.models import Collection, ImportRun, Source
from knowledge.sources.decoding import clean

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 3
MAX_UPLOAD_BYTES = 100_000_000
# A run this long without a sign of life is offered to a worker again; the lock decides whether it is dead.
STALE = timedelta(seconds=60)
_LOCK_CLASS = 0x1A9047
_COUNTS = ("added", "changed", "unchanged", "removed", "skipped", "failed", "chunks")


class UploadRefused(Exception):
    """The upload cannot be taken; its words say why."""


# Asking


def store_upload(collection: Collection, name: str, content: BinaryIO, size: int) -> Source:
    """Keeps an uploaded file under a random name; one of the same name takes its predecessor's place.

    Raises UploadRefused for kinds of file that are not read, and over 100 MB.
    """
    from knowledge.sources.parsing import kind_of

    shown = PurePosixPath(clean(name).replace("\\", "/")).name[:255]
    suffix = _upload_suffix(shown)
    if not suffix and not kind_of(shown):
        raise UploadRefused("Only Markdown, MDX, HTML and text files, and .zip and .tar.gz archives, can be uploaded.")
    if size > MAX_UPLOAD_BYTES:
        raise UploadRefused(f"A file may have at most {MAX_UPLOAD_BYTES // 1_000_000} MB.")
    stored_as = f"articles/{secrets.token_hex(16)}"
    path = Path(settings.MEDIA_ROOT, stored_as)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        while block := content.read(1 << 20):
            file.write(block)
    return _point_source(collection, shown, stored_as)


def _upload_suffix(name: str) -> str:
    return next((end for end in (".zip", ".tar.gz", ".tgz", ".jsonl", ".jsonl.gz") if name.lower().endswith(end)), "")


@transaction.atomic
def _point_source(collection: Collection, name: str, stored_as: str) -> Source:
    source, _ = Source.objects.select_for_update().get_or_create(
        collection=collection, location=f"upload:{name}", defaults={"kind": Source.Kind.UPLOAD}
    )
    former, source.stored_as = source.stored_as, stored_as
    source.save(update_fields=["stored_as"])
    if former:
        transaction.on_commit(lambda: Path(settings.MEDIA_ROOT, former).unlink(missing_ok=True))
    return source


def request_import(source: Source, requested_by: str = "") -> ImportRun:
    """Queues an import of a source and offers it to a worker."""
    run = ImportRun.objects.create(source=source, requested_by=requested_by[:200])
    transaction.on_commit(lambda: offer(run.pk))
    return run


def offer(run_id: int) -> None:
    """Hands the run to a worker; while the broker is away a periodic task does it later."""
    from knowledge.tasks import import_source

    try:
        import_source.apply_async(args=(run_id,), retry=False, expires=3600)
    except OperationalError:
        log.warning("import_offer_deferred", run=run_id)


def unattended() -> list[int]:
    """Runs that nobody seems to work on: queued for a while, or without a sign of life."""
    limit = timezone.now() - STALE
    queued = Q(state=ImportRun.State.QUEUED, created_at__lt=limit)
    silent = Q(state=ImportRun.State.RUNNING, renewed_at__lt=limit)
    return list(ImportRun.objects.filter(queued | silent).order_by("pk").values_list("pk", flat=True))


def under_way() -> QuerySet[ImportRun]:
    """Runs that somebody works on: what they have stored and not yet indexed, they index themselves."""
    return ImportRun.objects.filter(state=ImportRun.State.RUNNING, renewed_at__gte=timezone.now() - STALE)


# Working


@contextmanager
def source_lock(source_id: int) -> Iterator[bool]:
    """Whether this process alone imports the source; the database frees the lock when the process dies.

    The lock lives on a connection of its own, because the usual one is given back while a model is called.
    """
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, source_id])
            held = bool(cursor.fetchone()[0])
        try:
            yield held
        finally:
            if held:
                with suppress(DatabaseFailure), holder.cursor() as cursor:  # a connection that is gone has freed it
                    cursor.execute("select pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, source_id])
    finally:
        holder.close()


def claim(run_id: int) -> ImportRun | None:
    """The run, started (again) with its counts at zero; None when it is over or was tried too often.

    Only the holder of the source's lock may claim: whoever ran it before is dead then.
    """
    now = timezone.now()
    open_runs = ImportRun.objects.filter(pk=run_id, state__in=[ImportRun.State.QUEUED, ImportRun.State.RUNNING])
    claimed = open_runs.filter(attempts__lt=MAX_ATTEMPTS).update(
        state=ImportRun.State.RUNNING,
        attempts=F("attempts") + 1,
        started_at=now,
        renewed_at=now,
        failures=[],
        skipped_files=[],
        error="",
        **dict.fromkeys(_COUNTS, 0),
    )
    if claimed:
        return ImportRun.objects.select_related("source__collection").get(pk=run_id)
    open_runs.update(
        state=ImportRun.State.FAILED, finished_at=now, error=f"stopped {MAX_ATTEMPTS} times without getting any further"
    )
    return None


def keep_alive(run: ImportRun, got_further: bool) -> None:
    """Stores the counts so far, as a sign of life and for whoever watches.

    An attempt that got further than those before it is the first again: only so many that get nowhere end a run, and
    no number of restarts ends a long one.
    """
    run.renewed_at = timezone.now()
    if got_further:
        run.attempts = 1
    run.save(update_fields=[*_COUNTS, "total", "failures", "skipped_files", "renewed_at", "attempts"])


def finish(run: ImportRun, error: str = "") -> None:
    """Ends the run: done, or failed as a whole with the reason."""
    run.state = ImportRun.State.FAILED if error else ImportRun.State.DONE
    run.error = error
    run.finished_at = run.renewed_at = timezone.now()
    run.save()


def give_back(run: ImportRun, error: str) -> None:
    """Leaves an interrupted run to another attempt, or ends it when there were enough."""
    if run.attempts >= MAX_ATTEMPTS:
        finish(run, error)
    else:
        ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.QUEUED, error=error, renewed_at=timezone.now())
        run.refresh_from_db()


def next_queued(source_id: int) -> int | None:
    """The oldest run that waits for this source."""
    waiting = ImportRun.objects.filter(source_id=source_id, state=ImportRun.State.QUEUED, attempts=0)
    return waiting.order_by("pk").values_list("pk", flat=True).first()
