"""Articles as rows: only what changed is touched, and every change holds for the next question."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from knowledge import documents, unindexed
from knowledge.models import Chunk, Document, Source
from knowledge.retrieval import Query, retrieve
from knowledge.sources import Article, Unreadable
from tests.knowledge.library import collection

pytestmark = pytest.mark.django_db(transaction=True)

LAMP = Article(
    article="lamp",
    path="lamp.md",
    title="Lamp",
    markup="The lamp glows purple.",
    markup_kind="md",
    text="The lamp glows purple.",
)
DATED = datetime(2023, 1, 2, tzinfo=UTC)


@pytest.fixture
def source() -> Source:
    return Source.objects.create(collection=collection(), kind=Source.Kind.FOLDER, location="/lamps")


def keep(source: Source, article: Article) -> documents.Stored:
    stored = documents.upsert(source, article)
    if stored.to_index:
        unindexed.index_or_leave([stored.document])
    stored.document.refresh_from_db()
    return stored


def answered_from(question: str = "purple lamp") -> list[str]:
    return [passage.text for passage in retrieve(Query(question, "shop")).passages]


def test_an_article_is_added_once(source: Source) -> None:
    assert keep(source, LAMP).outcome == "added"
    again = keep(source, LAMP)
    assert (again.outcome, again.to_index) == ("unchanged", False)
    assert answered_from() == ["The lamp glows purple."]


def test_new_words_are_a_new_revision(source: Source) -> None:
    keep(source, LAMP)
    changed = keep(source, replace(LAMP, text="The lamp glows green.", markup="The lamp glows green."))
    assert (changed.outcome, changed.document.revision) == ("changed", 2)
    assert list(changed.document.revisions.order_by("number").values_list("text", flat=True)) == [
        "The lamp glows purple.",
        "The lamp glows green.",
    ]
    assert answered_from() == ["The lamp glows green."]


def test_new_metadata_leaves_the_index_alone(source: Source) -> None:
    keep(source, LAMP)
    before = list(Chunk.objects.values_list("pk", flat=True))
    changed = keep(source, replace(LAMP, url="https://shop.example/lamp", position=4))
    assert (changed.outcome, changed.to_index, changed.document.revision) == ("changed", False, 1)
    assert list(Chunk.objects.values_list("pk", flat=True)) == before
    assert retrieve(Query("purple lamp", "shop")).passages[0].url.startswith("https://shop.example/lamp")


def test_what_a_crash_left_unindexed_is_indexed_later(source: Source) -> None:
    documents.upsert(source, LAMP)
    assert answered_from() == []
    assert documents.upsert(source, LAMP).to_index
    unindexed.index_or_leave(unindexed.pending())
    assert unindexed.pending() == []
    assert answered_from() == ["The lamp glows purple."]


def test_publication_holds_for_the_next_question(source: Source) -> None:
    document = keep(source, LAMP).document
    documents.unpublish(document)
    assert answered_from() == []
    keep(source, replace(LAMP, url="https://shop.example/lamp"))
    assert answered_from() == []
    documents.publish(document)
    assert answered_from() == ["The lamp glows purple."]
    documents.remove(document)
    assert answered_from() == []
    assert keep(source, LAMP).outcome == "added"
    assert answered_from() == ["The lamp glows purple."]


def test_drafts_are_stored_and_not_answered_from(source: Source) -> None:
    draft = replace(LAMP, markup="---\ndraft: true\n---\nThe lamp glows purple.", draft=True)
    assert keep(source, draft).document.status == Document.Status.UNPUBLISHED
    assert answered_from() == []
    keep(source, LAMP)
    assert answered_from() == ["The lamp glows purple."]


def test_the_collection_names_the_language_of_silent_articles(source: Source) -> None:
    assert keep(source, LAMP).document.locale == "en"
    assert keep(source, replace(LAMP, locale="de")).document.locale == "de"
    assert set(Chunk.objects.values_list("locale", flat=True)) == {"de"}


def test_an_article_written_here_is_answerable_at_once() -> None:
    shop = collection()
    first = documents.save_article(shop, "The lamp glows\u200b purple.\x00", title="Lamp!")
    second = documents.save_article(shop, "Another lamp.", title="Lamp!")
    assert (first.article, second.article) == ("lamp", "lamp-1")
    assert first.answerable_at is not None
    assert "The lamp glows purple." in answered_from()
    changed = documents.save_article(shop, "The lamp glows blue.", document=first, title="Lamp")
    assert (changed.pk, changed.revision, changed.title) == (first.pk, 2, "Lamp")
    headed = documents.save_article(shop, "# Winter\n\nThe lamp is off.", title="Opening hours")
    assert (headed.title, headed.text) == ("Opening hours", "# Winter\n\nThe lamp is off.")
    with pytest.raises(Unreadable):
        documents.save_article(shop, "<!-- nothing -->", title="Empty")


def test_editing_keeps_what_the_form_does_not_show(source: Source) -> None:
    document = keep(source, replace(LAMP, position=5, written_at=DATED, audience="admins")).document
    edited = documents.save_article(source.collection, "The lamp glows blue.", document=document, title="Lamp")
    assert (edited.position, edited.written_at, edited.audience) == (5, DATED, "admins")
    said = "---\norder: 0\ndate: 2024-05-06\naudience: all\n---\nThe lamp glows blue."
    edited = documents.save_article(source.collection, said, document=edited, title="Lamp")
    assert (edited.position, edited.written_at, edited.audience) == (0, datetime(2024, 5, 6, tzinfo=UTC), "all")
    given = documents.save_article(source.collection, said, document=edited, position=7, written_at=DATED)
    assert (given.position, given.written_at) == (7, DATED)


def test_editing_a_draft_does_not_publish_it(source: Source) -> None:
    draft = keep(source, replace(LAMP, markup="---\ndraft: true\n---\nThe lamp glows purple.", draft=True)).document
    edited = documents.save_article(source.collection, "The lamp glows blue.", document=draft, title="Lamp")
    assert edited.status == Document.Status.UNPUBLISHED


def test_an_edited_article_stays_until_its_source_changes(source: Source) -> None:
    document = keep(source, replace(LAMP, written_at=DATED)).document
    for words in ("The lamp glows blue.", "The lamp glows red."):
        document = documents.save_article(source.collection, words, document=document, title="Lamp")
        again = keep(source, replace(LAMP, written_at=DATED))
        assert (again.outcome, again.document.text, again.to_index) == ("unchanged", words, False)
    assert answered_from() == ["The lamp glows red."]
    changed = keep(source, replace(LAMP, text="The lamp glows green.", markup="The lamp glows green."))
    assert (changed.outcome, changed.document.text) == ("changed", "The lamp glows green.")
    assert keep(source, LAMP).outcome == "changed"


def test_an_edited_article_is_not_read_anew_because_it_is_read_otherwise(source: Source) -> None:
    document = keep(source, LAMP).document
    documents.save_article(source.collection, "The lamp glows blue.", document=document, title="Lamp")
    assert keep(source, replace(LAMP, text="The lamp glows purple!")).document.text == "The lamp glows blue."


def test_a_source_that_says_what_was_written_here_is_followed_again(source: Source) -> None:
    document = keep(source, LAMP).document
    documents.save_article(source.collection, "The lamp glows blue.", document=document, title="Lamp")
    blue = replace(LAMP, text="The lamp glows blue.", markup="The lamp glows blue.")
    keep(source, blue)
    document = keep(source, blue).document
    documents.save_article(source.collection, "The lamp glows red.", document=document, title="Lamp")
    assert keep(source, blue).document.text == "The lamp glows red."
