"""Imports that stop on the way: what they did stays, nothing is held against an article, and crashes are run again."""

import contextlib
import threading
from pathlib import Path

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from knowledge import importing, imports, tasks
from knowledge.documents import Stored, upsert
from knowledge.ingestion import ingest, run_import
from knowledge.models import Document, ImportRun, Source
from knowledge.sources import Article
from knowledge.unindexed import concerns_one_article, pending
from tests.knowledge.library import articles, collection, counts

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_import_that_breaks_off_has_indexed_what_it_stored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[Document] = []

    def break_off(source: Source, article: Article) -> Stored:
        if len(stored) == 2:
            raise RuntimeError("something that nobody thought of")
        one = upsert(source, article)
        stored.append(one.document)
        return one

    monkeypatch.setattr(importing, "BATCH_ARTICLES", 1)
    monkeypatch.setattr(importing, "upsert", break_off)
    report = ingest([str(folder)])
    assert (counts(report), report.chunks) == ({"added": 2, "failed": 1}, 2)
    assert "interrupted" in report.failures[0]["reason"]
    assert list(pending()) == []


@pytest.mark.parametrize(("times", "attempts"), [(1, 2), (2, 3)])
def test_a_database_that_ends_connections_is_held_against_no_article(
    folder: Path, monkeypatch: pytest.MonkeyPatch, times: int, attempts: int
) -> None:
    ended: list[str] = []

    def upsert_on_an_ended_connection(source: Source, found: Article) -> Stored:
        with transaction.atomic():
            if len(ended) < times:
                end_connection()
                ended.append(found.path)
            return upsert(source, found)

    run = imports.request_import(Source.objects.create(collection=collection(), kind="folder", location=str(folder)))
    monkeypatch.setattr(importing, "upsert", upsert_on_an_ended_connection)
    states = [run_import(run.pk).state for _ in range(attempts)]
    assert states == [*["queued"] * (attempts - 1), "done"]
    assert (ImportRun.objects.get(pk=run.pk).failures, len(ended)) == ([], times)
    assert articles() == {"guide/one", "22", "three"}


@pytest.mark.parametrize("was_in_the_way", [DeadlockDetected, LockNotAvailable])
def test_an_article_that_others_kept_from_being_stored_is_stored_at_a_second_try(
    folder: Path, monkeypatch: pytest.MonkeyPatch, was_in_the_way: type[Exception]
) -> None:
    tried: list[str] = []

    def upsert_at_the_second_try(source: Source, found: Article) -> Stored:
        tried.append(found.path)
        if len(tried) == 1:
            raise OperationalError from was_in_the_way()
        return upsert(source, found)

    monkeypatch.setattr(importing, "upsert", upsert_at_the_second_try)
    assert counts(ingest([str(folder)])) == {"added": 3}


def end_connection() -> None:
    """As an administrator does, or a database that restarts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ours,) = cursor.fetchone()
    other = connection.copy()
    with contextlib.closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])


def test_an_article_that_the_database_cannot_hold_stops_no_other(folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE knowledge_document ADD CONSTRAINT no_three CHECK (article <> 'three')")
    try:
        report = ingest([str(folder)])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE knowledge_document DROP CONSTRAINT no_three")
    assert counts(report) == {"added": 2, "failed": 1}
    assert "no_three" in report.failures[0]["reason"]


def test_a_nul_in_front_matter_costs_no_article(folder: Path) -> None:
    about = 'audience: "ad\\0min"\nurl: "https://example.org/\\0x"'
    (folder / "nul.md").write_text(f"---\n{about}\n---\n# Four\n\nThe fourth article.")
    assert counts(ingest([str(folder)])) == {"added": 4}
    document = Document.objects.get(article="nul")
    assert (document.audience, document.url) == ("admin", "https://example.org/x")


@pytest.mark.parametrize(("error", "concerns"), [(DataError, True), (IntegrityError, True), (InterfaceError, False)])
def test_what_a_database_refuses_concerns_one_article_where_it_is_of_what_is_written(error, concerns) -> None:
    assert concerns_one_article(error("as told")) is concerns


def test_what_is_too_large_concerns_one_article_and_what_takes_too_long_all() -> None:
    too_large = "CREATE TEMP TABLE wide AS SELECT string_agg(md5(n::text), '') AS t FROM generate_series(1, 9000) n;"
    for statement, concerns in (
        (f"{too_large} CREATE INDEX ON wide (t)", True),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", False),
    ):
        with pytest.raises(OperationalError) as raised, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert concerns_one_article(raised.value) is concerns


def test_an_import_waits_for_another_of_the_same_source(folder: Path) -> None:
    ingest([str(folder)])
    source = Source.objects.get()
    run = ImportRun.objects.create(source=source)
    waited = threading.Event()
    with imports.source_lock(source.pk) as held:
        assert held
        assert run_import(run.pk).state == ImportRun.State.QUEUED
        thread = threading.Thread(target=_run_here, args=(run.pk, waited))
        thread.start()
        assert waited.wait(30)
    thread.join(30)
    run.refresh_from_db()
    assert (run.state, run.unchanged) == (ImportRun.State.DONE, 3)


def _run_here(run_id: int, waited: threading.Event) -> None:
    try:
        run_import(run_id, lambda progress: waited.set() if progress.waiting else None, here=True)
    finally:
        connection.close()


def test_an_import_ends_well_though_the_connection_of_its_lock_was_lost(folder: Path) -> None:
    with imports.source_lock(1) as held, connection.cursor() as cursor:
        assert held
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1")
        assert cursor.fetchone() == (True,)
    with imports.source_lock(1) as held:
        assert held


def test_a_killed_import_is_run_again_and_at_last_given_up(folder: Path) -> None:
    ingest([str(folder)])
    killed = ImportRun.objects.create(source=Source.objects.get(), state="running", attempts=2, unchanged=1)
    assert run_import(killed.pk).state == ImportRun.State.DONE
    hopeless = ImportRun.objects.create(source=Source.objects.get(), state="running", attempts=3)
    assert run_import(hopeless.pk).state == ImportRun.State.FAILED
    assert "3 times" in ImportRun.objects.get(pk=hopeless.pk).error


def test_only_attempts_that_get_no_further_are_counted(folder: Path) -> None:
    """A long import outlives any number of restarts."""
    source = Source.objects.create(collection=collection(), kind="folder", location=str(folder))
    restarted = ImportRun.objects.create(source=source, state="running", attempts=2)
    further = run_import(restarted.pk)
    assert (further.state, further.attempts) == (ImportRun.State.DONE, 1)
    again = ImportRun.objects.create(source=source, state="running", attempts=2)
    unchanged = run_import(again.pk)
    assert (unchanged.state, unchanged.attempts) == (ImportRun.State.DONE, 3)


def test_delivering_a_task_twice_does_it_once(folder: Path) -> None:
    ingest([str(folder)])
    run = ImportRun.objects.create(source=Source.objects.get())
    tasks.import_source(run.pk)
    finished_at = ImportRun.objects.get(pk=run.pk).finished_at
    tasks.import_source(run.pk)
    run.refresh_from_db()
    assert (run.attempts, run.finished_at) == (1, finished_at)


def test_runs_that_nobody_works_on_are_found(folder: Path) -> None:
    ingest([str(folder)])
    run = ImportRun.objects.create(source=Source.objects.get())
    assert imports.unattended() == []
    ImportRun.objects.filter(pk=run.pk).update(created_at="2020-01-01T00:00:00Z")
    assert imports.unattended() == [run.pk]
