"""The REST API, version 1: its operations, and its description at openapi.json."""

from django.http import Http404, HttpRequest, HttpResponse
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
    known = KeyAuth()(request)
    return api.on_exception(request, Http404() if known else AuthenticationError())
