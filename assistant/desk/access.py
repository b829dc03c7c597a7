"""Who may see the desk, and the headers that every desk page carries."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.middleware import HtmxDetails

from assistant.models import User

P = ParamSpec("P")
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class AgentRequest(HttpRequest):
    """A request that passed `agents_only`."""

    user: User
    htmx: HtmxDetails


def agents_only(
    view: Callable[Concatenate[AgentRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let active users in, send others to the log-in; nothing of the desk is kept in any cache."""

    @wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return private(_to_login(request))
        return private(view(request, *args, **kwargs))

    return guarded


def private(response: HttpResponseBase) -> HttpResponseBase:
    """Forbid caches, foreign content and framing."""
    response["Cache-Control"] = "no-store, private"
    response["Vary"] = "Cookie, HX-Request"
    response["Content-Security-Policy"] = CONTENT_POLICY
    return response


def _to_login(request: AgentRequest) -> HttpResponse:
    """The log-in page; a part of a page cannot show it, so the whole page goes there."""
    if not request.htmx:
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
    seen = request.htmx.current_url_abs_path or settings.LOGIN_REDIRECT_URL
    response = HttpResponse(status=401)
    response["HX-Redirect"] = f"{settings.LOGIN_URL}?{urlencode({'next': seen})}"
    return response
