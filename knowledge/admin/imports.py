"""Uploads and imports in the admin: handed in, watched while they run, repeated."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from knowledge.admin.collections import is_imported, source_name
from knowledge.admin.forms import MAX_FILES, UploadForm, focus_first_error
from knowledge.import_progress import Progress, progress_of
from knowledge.imports import MAX_UPLOAD_BYTES, UploadRefused, request_import, store_upload
from knowledge.models import Document, ImportRun, Source

ARTICLES_SHOWN = 50
FILES_SHOWN = 200


def watched(run: ImportRun) -> dict[str, Any]:
    """A run as the progress page shows it."""
    return {
        "run": run,
        "name": source_name(run.source),
        "progress": progress_of(run, timezone.now()),
        "failures": run.failures[:FILES_SHOWN],
        "failures_hidden": max(0, run.failed - FILES_SHOWN),
        "skipped": run.skipped_files[:FILES_SHOWN],
        "skipped_hidden": max(0, run.skipped - FILES_SHOWN),
        **_held(run),
    }


def _held(run: ImportRun) -> dict[str, Any]:
    """The articles that the run left in its source: answered from, those of this run first, and not published.

    While it runs, only what it indexed so far: what stood there before may yet change or go.
    """
    held = Document.objects.filter(source=run.source)
    answerable = held.filter(status=Document.Status.PUBLISHED, answerable_at__isnull=False).order_by("-answerable_at")
    unpublished = held.filter(status=Document.Status.UNPUBLISHED).order_by("title")
    if run.state != ImportRun.State.DONE:
        answerable = answerable.filter(answerable_at__gte=run.started_at) if run.started_at else answerable.none()
        unpublished = unpublished.none()
    return {"articles": answerable[:ARTICLES_SHOWN], "unpublished": unpublished[:ARTICLES_SHOWN]}


@admin.register(ImportRun)
class ImportAdmin(ModelAdmin):
    list_display = ("source_shown", "collection", "state_shown", "outcome", "requested_by", "created_at")
    list_filter = ("state", "source__collection")
    list_select_related = ("source__collection",)
    list_before_template = "admin/imports_before.html"
    ordering = ("-pk",)

    @admin.display(description="Import of", ordering="source__location")
    def source_shown(self, run: ImportRun) -> str:
        return source_name(run.source)

    @admin.display(description="Collection", ordering="source__collection__name")
    def collection(self, run: ImportRun) -> str:
        return str(run.source.collection)

    @admin.display(description="State", ordering="state")
    def state_shown(self, run: ImportRun) -> str:
        return state_words(run, progress_of(run, timezone.now()))

    @admin.display(description="Articles")
    def outcome(self, run: ImportRun) -> str:
        counts = {
            name: getattr(run, name) for name in ("added", "changed", "unchanged", "removed", "skipped", "failed")
        }
        return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "None"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload), name="knowledge_importrun_upload"),
            path("watch/<str:run_ids>/", view(self.watch), name="knowledge_importrun_watch"),
            path("of-source/<int:source_id>/", view(self.import_again), name="knowledge_importrun_again"),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take files and queue their import; the page that follows shows its progress."""
        form = UploadForm(request.POST or None, request.FILES or None, label_suffix="")
        if request.method == "POST" and form.is_valid():
            runs, refused = self._queue(request, form)
            if runs:
                for words in refused:
                    messages.error(request, words)
                return HttpResponseRedirect(watch_address(runs))
            form.add_error("uploads", refused)
        focus_first_error(form)
        context = {
            **self.admin_site.each_context(request),
            "title": "Upload articles",
            "opts": self.opts,
            "form": form,
            "max_megabytes": MAX_UPLOAD_BYTES // 1_000_000,
            "max_files": MAX_FILES,
        }
        return TemplateResponse(request, "admin/upload.html", context)

    def _queue(self, request: HttpRequest, form: UploadForm) -> tuple[list[ImportRun], list[str]]:
        """Each file that is taken, queued, and what is said of each refused one, which stops none of the others."""
        runs, refused = [], []
        for file in form.cleaned_data["uploads"]:
            try:
                source = store_upload(form.cleaned_data["collection"], file.name, file, file.size)
            except UploadRefused as error:
                refused.append(f"{file.name} was not taken. {error}")
            else:
                runs.append(request_import(source, requested_by=request.user.get_username()))
        return runs, refused

    def watch(self, request: HttpRequest, run_ids: str) -> HttpResponse:
        """Progress of one or several runs; asked for by htmx, only the part that changes."""
        runs = _runs(run_ids)
        shown = [watched(run) for run in runs]
        context = {
            "watched": shown,
            "open": any(not entry["progress"].finished for entry in shown),
            "address": watch_address(runs),
        }
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "admin/import_progress.html", context)
        title = f"Import of {shown[0]['name']}" if len(shown) == 1 else f"Import of {len(shown)} files"
        page = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context}
        return TemplateResponse(request, "admin/import.html", page)

    def import_again(self, request: HttpRequest, source_id: int) -> HttpResponse:
        """Read a source again, after saying what that does."""
        source = get_object_or_404(Source.objects.select_related("collection"), pk=source_id)
        if not is_imported(source):
            raise Http404
        if request.method == "POST":
            run = request_import(source, requested_by=request.user.get_username())
            return HttpResponseRedirect(watch_address([run]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import {source_name(source)} again?",
            "consequences": [
                "Articles that changed there replace what stands here, edits made here included.",
                "Articles that are no longer there stop being answered from.",
                "What did not change there is left alone, edits made here included.",
            ],
            "verb": "Import again",
            "back": reverse("admin:knowledge_source_changelist"),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/confirm.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self.watch(request, object_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Runs begin with an upload or with "import again"."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return False


def state_words(run: ImportRun, progress: Progress) -> str:
    """Where a run stands, said honestly when nobody works on it."""
    if progress.unclaimed:
        return "Queued, no worker has taken it yet"
    if progress.stalled:
        return "Interrupted, starts again by itself"
    return str(run.get_state_display())


def watch_address(runs: list[ImportRun]) -> str:
    """The page that shows these runs together."""
    return reverse("admin:knowledge_importrun_watch", args=[",".join(str(run.pk) for run in runs)])


def _runs(run_ids: str) -> list[ImportRun]:
    parts = run_ids.split(",")
    if len(parts) > MAX_FILES or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise Http404
    runs = ImportRun.objects.filter(pk__in=parts).select_related("source__collection").order_by("pk")
    if not runs:
        raise Http404
    return list(runs)
