"""The help centre as pages: where citations of articles without an address of their own lead."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from assistant.widget.policy import protect
from knowledge.models import Collection, Document
from knowledge.rendering import render_article

PUBLISHED = Document.Status.PUBLISHED


@require_safe
def collections(request: HttpRequest) -> HttpResponse:
    """Every collection that holds published articles."""
    articles = Count("documents", filter=Q(documents__status=PUBLISHED))
    found = Collection.objects.annotate(article_count=articles).filter(article_count__gt=0).order_by("name")
    return protect(request, render(request, "widget/help_index.html", {"collections": found}))


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    """The published articles of one collection, in the sections that their folders make."""
    found = get_object_or_404(Collection, slug=slug)
    context = {"collection": found, "sections": sections(_published(found))}
    return protect(request, render(request, "widget/help_collection.html", context))


@require_safe
def article(request: HttpRequest, slug: str, article: str) -> HttpResponse:
    """One article as a page. 410 where it was here and is not any more, 404 where it never was."""
    versions = Document.objects.filter(collection__slug=slug, article=article).select_related("collection")
    document = versions.filter(status=PUBLISHED).order_by("id").first()
    if document is None:
        return _missing(request, slug, gone=versions.exists())
    context = {
        "document": document,
        # Sanitised where it is made: knowledge.rendering lets only listed elements and attributes through.
        "body": mark_safe(render_article(document)),  # noqa: S308
        "neighbours": _neighbours(document),
        "last_changed": last_changed(document),
    }
    return protect(request, render(request, "widget/article.html", context))


def last_changed(document: Document) -> datetime:
    """The date that the article gives itself, else when its words last changed here; publishing changes neither."""
    if document.written_at:
        return document.written_at
    newest = document.revisions.order_by("-number").values_list("created_at", flat=True).first()
    return newest or document.created_at


def sections(documents: Iterable[Document]) -> list[tuple[str, list[Document]]]:
    """Documents under the name of their folder, each folder once, in the order they come."""
    return [(name, list(group)) for name, group in groupby(documents, key=section_name)]


def section_name(document: Document) -> str:
    """The folder of an article as words: "getting-started/invite" gives "Getting started"."""
    folder = document.article.rpartition("/")[0]
    words = folder.rpartition("/")[2].replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _published(collection: Collection) -> list[Document]:
    shown = Document.objects.filter(collection=collection, status=PUBLISHED).defer("markup", "text")
    # Two sources may hold the same article, under one id or under two: the first of them is shown.
    by_id = {document.article: document for document in shown.order_by("-id")}
    once = {document.content_hash: document for document in sorted(by_id.values(), key=lambda one: -one.pk)}
    return sorted(once.values(), key=lambda one: (one.article.rpartition("/")[0], one.position, one.title))


def _neighbours(document: Document) -> list[Document]:
    folder = document.article.rpartition("/")[0]
    return [one for one in _published(document.collection) if one.article.rpartition("/")[0] == folder]


def _missing(request: HttpRequest, slug: str, *, gone: bool) -> HttpResponse:
    known = Collection.objects.filter(slug=slug).first()
    context = {"gone": gone, "collection": known}
    return protect(request, render(request, "widget/article_missing.html", context, status=410 if gone else 404))
