"""Answers by e-mail in the admin: what went, what did not and why, and another try."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from assistant.conversations import mailing
from assistant.models import Outgoing
from assistant.templatetags.desk import mail_advice


@admin.register(Outgoing)
class OutgoingAdmin(ModelAdmin):
    list_display = ("address", "state", "conversation", "attempts", "created_at", "sent_at", "error", "what_to_do")
    list_display_links = None
    list_filter = ("state", "message__conversation__widget")
    list_select_related = ("message__conversation__customer",)
    search_fields = ("address",)
    ordering = ("-created_at",)
    fields = ("address", "state", "attempts", "created_at", "due_at", "sent_at", "error")
    actions = ("send_again",)
    show_full_result_count = False

    @admin.display(description="Conversation")
    def conversation(self, mail: Outgoing) -> str:
        row = mail.message.conversation
        page = reverse("admin:assistant_conversation_change", args=[row.pk])
        return format_html('<a class="ad-link" href="{}">{}</a>', page, row.customer)

    @admin.display(description="What to do")
    def what_to_do(self, mail: Outgoing) -> str:
        return mail_advice(mail)

    @admin.action(description="Send again")
    def send_again(self, request: HttpRequest, queryset: QuerySet[Outgoing]) -> None:
        """Try those anew that failed or were held back; the others stay as they are."""
        count = mailing.send_again(queryset)
        messages.success(request, f"{count} will be sent within a minute. Nothing else was changed.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
