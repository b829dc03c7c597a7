"""The Content-Security-Policy of pages that set none themselves."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

OURS_ONLY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# The admin theme's own scripts (Alpine) evaluate their attributes, and set inline styles.
ADMINISTRATION = OURS_ONLY | {
    "script-src": "'self' 'unsafe-eval' 'unsafe-inline'",
    "style-src": "'self' 'unsafe-inline'",
}
HEADER = "Content-Security-Policy"


def policy(directives: dict[str, str]) -> str:
    """The header's value."""
    return "; ".join(f"{name} {value}" for name, value in directives.items())


@sync_and_async_middleware
def content_security(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: nothing from elsewhere runs or loads in our pages."""
    if iscoroutinefunction(get_response):

        async def respond_later(request: HttpRequest) -> HttpResponseBase:
            return protect(request, await get_response(request))

        return respond_later

    def respond(request: HttpRequest) -> HttpResponseBase:
        return protect(request, get_response(request))

    return respond


def protect(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Set the policy, unless the view did."""
    directives = ADMINISTRATION if request.path.startswith("/admin/") else OURS_ONLY
    response.headers.setdefault(HEADER, policy(directives))
    return response
