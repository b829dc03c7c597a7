"""A page that says what a step will do before it is done: GET asks, POST acts."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def ask_first(
    request: HttpRequest,
    model_admin: "ModelAdmin[Any]",
    *,
    title: str,
    consequences: Sequence[str],
    verb: str,
    back: str,
) -> HttpResponse:
    """The page that asks; its form posts to the same address."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "consequences": consequences,
        "verb": verb,
        "back": back,
        "opts": model_admin.opts,
    }
    return TemplateResponse(request, "admin/confirm.html", context)
