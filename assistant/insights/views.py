"""The page `try a question` of the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from assistant.answering.account import account_of
from assistant.answers import AnswerUnavailable, Question
from assistant.beginnings import note_trial
from assistant.conversations.policy import rules_for
from assistant.insights import trial
from assistant.models import Widget
from knowledge.models import Collection, Document
from knowledge.retrieval import UnknownCollection

MAX_QUESTION = 8000


class TryForm(forms.Form):
    question = forms.CharField(
        max_length=MAX_QUESTION,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "What would a customer ask?"}),
    )
    collection = forms.ModelChoiceField(Collection.objects.order_by("name"), to_field_name="slug", empty_label=None)
    widget = forms.ModelChoiceField(
        Widget.objects.order_by("name"),
        required=False,
        label="Settings of",
        empty_label="No widget: as recommended, rules for all",
    )
    locale = forms.RegexField(
        r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        max_length=35,
        initial="en",
        label="Language",
        error_messages={"invalid": "Write a language such as en or pt-BR."},
    )


def try_question(request: HttpRequest) -> HttpResponse:
    """Show the form; when a question is posted, also its answer and what led to it."""
    form = (
        TryForm(request.POST, label_suffix="")
        if request.method == "POST"
        else TryForm(initial=_asked_before(request), label_suffix="")
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Try a question",
        "form": form,
        "has_articles": Document.objects.filter(status=Document.Status.PUBLISHED).exists(),
    }
    if form.is_bound and form.is_valid():
        context |= _tried(form.cleaned_data)
        note_trial(request.user.get_username())
    return TemplateResponse(request, "admin/try.html", context)


def _asked_before(request: HttpRequest) -> dict[str, str]:
    named = {name: request.GET[name] for name in ("question", "collection") if name in request.GET}
    return {"collection": "default", "locale": "en", **named}


def _tried(data: dict[str, Any]) -> dict[str, Any]:
    widget = data["widget"]
    question = Question(
        text=data["question"],
        collection=data["collection"].slug,
        locale=data["locale"],
        rules=rules_for(widget.pk if widget else None),
        wrong_answer_cost=widget.wrong_answer_cost if widget else None,
    )
    try:
        return {"account": account_of(trial.ask(question))}
    except AnswerUnavailable as error:
        return {"failure": f"No answer could be made: {error}. Nothing was changed; try again in a moment."}
    except UnknownCollection:
        return {"failure": "This collection is gone. Choose another one."}
