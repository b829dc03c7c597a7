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
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")


class _Gzip(GZipMiddleware):
    # For a length that BREACH cannot read; it has nothing to read here.
    max_random_bytes = 0


def is_wanted(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Is this a whole public file that compresses well?"""
    kind = response.headers.get("Content-Type", "")
    return request.path.startswith(PUBLIC_FILES) and response.status_code == 200 and kind.startswith(COMPRESSIBLE)


@sync_and_async_middleware
def compression(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: gzip for public files, where the client takes it."""
    gzip = _Gzip(get_response)

    def compressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not is_wanted(request, response):
            return response
        # WhiteNoise does not know its tag again once compression has made it a weak one; the date serves both.
        if response.has_header("Last-Modified"):
            del response.headers["ETag"]
        return gzip.process_response(request, response)

    if iscoroutinefunction(get_response):

        async def respond_later(request: HttpRequest) -> HttpResponseBase:
            return compressed(request, await get_response(request))

        return respond_later

    def respond(request: HttpRequest) -> HttpResponseBase:
        return compressed(request, get_response(request))

    return respond
