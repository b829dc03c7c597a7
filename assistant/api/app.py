"""The REST API, version 1: its operations, and its description at openapi.json."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from assistant.api import articles, ask, conversations, errors
from assistant.api.auth import KeyAuth

api = NinjaAPI(
    title="Answerdesk",
    version="1",
    description="Ask questions, keep articles in step, read conversations. Every error is "
    '`{"error": {"code", "message"}}`.',
    urls_namespace="api",
    docs_url=None,
    auth=KeyAuth(),
)
errors.install(api)
api.add_router("/ask", ask.router)
api.add_router("/articles", articles.router)
api.add_router("/conversations", conversations.router)


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """Every address without an operation; like all others it is shown to holders of a key only."""
    try:
        known = KeyAuth()(request)
    except DatabaseError as error:
        return api.on_exception(request, error)
    return api.on_exception(request, Http404() if known else AuthenticationError())


def in_one_shape(view: Callable[..., Any]) -> Callable[..., Any]:
    """The framework's view of an address, which itself would tell of a wrong method in plain text."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _told(request, view(request, *args, **kwargs))

    @wraps(view)
    async def answered_later(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _told(request, await view(request, *args, **kwargs))

    return answered_later if iscoroutinefunction(view) else answered


def _told(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not isinstance(response, HttpResponseNotAllowed):
        return response
    allowed = ", ".join(sorted(response["Allow"].split(", ")))
    refused = api.on_exception(request, errors.Refused(405, "not_allowed", f"This address takes {allowed} alone."))
    refused["Allow"] = allowed
    return refused
