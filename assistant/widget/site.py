"""The demo site: what Answerdesk is, with the demo widget on it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assistant.models import Widget
from assistant.widget.policy import protect
from knowledge.models import Document


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """The product's page. It holds the embed line of the first active widget literally, if there is one."""
    widget = Widget.objects.filter(active=True).order_by("id").select_related("collection").first()
    published = Document.objects.filter(status=Document.Status.PUBLISHED)
    context = {
        "widget": widget,
        "script_url": script_address(request),
        "article_count": published.filter(collection=widget.collection).count() if widget else 0,
    }
    return protect(request, render(request, "widget/demo.html", context))


def script_address(request: HttpRequest) -> str:
    """Where this page loads the embed script from: PUBLIC_URL, or whatever other name of ours the browser asked for.

    At the public name its scheme counts, not the one that the last proxy spoke: a browser would block the script.
    """
    if request.get_host() == urlsplit(settings.PUBLIC_URL).netloc:
        return f"{settings.PUBLIC_URL}/widget.js"
    return request.build_absolute_uri("/widget.js")
