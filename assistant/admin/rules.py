"""Escalation rules in the admin: words that bring a person."""

from django import forms
from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from assistant.admin.fields import LinesField
from assistant.models import EscalationRule
from assistant.terms import stems

MAX_PHRASES = 100


class EscalationRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    phrases = LinesField(
        required=True,
        label="Words or phrases",
        help_text="One a line. Case and endings make no difference: refund also finds Refunds and refunded. "
        "The words of a phrase stand next to each other.",
    )

    class Meta:
        model = EscalationRule
        fields = ["name", "widget", "phrases", "match", "message", "active"]
        help_texts = {
            "widget": "Without one the rule holds for all widgets, and for questions from the command line and the API."
        }
        widgets = {"message": UnfoldAdminTextareaWidget(attrs={"rows": 2})}

    def clean_phrases(self) -> list[str]:
        phrases: list[str] = self.cleaned_data["phrases"]
        if len(phrases) > MAX_PHRASES:
            raise forms.ValidationError(f"At most {MAX_PHRASES} lines; there are {len(phrases)}.")
        for phrase in phrases:
            if not stems(phrase):
                raise forms.ValidationError(f"“{phrase}” holds no word.")
        return phrases


@admin.register(EscalationRule)
class EscalationRuleAdmin(ModelAdmin):
    form = EscalationRuleForm
    list_display = ("name", "listed", "held_for", "active")
    list_filter = ("active", "widget")
    list_select_related = ("widget",)
    search_fields = ("name",)
    warn_unsaved_form = True

    @admin.display(description="Words or phrases")
    def listed(self, rule: EscalationRule) -> str:
        return ", ".join(rule.phrases[:3]) + (f" and {len(rule.phrases) - 3} more" if len(rule.phrases) > 3 else "")

    @admin.display(description="Widget", ordering="widget")
    def held_for(self, rule: EscalationRule) -> str:
        return str(rule.widget) if rule.widget else "All"
