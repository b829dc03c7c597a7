"""Widgets in the admin: where they may show, what they answer from, how they look, and the line that embeds them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from assistant.admin.confirmation import ask_first
from assistant.admin.fields import ColourField, LinesField, origins_field
from assistant.answering import thresholds
from assistant.conversations.spending import Cap, caps_of_today
from assistant.llm.prices import unpriced
from assistant.models import Widget
from assistant.models.conversation import new_secret

MAX_SUGGESTIONS = 6
MAX_SUGGESTION_CHARACTERS = 120


class WidgetForm(forms.ModelForm):  # type: ignore[type-arg]
    allowed_origins = origins_field(
        label="Allowed origins",
        help_text="Sites that may show the widget, one a line, such as https://shop.example. "
        "Without any, no website can.",
    )
    suggestions = LinesField(help_text=f"Questions offered at first open, one a line, at most {MAX_SUGGESTIONS}.")
    accent = ColourField(
        initial=Widget._meta.get_field("accent").default,
        help_text="The text on it is black or white, whichever reads better.",
    )

    wrong_answer_cost = forms.FloatField(
        required=False,
        min_value=thresholds.LEAST_COST,
        max_value=thresholds.MOST_COST,
        label="A wrong answer costs as much as",
        widget=UnfoldAdminDecimalFieldWidget(),
    )

    class Meta:
        model = Widget
        fields = [
            "name",
            "collection",
            "allowed_origins",
            "accent",
            "greeting",
            "suggestions",
            "grounding",
            "wrong_answer_cost",
            "cost_cap_conversation_usd",
            "cost_cap_day_usd",
            "active",
        ]
        help_texts = {
            "grounding": "Each sentence is held against the passages it cites, by words, numbers, names, limits and "
            "meaning. Checked before, a sentence that fails is never shown. Checked at the end, text appears sooner, "
            "and what fails disappears again; where a customer writes at length it is checked before all the same. A "
            "changed detail in common words may still pass."
        }
        widgets = {"greeting": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        recommended = thresholds.recommended_cost(settings.EMBEDDING_MODEL)
        self.fields["wrong_answer_cost"].help_text = (
            "that many questions given to a person although an article answers them. The higher, the fewer wrong "
            "answers and the more work for people: at 1 the assistant answers from a confidence of 0.50 on, at 3 from "
            f"0.75. Empty: {recommended:.2f}, as recommended, which is {thresholds.threshold(recommended):.2f}."
        )

    def clean_suggestions(self) -> list[str]:
        suggestions: list[str] = self.cleaned_data["suggestions"]
        if len(suggestions) > MAX_SUGGESTIONS:
            raise forms.ValidationError(f"At most {MAX_SUGGESTIONS} suggestions; there are {len(suggestions)}.")
        if any(len(line) > MAX_SUGGESTION_CHARACTERS for line in suggestions):
            raise forms.ValidationError(f"A suggestion has at most {MAX_SUGGESTION_CHARACTERS} characters.")
        return suggestions

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        models = (settings.LLM_MODEL, *settings.LLM_FALLBACK_MODELS, settings.GROUNDING_MODEL)
        unknown = ", ".join(unpriced(models, settings.LLM_PRICES))
        for name in ("cost_cap_conversation_usd", "cost_cap_day_usd"):
            if cleaned.get(name) and name in self.changed_data and unknown:
                self.add_error(name, f"The server does not know the price of {unknown}. Set LLM_PRICES there first.")
        return cleaned


def _spent(cap: Cap) -> str:
    return f"{cap.spent():.2f} dollars ({'no cap' if cap.usd is None else f'of {cap.usd:.2f}'})"


def embed_line(widget: Widget) -> str:
    """The script tag that shows the widget on a site."""
    return f'<script src="{settings.PUBLIC_URL}/widget.js" data-widget="{widget.key}" async></script>'


@admin.register(Widget)
class WidgetAdmin(ModelAdmin):
    form = WidgetForm
    list_display = ("name", "collection", "origins", "active")
    list_filter = ("active", "collection")
    search_fields = ("name", "key")
    readonly_fields = ("key", "embed", "identity_secret", "spent_today")
    warn_unsaved_form = True

    class Media:
        js = (forms.Script("admin/widget-form.js", type="module"), forms.Script("admin/copy.js", type="module"))

    def get_fieldsets(self, request: HttpRequest, obj: Widget | None = None) -> Any:
        look = ("Look", {"fields": ("accent", "greeting", "suggestions")})
        basics = (
            None,
            {"fields": ("name", "collection", "allowed_origins", "grounding", "wrong_answer_cost", "active")},
        )
        caps = ("cost_cap_conversation_usd", "cost_cap_day_usd")
        costs = ("Costs of a language model", {"fields": caps if obj is None else ("spent_today", *caps)})
        if obj is None:
            return (basics, look, costs)
        return (basics, ("Embed it", {"fields": ("embed", "key", "identity_secret")}), look, costs)

    @admin.display(description="Allowed origins")
    def origins(self, widget: Widget) -> str:
        count = len(widget.allowed_origins)
        rest = f" and {count - 2} more" if count > 2 else ""
        return ", ".join(widget.allowed_origins[:2]) + rest or "None yet"

    @admin.display(description="Embed line")
    def embed(self, widget: Widget) -> SafeString:
        return format_html(
            '<span class="ad-copy"><code>{0}</code><button type="button" data-copy="{0}">Copy</button></span>',
            embed_line(widget),
        )

    @admin.display(description="Spent today")
    def spent_today(self, widget: Widget) -> str:
        here, everywhere = caps_of_today(widget.pk, widget.cost_cap_day_usd)
        return f"{_spent(here)} here, {_spent(everywhere)} in all widgets. The day is UTC's."

    @admin.display(description="Identity secret")
    def identity_secret(self, widget: Widget) -> SafeString:
        return format_html(
            '<span class="ad-copy"><code data-secret="{0}">••••••••••••</code>'
            '<button type="button" data-reveal>Show</button><button type="button" data-copy="{0}">Copy</button>'
            '<a href="{1}">Regenerate</a></span>'
            '<span class="ad-hint">Your server signs customers\' identities with it. Keep it out of web pages.</span>',
            widget.secret,
            reverse("admin:assistant_widget_regenerate", args=[widget.pk]),
        )

    def get_urls(self) -> list[URLPattern]:
        regenerate = path(
            "<int:widget_id>/regenerate/",
            self.admin_site.admin_view(self.regenerate),
            name="assistant_widget_regenerate",
        )
        return [regenerate, *super().get_urls()]

    def regenerate(self, request: HttpRequest, widget_id: int) -> HttpResponse:
        """Replace the identity secret, after asking."""
        widget = get_object_or_404(Widget, pk=widget_id)
        back = reverse("admin:assistant_widget_change", args=[widget.pk])
        if request.method != "POST":
            return ask_first(
                request,
                self,
                title=f"Regenerate the identity secret of {widget.name}?",
                consequences=[
                    "Identities signed with the present secret are refused at once.",
                    "Customers who are signed in on your site chat as visitors until your server uses the new secret.",
                    "Conversations are kept.",
                ],
                verb="Regenerate",
                back=back,
            )
        Widget.objects.filter(pk=widget.pk).update(secret=new_secret())
        messages.success(request, "There is a new identity secret. Copy it to your server now.")
        return HttpResponseRedirect(back)

    def has_delete_permission(self, request: HttpRequest, obj: Widget | None = None) -> bool:
        """A widget with conversations is switched off, not deleted."""
        return super().has_delete_permission(request, obj) and not (obj and obj.conversations.exists())

    def get_actions(self, request: HttpRequest) -> Any:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}
