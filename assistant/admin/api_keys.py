"""API keys in the admin: shown once when created, revoked, never edited."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from assistant import keys
from assistant.admin.confirmation import ask_first
from assistant.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    list_display = ("name", "starts_with", "scope", "created_at", "last_used_at", "state")
    search_fields = ("name", "prefix")
    fields = ("name", "collection", "starts_with", "created_at", "last_used_at", "state")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return self.fields if obj else ("name", "collection")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return ("collection", "starts_with", "created_at", "last_used_at", "state") if obj else ()

    @admin.display(description="Starts with")
    def starts_with(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @admin.display(description="May use", ordering="collection")
    def scope(self, key: ApiKey) -> str:
        return str(key.collection or "Every collection")

    @admin.display(description="State", ordering="revoked_at")
    def state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return f"Revoked on {key.revoked_at:%Y-%m-%d}"
        link = reverse("admin:assistant_apikey_revoke", args=[key.pk])
        return format_html('Active · <a class="ad-link" href="{}">Revoke</a>', link)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["name"])
            return
        row, text = keys.issue(obj.name, obj.collection)
        obj.pk, obj.prefix, obj.key_hash, obj.created_at = row.pk, row.prefix, row.key_hash, row.created_at
        request.issued_key = text  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """The only page that ever shows the key."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"API key {obj.name}",
            "key": request.issued_key,  # type: ignore[attr-defined]
            "api_key": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/api_key_issued.html", context, headers={"Cache-Control": "no-store"})

    def get_urls(self) -> list[URLPattern]:
        revoke = path("<int:key_id>/revoke/", self.admin_site.admin_view(self.revoke), name="assistant_apikey_revoke")
        return [revoke, *super().get_urls()]

    def revoke(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Revoke a key for good, after asking."""
        key = get_object_or_404(ApiKey, pk=key_id)
        back = reverse("admin:assistant_apikey_changelist")
        if request.method != "POST":
            return ask_first(
                request,
                self,
                title=f"Revoke the API key {key.name}?",
                consequences=["Whatever uses it is refused at once.", "A revoked key cannot be used again."],
                verb="Revoke",
                back=back,
            )
        keys.revoke(key)
        messages.success(request, f"The API key {key.name} is revoked.")
        return HttpResponseRedirect(back)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Keys are revoked, so that the list tells what there was."""
        return False
