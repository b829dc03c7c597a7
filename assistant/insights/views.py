"""The page `try a question` of the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from assistant.answering import wording
from assistant.answering.account import account_of
from assistant.answering.wording import language_name
from assistant.answers import AnswerUnavailable, Question, Said
from assistant.beginnings import note_trial
from assistant.conversations.policy import rules_for
from assistant.conversations.rendering import render_markdown
from assistant.insights import earlier, trial
from assistant.models import Widget
from assistant.states import Role
from knowledge.admin.forms import focus_first_error
from knowledge.models import Collection, Document
from knowledge.retrieval import UnknownCollection

MAX_QUESTION = 8000


def locale_choices() -> list[tuple[str, str]]:
    """Languages of articles and of our own words, by name; before them that of the question itself."""
    written = Document.objects.filter(status=Document.Status.PUBLISHED).values_list("locale", flat=True).distinct()
    named = {language: language_name(language) for language in {*written, *wording.tables()}}
    return [("", "From the question"), *sorted(named.items(), key=lambda each: each[1])]


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
    locale = forms.ChoiceField(choices=locale_choices, required=False, label="Language")
    earlier = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_earlier(self) -> tuple[Said, ...]:
        try:
            return earlier.read(self.cleaned_data["earlier"])
        except ValueError:
            raise forms.ValidationError("The earlier questions could not be read. Clear them and ask again.") from None


def try_question(request: HttpRequest) -> HttpResponse:
    """Show the form, with the question that a link names; when one is posted also its answer and what led to it.

    A link asks nothing by itself: an answer may cost money.
    """
    form = _form(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Try a question",
        "form": form,
        "has_articles": Document.objects.filter(status=Document.Status.PUBLISHED).exists(),
    }
    before = _read(str(form["earlier"].value() or ""))
    if form.is_bound and form.is_valid():
        context |= _tried(form.cleaned_data, before)
        note_trial(request.user.get_username())
    focus_first_error(form)
    context["before"] = [(said.role == Role.CUSTOMER, render_markdown(said.text), said.text) for said in before]
    return TemplateResponse(request, "admin/try.html", context)


def _form(request: HttpRequest) -> TryForm:
    """As posted; empty but for its settings before the first question, the next one, and once all is cleared."""
    posted, step = request.POST, request.POST.get("step")
    if request.method != "POST":
        return TryForm(initial=_named(request), label_suffix="")
    if step not in ("go on", "clear"):
        return TryForm(posted, label_suffix="")
    settings = {name: posted.get(name, "") for name in ("collection", "widget", "locale")}
    said = _read(posted.get("so_far", "")) if step == "go on" else ()
    form = TryForm(initial={**settings, "earlier": earlier.written(said)}, label_suffix="")
    form.fields["question"].widget.attrs["autofocus"] = True  # where the next one is written
    return form


def _named(request: HttpRequest) -> dict[str, str]:
    named = {name: request.GET[name] for name in ("question", "collection") if name in request.GET}
    return {"collection": "default", **named}


def _read(text: str) -> tuple[Said, ...]:
    """The earlier messages; none where they cannot be read, which the form says."""
    try:
        return earlier.read(text)
    except ValueError:
        return ()


def _tried(data: dict[str, Any], before: tuple[Said, ...]) -> dict[str, Any]:
    widget = data["widget"]
    question = Question(
        text=data["question"],
        collection=data["collection"].slug,
        locale=data["locale"] or data["collection"].locale,
        history=before,
        rules=rules_for(widget.pk if widget else None),
        wrong_answer_cost=widget.wrong_answer_cost if widget else None,
    )
    try:
        answer = trial.ask(question)
        so_far = (*before, Said(Role.CUSTOMER, question.text), Said(Role.ASSISTANT, answer.text))
        return {"account": account_of(answer), "so_far": earlier.written(so_far)}
    except AnswerUnavailable as error:
        return {"failure": f"No answer could be made: {error}. Nothing was changed; try again in a moment."}
    except UnknownCollection:
        return {"failure": "This collection is gone. Choose another one."}
