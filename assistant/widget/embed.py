"""What other sites load: the embed script, a widget's public settings, and the page form for frames."""

import functools
from hashlib import sha256
from pathlib import Path

import rjsmin
from django.conf import settings as django_settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from assistant.models import Widget
from assistant.widget.policy import content_policy, framing_sites

LOADER = Path("static/widget/loader.js")
MAX_AGE_SECONDS = 300


@functools.cache
def _loader() -> tuple[bytes, str]:
    body = rjsmin.jsmin((django_settings.BASE_DIR / LOADER).read_text(encoding="utf-8")).encode()
    return body, quote_etag(sha256(body).hexdigest()[:16])


@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """The embed script: the same for every widget, cached for some minutes, then asked for by its ETag."""
    body, etag = _loader()
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["ETag"] = etag
    return _public(get_conditional_response(request, etag=etag, response=response) or response)


@require_safe
def settings(request: HttpRequest, key: str) -> HttpResponse:
    """What the launcher shows before there is a connection; public, as the key is. 404 for an unknown widget."""
    widget = Widget.objects.filter(key=key, active=True).first()
    if widget is None:
        return _public(JsonResponse({"error": "There is no widget with this key."}, status=404))
    shown = {
        "name": widget.name,
        "accent": widget.accent,
        "greeting": widget.greeting,
        "suggestions": widget.suggestions,
    }
    return _public(JsonResponse(shown))


def _public(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS if response.status_code != 404 else 0}"
    return response


@require_safe
@xframe_options_exempt
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The widget as a page, for sites that prefer a frame; only the widget's own sites may frame it."""
    widget = Widget.objects.filter(key=key, active=True).first()
    if widget is None:
        raise Http404("There is no widget with this key.")
    response = render(request, "widget/frame.html", {"widget": widget})
    response["Content-Security-Policy"] = content_policy(request, framing_sites(widget.allowed_origins))
    response["Cache-Control"] = "no-cache"
    return response
