"""Articles in the admin: written, previewed, taken back, published, deleted; each takes effect at once."""

import pytest
from django.test import Client
from django.urls import reverse

from assistant.templatetags.answers import readable
from knowledge import unindexed
from knowledge.models import Chunk, Collection, Document, Revision, Source
from knowledge.retrieval import Query, retrieve

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = Query("How long may I return a drone?", "default")
FIELDS = {
    "title": "Returning a drone",
    "text": "You may return a drone within 30 days.",
    "url": "",
    "locale": "",
    "audience": "",
}


def write(office: Client, shop: Collection, **changes: object) -> Document:
    response = office.post(reverse("admin:knowledge_document_add"), {**FIELDS, "collection": shop.pk, **changes})
    assert response.status_code == 302, response.context["errors"]
    return Document.objects.latest("pk")


def test_an_article_written_here_is_answerable_at_once(office: Client, shop: Collection) -> None:
    document = write(office, shop)
    assert document.source.kind == Source.Kind.EDITOR
    assert document.answerable_at is not None
    assert [passage.article for passage in retrieve(QUESTION).passages] == [document.article]


def test_saving_keeps_a_revision_and_replaces_what_is_answered(office: Client, shop: Collection) -> None:
    document = write(office, shop)
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    assert office.post(address, {**FIELDS, "text": "You may return a drone within 60 days."}).status_code == 302
    document.refresh_from_db()
    assert (document.revision, Revision.objects.count()) == (2, 2)
    assert "60 days" in retrieve(QUESTION).passages[0].text


def test_editing_keeps_order_and_date_and_clears_the_audience_that_is_emptied(office: Client, shop: Collection) -> None:
    document = write(office, shop, audience="admins")
    Document.objects.update(position=5, written_at="2023-01-02T00:00:00Z")
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    office.post(address, {**FIELDS, "text": "You may return a drone within 60 days."})
    document.refresh_from_db()
    assert (document.position, f"{document.written_at:%Y-%m-%d}", document.audience) == (5, "2023-01-02", "")


def test_the_form_cannot_move_or_overwrite_what_it_does_not_show(office: Client, shop: Collection) -> None:
    document = write(office, shop)
    other = Collection.objects.create(slug="other", name="Other")
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    office.post(address, {**FIELDS, "collection": other.pk, "status": "unpublished", "revision": 9, "article": "x"})
    document.refresh_from_db()
    assert (document.collection, document.status, document.revision) == (shop, "published", 1)


@pytest.mark.parametrize(
    ("field", "value"), [("text", " \n"), ("title", ""), ("url", "javascript:alert(1)"), ("text", "\x00")]
)
def test_bad_fields_are_shown_and_nothing_is_kept(office: Client, shop: Collection, field: str, value: str) -> None:
    response = office.post(reverse("admin:knowledge_document_add"), {**FIELDS, "collection": shop.pk, field: value})
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert not Document.objects.exists()


def test_unpublishing_and_publishing_take_effect_on_the_next_question(office: Client, shop: Collection) -> None:
    document = write(office, shop)
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    office.post(address, {**FIELDS, "_unpublish": ""})
    assert retrieve(QUESTION).passages == ()
    office.post(address, {**FIELDS, "text": "You may return a drone within 60 days.", "_publish": ""})
    assert "60 days" in retrieve(QUESTION).passages[0].text, "publishing keeps what was written and not yet saved"


def test_many_are_published_and_taken_back_from_the_list(office: Client, shop: Collection) -> None:
    chosen = [write(office, shop).pk, write(office, shop, title="Another", text="Another text.").pk]
    address = reverse("admin:knowledge_document_changelist")
    office.post(address, {"action": "unpublish_selected", "_selected_action": chosen})
    assert set(Document.objects.values_list("status", flat=True)) == {"unpublished"}
    office.post(address, {"action": "publish_selected", "_selected_action": chosen})
    assert set(Document.objects.values_list("status", flat=True)) == {"published"}


def test_the_preview_is_rendered_and_harmless(office: Client, shop: Collection) -> None:
    text = "# Title\n\n**bold** <script>alert(1)</script> ![x](https://attacker.example/p)"
    html = office.post(reverse("admin:knowledge_document_preview"), {"text": text}).content.decode()
    assert "<strong>bold</strong>" in html
    assert "<script" not in html
    assert "attacker.example" not in html.replace("&#x2F;", "/") or "<img" not in html


