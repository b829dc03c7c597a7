"""What counts as an attempt that ended a process, and where an article with such an attempt is not tried."""

from pathlib import Path

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from pytest_django import Settings

from knowledge import importing
from knowledge.documents import Stored, publish, save_article, upsert
from knowledge.embedding import EmbeddingUnavailable
from knowledge.indexing import MAX_ATTEMPTS, attempts, index_documents, renew_index
from knowledge.ingestion import ingest
from knowledge.models import Document, Source
from knowledge.sources import Article
from knowledge.unindexed import concerns_one_article, index_pending, pending
from tests.knowledge.library import RETURNS, article
from tests.model_server.running import RunningModelServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_attempt_that_failed_or_was_interrupted_is_taken_back_and_one_that_took_all_the_time_is_not() -> None:
    documents = [article(name, RETURNS) for name in ("one", "two")]
    for error, left in ((ValueError, 0), (KeyboardInterrupt, 0), (SoftTimeLimitExceeded, 1)):
        attempts.count(documents)
        with pytest.raises(error), attempts.taken_back_unless_done(documents):
            raise error
        assert set(Document.objects.values_list("indexing_attempts", flat=True)) == {left}
    assert not concerns_one_article(SoftTimeLimitExceeded())


def test_an_import_that_is_interrupted_holds_nothing_against_what_is_with_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.md").write_text(f"# {name.title()}\n\n{RETURNS}")
    stored: list[Article] = []

    def interrupted_at_the_third(source: Source, found: Article) -> Stored:
        if len(stored) == 2:
            raise KeyboardInterrupt
        stored.append(found)
        return upsert(source, found)

    monkeypatch.setattr(importing, "BATCH_ARTICLES", 1)
    monkeypatch.setattr(importing, "upsert", interrupted_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        ingest([str(tmp_path)])
    assert set(Document.objects.values_list("indexing_attempts", flat=True)) == {0}
    assert Document.objects.filter(answerable_at=None).count() == 1


def test_a_model_that_is_away_is_held_against_no_article(served_model: RunningModelServer) -> None:
    document = article("returns", RETURNS)
    Document.objects.update(indexing_attempts=1)
    served_model.set(fault="500")
    with pytest.raises(EmbeddingUnavailable):
        index_documents([document])
    document.refresh_from_db()
    assert document.indexing_attempts == 1


def test_a_process_that_serves_does_not_try_what_ended_one() -> None:
    document = article("returns", RETURNS, indexing_attempts=1)
    publish(document)
    assert document.answerable_at is None
    assert pending() == [document]


@pytest.mark.parametrize("attempts", [1, MAX_ATTEMPTS])
def test_another_text_of_what_ended_a_process_is_left_to_a_worker_too(attempts: int) -> None:
    document = article("returns", RETURNS, indexing_attempts=attempts)
    changed = save_article(document.collection, "Send it back within 60 days.", document=document, title="Returns")
    assert (changed.answerable_at, changed.indexing_attempts) == (None, 1)
    index_pending()
    changed.refresh_from_db()
    assert (changed.answerable_at is not None, changed.indexing_attempts) == (True, 0)


def test_who_was_tried_least_comes_first_and_who_is_left_out_never() -> None:
    twice, once, fresh = (article(f"tried-{times}", RETURNS, indexing_attempts=times) for times in (2, 1, 0))
    article("left-out", RETURNS, indexing_attempts=MAX_ATTEMPTS)
    assert pending() == [fresh, once, twice]


def test_another_model_answers_without_the_article_that_it_cannot_live_with(
    served_model: RunningModelServer, settings: Settings
) -> None:
    settings.EMBEDDING_MODEL = "local"
    index_documents([article("returns", RETURNS), article("deadly", RETURNS.replace("30", "40"))])
    Document.objects.filter(article="deadly").update(indexing_attempts=MAX_ATTEMPTS)
    settings.EMBEDDING_MODEL = "bag-of-words"
    renew_index()
    assert [held.article for held in Document.objects.exclude(answerable_at=None)] == ["returns"]
    renew_index()
    assert attempts.left_out_articles().get().article == "deadly"
