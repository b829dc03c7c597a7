"""An article whose indexing kills its process is tried three times and left out; nothing else is kept from its turn."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.project.celery import app
from knowledge import imports, tasks
from knowledge.documents import save_article
from knowledge.indexing import MAX_ATTEMPTS, left_out_articles
from knowledge.models import Document, ImportRun, Source
from knowledge.unindexed import try_again
from tests.contract.server import ROOT, environment
from tests.knowledge.deadly import WORD
from tests.knowledge.library import RETURNS, article, collection
from tests.model_server.running import RunningModelServer
from tests.product import eventually

pytestmark = [pytest.mark.services, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worker(served_model: RunningModelServer) -> Iterator[None]:
    """One of `ingestion`, whose child is killed by every text that holds the word; what other tests left is gone."""
    app.control.purge()
    command = [sys.executable, "-m", "celery", "-A", "tests.knowledge.deadly", "--quiet", "worker", "-Q", "ingestion"]
    served = {"OPENAI_BASE_URL": served_model.base_url, "EMBEDDING_MODEL": "bag-of-words"}
    options = ["-P", "prefork", "-c", "1", "-l", "ERROR"]
    process = subprocess.Popen([*command, *options], cwd=ROOT, env=environment(**served))
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def imported(folder: Path, **texts: str) -> ImportRun:
    """An import by the worker, once it is over."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(f"# {name}\n\n{text}")
    source, _ = Source.objects.get_or_create(collection=collection(), kind="folder", location=str(folder))
    run = imports.request_import(source)
    over = ImportRun.objects.filter(pk=run.pk, state__in=("done", "failed"))
    return eventually(over.first, "the import is over")


def swept(document: Document, attempts: int) -> None:
    """The periodic task comes once, and with it the next attempt."""
    tasks.index_pending.apply_async()
    eventually(lambda: attempts_of(document) == attempts, f"attempt {attempts}")


def attempts_of(document: Document) -> int:
    return Document.objects.get(pk=document.pk).indexing_attempts


def test_an_article_that_kills_its_process_is_left_out_after_three_attempts_and_keeps_nobody_waiting(
    worker: None, tmp_path: Path
) -> None:
    harmless, deadly = article("harmless", RETURNS), article("deadly", f"Tea of {WORD}.")
    swept(deadly, 1)
    for name in ("one", "two"):
        assert imported(tmp_path / name, text=RETURNS).state == "done"
    assert attempts_of(deadly) == 1, "the task is not given out again at once"
    swept(deadly, 2)
    harmless.refresh_from_db()
    assert (harmless.answerable_at is not None, harmless.indexing_attempts) == (True, 0)
    swept(deadly, MAX_ATTEMPTS)
    assert list(left_out_articles()) == [deadly]

    later = article("later", RETURNS)
    tasks.index_pending.apply_async()
    eventually(lambda: Document.objects.get(pk=later.pk).answerable_at, "others are indexed as ever")
    assert imported(tmp_path / "three", text=RETURNS).state == "done"
    assert attempts_of(deadly) == MAX_ATTEMPTS

    try_again(deadly)
    eventually(lambda: attempts_of(deadly) == 2, "it is tried again")
    swept(deadly, MAX_ATTEMPTS)
    save_article(deadly.collection, "Tea of mint.", document=deadly, title="Tea")
    deadly.refresh_from_db()
    assert (deadly.answerable_at, deadly.indexing_attempts) == (None, 1), "whoever serves is not risked with any text"
    swept(deadly, 0)
    deadly.refresh_from_db()
    assert deadly.answerable_at


def test_an_import_leaves_aside_what_killed_its_process_and_is_done(worker: None, tmp_path: Path) -> None:
    run = imported(tmp_path, deadly=f"Tea of {WORD}.", harmless="Tea of mint.")
    assert (run.state, run.attempts) == ("done", 2)
    deadly, harmless = (Document.objects.get(article=name) for name in ("deadly", "harmless"))
    swept(deadly, 2)
    swept(deadly, MAX_ATTEMPTS)
    assert Document.objects.get(pk=harmless.pk).answerable_at
    again = imported(tmp_path)
    assert (again.state, again.attempts, again.unchanged, again.failed) == ("done", 1, 1, 1)
    assert "is left out" in again.failures[0]["reason"]
    changed = imported(tmp_path, deadly="Tea of camomile.")
    assert (changed.state, changed.changed, changed.failed) == ("done", 1, 0)
    swept(deadly, 0)
    assert Document.objects.get(pk=deadly.pk).answerable_at


def test_an_import_that_kills_its_process_again_and_again_is_given_up(worker: None, tmp_path: Path) -> None:
    """Each article is a batch of its own, and two batches are under way at once."""
    run = imported(tmp_path, **{f"deadly-{number}": f"Tea of {WORD}. {RETURNS * 2000}" for number in range(7)})
    assert (run.state, run.attempts) == ("failed", imports.MAX_ATTEMPTS)
    assert "3 times" in run.error
