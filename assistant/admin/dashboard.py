"""The first page of the admin."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from assistant.admin import overview
from knowledge.indexing import MAX_ATTEMPTS, left_out_articles, refused_articles, renewal


def context(request: HttpRequest, base: dict[str, Any]) -> dict[str, Any]:
    """What templates/admin/index.html shows, added to the framework's own context."""
    now = timezone.now()
    steps = overview.first_steps()
    return {
        **base,
        "title": "Overview",
        "steps": steps,
        "steps_open": any(not step.done and not step.optional for step in steps),
        "model": overview.configured_model(),
        "renewal": renewal(),
        "refused": refused_articles().count(),
        "left_out": left_out_articles().count(),
        "most_attempts": MAX_ATTEMPTS,
        "unread": overview.unread_languages(now),
        "spending": overview.spending(),
        "figures": overview.figures(now),
        "unanswered": overview.unanswered_questions(now),
    }
