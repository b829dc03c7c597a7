"""Articles in the admin: found, written with a preview, published, taken back, deleted."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from knowledge import documents, unindexed
from knowledge.admin.collections import counted, is_imported, source_name, without_bulk_delete
from knowledge.admin.forms import ArticleForm
from knowledge.indexing import is_left_out
from knowledge.models import Collection, Document
from knowledge.rendering import render_text
from knowledge.sources.article import Unreadable
from knowledge.sources.decoding import clean
from knowledge.sources.parsing import read_article

STATUS_COLOURS = {
    Document.Status.PUBLISHED: "ad-good",
    Document.Status.UNPUBLISHED: "ad-careful",
    Document.Status.REMOVED: "",
}

TRIED_AGAIN = "tried again within a minute"
# Beside the form's own: what each does once the article is saved, and what is said then.
STATUS_BUTTONS: dict[str, tuple[Callable[[Document], None], str]] = {
    "_publish": (documents.publish, "published"),
    "_unpublish": (documents.unpublish, "unpublished"),
    "_try_again": (unindexed.try_again, TRIED_AGAIN),
}


@admin.register(Document)
class ArticleAdmin(ModelAdmin):
    form = ArticleForm
    change_form_template = "admin/article.html"
    compressed_fields = False  # labels above the fields: the preview stands beside them
    list_display = ("title", "state", "collection", "from_source", "locale", "answerable", "changed")
    list_per_page = 50
    list_filter = ("status", "collection", "source", "locale")
    list_select_related = ("collection", "source")
    list_before_template = "admin/articles_before.html"
    search_fields = ("title", "article", "text")
    search_help_text = "Search titles and texts"
    ordering = ("-updated_at",)
    actions = ("publish_selected", "unpublish_selected", "try_selected_again")
    show_full_result_count = False

    class Media:
        js = (forms.Script("admin/editor.js", type="module"),)

    @admin.display(description="Status", ordering="status")
    def state(self, document: Document) -> str:
        colour = STATUS_COLOURS[Document.Status(document.status)]
        return format_html('<span class="ad-tag {}">{}</span>', colour, document.get_status_display())

    @admin.display(description="Source", ordering="source")
    def from_source(self, document: Document) -> str:
        return source_name(document.source)

    @admin.display(description="Answerable since", ordering="answerable_at")
    def answerable(self, document: Document) -> str:
        if document.status != Document.Status.PUBLISHED:
            return "Not answered from"
        if document.answerable_at:
            return f"{document.answerable_at:%Y-%m-%d %H:%M:%S}"
        if is_left_out(document):
            return "Left out: indexing it ended a process"
        return "Refused by the search model" if document.refusal else "Being indexed"

    @admin.display(description="Changed", ordering="updated_at")
    def changed(self, document: Document) -> str:
        return f"{document.updated_at:%Y-%m-%d %H:%M}"

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """The collection, where there is no choice."""
        only = list(Collection.objects.values_list("pk", flat=True)[:2])
        initial = super().get_changeform_initial_data(request)
        return {"collection": only[0], **initial} if len(only) == 1 else initial

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> Any:
        return ("collection",) if obj else ()

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Document:
        """Store a revision and index it through the one door; the form itself writes no row."""
        data = form.cleaned_data
        return documents.save_article(
            form.instance.collection if change else data["collection"],
            data["text"],
            document=Document.objects.select_related("source").get(pk=form.instance.pk) if change else None,
            title=data["title"],
            url=data["url"],
            locale=data["locale"],
            audience=data["audience"],
            index=_index_after_commit,
        )

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        """Nothing is left to write: `save_form` stored the article."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """An article has no related rows that a form would write."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            response: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except Unreadable as error:
            messages.error(request, f"Not saved: {error}")
            return HttpResponseRedirect(request.get_full_path())
        return response

    @admin.action(description="Publish")
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        count = _each(queryset, documents.publish)
        messages.success(request, f"{counted(count, 'article')} published; the next question may be answered from it.")

    @admin.action(description="Unpublish")
    def unpublish_selected(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        count = _each(queryset, documents.unpublish)
        messages.success(request, f"{counted(count, 'article')} unpublished; nothing is answered from it any more.")

    @admin.action(description="Try to index again")
    def try_selected_again(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        count = _each(queryset.filter(answerable_at=None), unindexed.try_again)
        messages.success(request, f"{counted(count, 'article')} {TRIED_AGAIN}.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("preview/", view(self.preview), name="knowledge_document_preview"),
            path("<int:document_id>/state/", view(self.state_fragment), name="knowledge_document_state"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The Markdown of the editor as the help page will show it, sanitised."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            text, title = clean(request.POST.get("text", "")), request.POST.get("title", "")
            read = read_article("preview.md", text, "md", title)
        except Unreadable as error:
            return HttpResponse(format_html('<p class="ad-empty">{}</p>', str(error).capitalize()))
        return HttpResponse(render_text(read.text))

    def state_fragment(self, request: HttpRequest, document_id: int) -> HttpResponse:
        """Whether answers come from the article: a fragment that asks again until they do."""
        document = get_object_or_404(Document.objects.select_related("source"), pk=document_id)
        context = {"original": document, **_about(document)}
        return TemplateResponse(request, "admin/article_state.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        document = self.get_object(request, object_id)
        context = {**(extra_context or {}), **_about(document)}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def response_change(self, request: HttpRequest, obj: Document) -> HttpResponse:
        """Publish and Unpublish save what is written first, so that neither discards it."""
        chosen = next((name for name in STATUS_BUTTONS if name in request.POST), None)
        if chosen is None:
            response: HttpResponse = super().response_change(request, obj)
            return response
        act, done = STATUS_BUTTONS[chosen]
        transaction.on_commit(lambda: act(Document.objects.get(pk=obj.pk)))
        messages.success(request, f"{obj.title}: {done}.")
        return HttpResponseRedirect(reverse("admin:knowledge_document_change", args=[obj.pk]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        lost = []
        for document in objs:
            revisions = counted(document.revisions.count(), "revision")
            lost.append(f"{document.title}: its text and {revisions}. Conversations keep what they quoted from it.")
            if is_imported(document.source):
                name = source_name(document.source)
                lost.append(f"It comes from {name}: another import brings it back. Unpublish it to keep it out.")
        return lost, {"articles": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        documents.delete(obj)

    def get_actions(self, request: HttpRequest) -> Any:
        return without_bulk_delete(super().get_actions(request))


def _index_after_commit(found: Sequence[Document]) -> None:
    """The framework saves within a transaction; the embedding model is called after it."""
    transaction.on_commit(lambda: unindexed.index_or_leave(found))


def _each(queryset: QuerySet[Document], act: Callable[[Document], None]) -> int:
    found = list(queryset.exclude(status=Document.Status.REMOVED))
    for document in found:
        act(document)
    return len(found)


def _about(document: Document | None) -> dict[str, Any]:
    """For an article's state: whether it is left out, and the source whose next import replaces what is edited here."""
    imported = document is not None and is_imported(document.source)
    return {
        "imported_from": source_name(document.source) if document and imported else "",
        "left_out": document is not None and document.answerable_at is None and is_left_out(document),
    }
