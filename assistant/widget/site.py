"""The demo site: what Answerdesk is, with the demo widget on it."""

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
        "script_url": request.build_absolute_uri("/widget.js"),
        "article_count": published.filter(collection=widget.collection).count() if widget else 0,
    }
    return protect(request, render(request, "widget/demo.html", context))