def test_deleting_says_what_is_lost_and_leaves_nothing(office: Client, shop: Collection) -> None:
    document = write(office, shop)
    address = reverse("admin:knowledge_document_delete", args=[document.pk])
    page = office.get(address).content.decode()
    assert "Returning a drone: its text and 1 revision" in page
    office.post(address, {"post": "yes"})
    assert not Document.objects.exists()
    assert not Chunk.objects.exists()


def test_deleting_an_imported_article_warns_that_it_comes_back(office: Client, shop: Collection) -> None:
    document = write(office, shop)
    Source.objects.update(kind=Source.Kind.UPLOAD, location="upload:help.zip")
    page = office.get(reverse("admin:knowledge_document_delete", args=[document.pk])).content.decode()
    assert "help.zip: another import brings it back" in page


def test_an_article_that_waits_for_its_index_says_so(office: Client, shop: Collection) -> None:
    document = write(office, shop)
    Document.objects.update(answerable_at=None)
    address = reverse("admin:knowledge_document_state", args=[document.pk])
    waiting = office.get(address).content.decode()
    assert "Being indexed" in waiting
    assert "hx-trigger" in waiting
    unindexed.index_or_leave([document])
    ready = office.get(address).content.decode()
    assert "Answerable since" in ready
    assert "hx-trigger" not in ready


def test_an_article_that_is_left_out_says_why_and_is_tried_again_when_told_to(
    office: Client, shop: Collection, embedded_services: None
) -> None:
    document = write(office, shop)
    Document.objects.update(answerable_at=None, indexing_attempts=3)
    overview = office.get(reverse("admin:index")).content.decode()
    assert "1 article is left out: indexing it ended a process 3 times" in overview
    listed = office.get(reverse("admin:knowledge_document_changelist") + "?indexing_attempts__gte=3").content.decode()
    assert "Returning a drone" in listed
    assert "Left out" in listed
    state = office.get(reverse("admin:knowledge_document_state", args=[document.pk])).content.decode()
    assert "try again" in state
    assert "hx-trigger" not in state
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    office.post(address, {**FIELDS, "_try_again": ""})
    document.refresh_from_db()
    assert (document.answerable_at, document.indexing_attempts) == (None, 1), "this process is not risked"
    Document.objects.update(indexing_attempts=3)
    chosen = {"action": "try_selected_again", "_selected_action": [document.pk]}
    office.post(reverse("admin:knowledge_document_changelist"), chosen)
    document.refresh_from_db()
    assert document.indexing_attempts == 1
    Document.objects.update(indexing_attempts=3)
    office.post(address, {**FIELDS, "text": "You may return a drone within 60 days."})
    document.refresh_from_db()
    assert (document.answerable_at, document.indexing_attempts) == (None, 1), "nor with another text"
    unindexed.index_pending()
    document.refresh_from_db()
    assert (document.answerable_at is not None, document.indexing_attempts) == (True, 0)


@pytest.mark.parametrize("query", ["", "?q=drone", "?status__exact=published", "?o=1", "?locale=en"])
def test_lists_show_articles(office: Client, shop: Collection, query: str) -> None:
    write(office, shop)
    page = office.get(reverse("admin:knowledge_document_changelist") + query)
    assert "Returning a drone" in page.content.decode()


def test_an_empty_list_says_what_to_do_first(office: Client) -> None:
    page = office.get(reverse("admin:knowledge_document_changelist")).content.decode()
    assert "Answers come from articles alone" in page


def test_a_new_article_goes_into_the_only_collection(office: Client, shop: Collection) -> None:
    address = reverse("admin:knowledge_document_add")
    chosen = f'<option value="{shop.pk}" selected>'
    assert chosen in office.get(address).content.decode()
    Collection.objects.create(slug="lab", name="Lab")
    assert chosen not in office.get(address).content.decode()


def test_quotes_are_read_as_words() -> None:
    assert readable("## Use\n\n- Press **Reset**\n- in [Settings](/s)\n") == "Use Press Reset in Settings"
