"""Collections and their sources in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from knowledge.models import Collection, Document, Source

PUBLISHED = Q(documents__status=Document.Status.PUBLISHED)


def counted(number: int, noun: str) -> str:
    """`1 article`, `3 articles`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def is_imported(source: Source) -> bool:
    """False for what is written here or comes in through the API: there is nothing to read again."""
    return source.kind not in (Source.Kind.EDITOR, Source.Kind.API)


def source_name(source: Source) -> str:
    """A source as people know it: a file's name, a path, or where its articles are written."""
    if not is_imported(source):
        return str(source.get_kind_display())
    return str(source.location).removeprefix("upload:")


def articles_link(number: int, **filters: Any) -> str:
    """A count that leads to the articles it counts."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    address = f"{reverse('admin:knowledge_document_changelist')}?{query}"
    return format_html('<a class="ad-link" href="{}">{}</a>', address, f"{number:,}")


def without_bulk_delete(actions: dict[str, Any]) -> dict[str, Any]:
    """Deleting is done one by one, on the page that names what is lost."""
    return {name: action for name, action in actions.items() if name != "delete_selected"}


@admin.register(Collection)
class CollectionAdmin(ModelAdmin):
    list_display = ("name", "slug", "articles", "locale", "served_by")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "locale")
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        queryset: QuerySet[Collection] = super().get_queryset(request)
        return queryset.annotate(published=Count("documents", filter=PUBLISHED))

    def get_readonly_fields(self, request: HttpRequest, obj: Collection | None = None) -> Any:
        """Widgets, keys and addresses name a collection by its slug, so it stays."""
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Collection | None = None) -> Any:
        return {} if obj else self.prepopulated_fields

    @admin.display(description="Published articles", ordering="published")
    def articles(self, collection: Any) -> str:
        return articles_link(collection.published, collection__id__exact=collection.pk)

    @admin.display(description="Widgets")
    def served_by(self, collection: Any) -> str:
        return ", ".join(str(widget) for widget in collection.widgets.all()) or "None"

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What is lost, in numbers; a collection that a widget answers from cannot be deleted."""
        lost, protected = [], []
        for collection in objs:
            articles = counted(collection.documents.count(), "article")
            sources = counted(collection.sources.count(), "source")
            lost.append(f"{collection}: {articles} with their revisions, {sources} with their import history")
            protected += [f"The widget {widget}" for widget in collection.widgets.all()]
        return lost, {"collections": len(lost)}, set(), protected

    def get_actions(self, request: HttpRequest) -> Any:
        return without_bulk_delete(super().get_actions(request))


@admin.register(Source)
class SourceAdmin(ModelAdmin):
    list_display = ("name", "kind", "collection", "articles", "last_import", "import_again")
    list_filter = ("collection", "kind")
    search_fields = ("location",)
    fields = ("name", "kind", "collection", "created_at", "last_import", "import_again")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        queryset: QuerySet[Source] = super().get_queryset(request).select_related("collection")
        held = Count("documents", filter=~Q(documents__status=Document.Status.REMOVED), distinct=True)
        return queryset.annotate(held=held, imported_at=Max("imports__finished_at"))

    @admin.display(description="Source", ordering="location")
    def name(self, source: Source) -> str:
        return source_name(source)

    @admin.display(description="Articles", ordering="held")
    def articles(self, source: Any) -> str:
        return articles_link(source.held, source__id__exact=source.pk)

    @admin.display(description="Last import", ordering="imported_at")
    def last_import(self, source: Source) -> str:
        run = source.imports.order_by("-pk").first()
        if run is None:
            return "Never" if is_imported(source) else "Not imported"
        address = reverse("admin:knowledge_importrun_change", args=[run.pk])
        when = f"{run.finished_at or run.started_at or run.created_at:%Y-%m-%d %H:%M}"
        return format_html('<a class="ad-link" href="{}">{} {}</a>', address, run.get_state_display(), when)

    @admin.display(description="")
    def import_again(self, source: Source) -> str:
        if not is_imported(source):
            return ""
        address = reverse("admin:knowledge_importrun_again", args=[source.pk])
        return format_html('<a class="ad-link" href="{}">Import again</a>', address)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Sources come with an upload or an import."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        lost = [
            f"{source_name(source)}: {counted(source.documents.count(), 'article')} with their revisions, "
            f"{counted(source.imports.count(), 'import')} in its history"
            for source in objs
        ]
        return lost, {"sources": len(lost)}, set(), []

    def get_actions(self, request: HttpRequest) -> Any:
        return without_bulk_delete(super().get_actions(request))
