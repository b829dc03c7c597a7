"""Conversations in the admin: to read, never to change; the desk is where they are worked on."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from assistant.admin.confirmation import ask_first
from assistant.conversations import sessions
from assistant.models import Conversation, Customer, Feedback, Message
from assistant.states import ConversationStatus
from assistant.templatetags.desk import reason_words, status_words


class RatingFilter(admin.SimpleListFilter):
    """Conversations in which a customer found an answer helpful, or one not."""

    title = "rating"
    parameter_name = "rating"
    values: ClassVar = {"helpful": 1, "not-helpful": -1}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("not-helpful", "Not helpful"), ("helpful", "Helpful")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        wanted = self.values.get(self.value() or "")
        if wanted is None:
            return queryset
        return queryset.filter(Exists(Feedback.objects.filter(message__conversation=OuterRef("pk"), rating=wanted)))


@admin.register(Conversation)
class ConversationAdmin(ModelAdmin):
    list_display = ("of_customer", "state", "agent", "widget", "message_count", "ratings", "last_message_at")
    list_filter = (RatingFilter, "status", "widget", "agent")
    list_select_related = ("customer", "widget", "agent")
    search_fields = ("id", "customer__name", "customer__email", "contact_email")
    search_help_text = "Search a customer's name or e-mail address"
    ordering = ("-last_message_at",)
    fields = ("customer", "state", "agent", "widget", "locale", "contact_email", "reason", "created_at")
    readonly_fields = ("state", "reason")
    change_form_template = "admin/conversation.html"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        queryset: QuerySet[Conversation] = super().get_queryset(request)
        rated = "messages__feedback__rating"
        return queryset.filter(seq__gt=0).annotate(
            messages_in_all=Count("messages"),
            helpful=Count("messages", filter=Q(**{rated: 1})),
            not_helpful=Count("messages", filter=Q(**{rated: -1})),
        )

    @admin.display(description="Customer", ordering="customer__name")
    def of_customer(self, conversation: Conversation) -> Customer:
        return conversation.customer

    @admin.display(description="Status", ordering="status")
    def state(self, conversation: Conversation) -> str:
        return status_words(conversation)

    @admin.display(description="Handoff reason")
    def reason(self, conversation: Conversation) -> str | None:
        asked = conversation.handoff_reason or conversation.status == ConversationStatus.WAITING
        return reason_words(conversation) if asked else None

    @admin.display(description="Messages", ordering="messages_in_all")
    def message_count(self, conversation: Any) -> int:
        return int(conversation.messages_in_all)

    @admin.display(description="Ratings", ordering="not_helpful")
    def ratings(self, conversation: Any) -> str | None:
        counts = ((conversation.helpful, "helpful"), (conversation.not_helpful, "not helpful"))
        return ", ".join(f"{count} {words}" for count, words in counts if count) or None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        conversation = self.get_object(request, object_id)
        thread = Message.objects.filter(conversation=conversation).order_by("seq")
        context = {
            **(extra_context or {}),
            "thread": thread.select_related("author", "feedback", "outgoing").prefetch_related("citations"),
            "title": f"Conversation with {conversation.customer}" if conversation else "",
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def get_urls(self) -> list[URLPattern]:
        address, view = "<uuid:conversation_id>/sign-out/", self.admin_site.admin_view(self.sign_out)
        return [path(address, view, name="assistant_conversation_sign_out"), *super().get_urls()]

    def sign_out(self, request: HttpRequest, conversation_id: UUID) -> HttpResponse:
        """End the customer's sessions, after asking."""
        conversation = get_object_or_404(Conversation.objects.select_related("customer"), pk=conversation_id)
        back = reverse("admin:assistant_conversation_change", args=[conversation.pk])
        if request.method != "POST":
            return ask_first(
                request,
                self,
                title=f"Sign {conversation.customer} out?",
                consequences=[
                    "Every browser in which the chat is open for this customer loses it within seconds.",
                    "Who is not signed in on the site cannot come back to these conversations.",
                    "Nothing is deleted: agents and admins still see everything.",
                ],
                verb="Sign out",
                back=back,
            )
        ended = sessions.sign_out(conversation.customer)
        messages.success(request, f"{conversation.customer} is signed out ({ended} open before).")
        return HttpResponseRedirect(back)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False
