"""Scripts and style sheets travel compressed."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.decorators import sync_and_async_middleware

# The same for everyone and free of secrets, so their compressed length tells nobody anything (BREACH).
PUBLIC_FILES = ("/static/", "/widget.js")
COMPRESSIBLE = ("text/", "application/javascript", "image/svg+xml")


@sync_and_async_middleware
def compression(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: gzip for public files, where the client takes it."""
    gzip = GZipMiddleware(get_response)

    def compressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        wanted = request.path.startswith(PUBLIC_FILES) and response.headers.get("Content-Type", "").startswith(
            COMPRESSIBLE
        )
        return gzip.process_response(request, response) if wanted else response

    if iscoroutinefunction(get_response):

        async def respond_later(request: HttpRequest) -> HttpResponseBase:
            return compressed(request, await get_response(request))

        return respond_later

    def respond(request: HttpRequest) -> HttpResponseBase:
        return compressed(request, get_response(request))

    return respond
