"""The public pages as a browser, another site and a search engine ask for them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assistant.models import Widget
from knowledge import documents
from knowledge.models import Collection, Document, Revision, Source
from tests.cast import make_widget

pytestmark = pytest.mark.django_db


def make_article(widget: Widget, article: str, title: str, text: str = "Words.", **fields: object) -> Document:
    location = str(fields.pop("location", "/articles"))
    source, _ = Source.objects.get_or_create(collection=widget.collection, kind="folder", location=location)
    return Document.objects.create(
        collection=widget.collection,
        source=source,
        article=article,
        title=title,
        text=text,
        markup=text,
        locale="en",
        content_hash=article,
        metadata_hash=article,
        **fields,
    )


def test_the_demo_site_holds_the_embed_line_literally(client: Client) -> None:
    widget = make_widget()
    page = client.get("/", headers={"host": "localhost"}).content.decode()
    assert f'<script src="http://localhost/widget.js" data-widget="{widget.key}" async></script>' in page


def test_behind_a_proxy_the_embed_line_has_the_public_scheme(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://help.example"
    settings.ALLOWED_HOSTS = ["help.example"]
    make_widget()
    page = client.get("/", headers={"host": "help.example"}).content.decode()
    assert '<script src="https://help.example/widget.js"' in page


def test_without_a_widget_the_demo_site_says_what_to_do(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "There is no widget yet" in page
    assert "<script" not in page


def test_the_loader_may_be_used_by_every_site_and_is_asked_for_once(client: Client) -> None:
    first = client.get("/widget.js")
    assert first["Access-Control-Allow-Origin"] == "*"
    assert first["Content-Type"].startswith("text/javascript")
    again = client.get("/widget.js", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_settings_tell_what_customers_see_and_nothing_else(client: Client) -> None:
    widget = make_widget(suggestions=["What does it cost?"])
    response = client.get(f"/widget/{widget.key}/settings.json", headers={"origin": "null"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert set(response.json()) == {"name", "accent", "greeting", "suggestions"}
    assert widget.secret not in response.content.decode()


@pytest.mark.parametrize("path", ["settings.json", ""])
def test_an_unknown_or_inactive_widget_is_not_found(client: Client, path: str) -> None:
    widget = make_widget(active=False)
    assert client.get(f"/widget/{widget.key}/{path}").status_code == 404
    assert client.get(f"/widget/wk_none/{path}").status_code == 404


def test_only_its_own_sites_may_frame_a_widget(client: Client) -> None:
    widget = make_widget(allowed_origins=["https://shop.example"])
    response = client.get(f"/widget/{widget.key}/")
    assert "frame-ancestors 'self' https://shop.example;" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response


@pytest.mark.parametrize("origin", ["https://a.example; script-src *", "*", "javascript:x", "https://a b"])
def test_an_origin_that_is_none_never_reaches_the_policy(client: Client, origin: str) -> None:
    widget = make_widget(allowed_origins=[origin, "https://shop.example"])
    policy = client.get(f"/widget/{widget.key}/")["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://shop.example;" in policy


@pytest.mark.parametrize("path", ["/", "/help/", "/help/default/", "/help/default/guide", "/help/default/none"])
def test_no_page_may_be_framed_or_run_foreign_script(client: Client, path: str) -> None:
    make_article(make_widget(), "guide", "Guide")
    policy = client.get(path)["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none';" in policy


def test_an_article_has_its_title_and_an_anchor_for_each_heading(client: Client) -> None:
    make_article(make_widget(), "account/reset", "Reset <it>", "Intro.\n\n## First steps\n\nGo.")
    page = client.get("/help/default/account/reset").content.decode()
    assert "<h1>Reset &lt;it&gt;</h1>" in page
    assert '<h2 id="first-steps">' in page


def test_an_article_shows_its_own_date_else_that_of_its_words(client: Client) -> None:
    dated = make_article(make_widget(), "dated", "Dated", written_at="2023-01-02T00:00:00Z")
    silent = documents.save_article(dated.collection, "Words.", title="Silent", index=lambda found: None)
    Revision.objects.filter(document=silent).update(created_at="2024-05-06T00:00:00Z")
    for document in (dated, silent):
        Document.objects.filter(pk=document.pk).update(answerable_at=timezone.now())
        document.refresh_from_db()
        documents.unpublish(document)
        documents.publish(document)
    assert ">2 January 2023</time>" in client.get("/help/default/dated").content.decode()
    assert ">6 May 2024</time>" in client.get("/help/default/silent").content.decode()


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"status": Document.Status.UNPUBLISHED}, 410, "was taken down"),
        ({"status": Document.Status.REMOVED}, 410, "was taken down"),
        ({"article": "another"}, 404, "There is no such article"),
    ],
)
def test_an_article_that_is_not_there_is_told_in_plain_words(
    client: Client, fields: dict[str, str], status: int, words: str
) -> None:
    make_article(make_widget(), title="Secret plans", **{"article": "guide", **fields})
    response = client.get("/help/default/guide")
    assert response.status_code == status
    assert words in response.content.decode()
    assert "Secret plans" not in response.content.decode()


def test_a_collection_lists_published_articles_by_folder_and_once(client: Client) -> None:
    widget = make_widget()
    make_article(widget, "getting-started/invite", "Invite people", position=2)
    make_article(widget, "getting-started/open", "Open an account", position=1)
    make_article(widget, "getting-started/open", "Open an account", position=1, location="/copy")
    make_article(widget, "billing/refunds", "Refunds", status=Document.Status.UNPUBLISHED)
    page = client.get("/help/default/").content.decode()
    assert page.count("Open an account</a>") == 1
    assert page.index("Getting started") < page.index("Open an account") < page.index("Invite people")
    assert "Refunds" not in page


def test_the_same_article_under_two_ids_is_listed_once(client: Client) -> None:
    widget = make_widget()
    make_article(widget, "guides/open", "Open an account")
    copy = make_article(widget, "open", "Open an account", location="/guides")
    Document.objects.filter(pk=copy.pk).update(content_hash="guides/open")
    page = client.get("/help/default/").content.decode()
    assert page.count("Open an account</a>") == 1
    assert "/help/default/guides/open" in page


def test_the_help_index_shows_collections_that_hold_articles(client: Client) -> None:
    make_article(make_widget(), "guide", "Guide")
    Collection.objects.create(slug="empty", name="Nothing here")
    page = client.get("/help/").content.decode()
    assert "1 article<" in page
    assert "Nothing here" not in page
