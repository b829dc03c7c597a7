"""Every address of the product with who may use it. An address without an entry fails the matrix."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.urls import URLResolver, get_resolver


class Audience(StrEnum):
    """Who may use an address."""

    EVERYBODY = "everybody"
    AGENTS = "agents and admins"
    ADMINS = "admins"
    NOBODY = "nobody: a page that the framework has and this product does not"
    KEYS = "holders of an API key"


LISTED: dict[str, Audience] = {
    "": Audience.EVERYBODY,
    "widget.js": Audience.EVERYBODY,
    "widget/<str:key>/settings.json": Audience.EVERYBODY,
    "widget/<str:key>/": Audience.EVERYBODY,
    "help/": Audience.EVERYBODY,
    "help/<slug:slug>/": Audience.EVERYBODY,
    "help/<slug:slug>/<path:article>": Audience.EVERYBODY,
    "healthz/live": Audience.EVERYBODY,
    "healthz/ready": Audience.EVERYBODY,
    "metrics": Audience.EVERYBODY,
    "desk/login/": Audience.EVERYBODY,
    "desk/logout/": Audience.EVERYBODY,
    "desk/avatars/<str:name>": Audience.EVERYBODY,
    "desk/": Audience.AGENTS,
    "desk/list/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/head/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/side/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/turns/<uuid:turn_id>/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/take-over/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/hand-back/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/resolve/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/notes/": Audience.AGENTS,
    "desk/c/<uuid:conversation_id>/draft/": Audience.AGENTS,
    "desk/account/": Audience.AGENTS,
    "desk/account/preferences/": Audience.AGENTS,
    "desk/account/password/": Audience.AGENTS,
    "admin/login/": Audience.EVERYBODY,
    "admin/logout/": Audience.EVERYBODY,
    "admin/knowledge/source/add/": Audience.NOBODY,
    "admin/knowledge/importrun/add/": Audience.NOBODY,
    "admin/knowledge/importrun/<path:object_id>/delete/": Audience.NOBODY,
    "admin/assistant/apikey/<path:object_id>/delete/": Audience.NOBODY,
    "admin/assistant/conversation/add/": Audience.NOBODY,
    "admin/assistant/conversation/<path:object_id>/delete/": Audience.NOBODY,
    "admin/assistant/outgoing/add/": Audience.NOBODY,
    "admin/assistant/outgoing/<path:object_id>/delete/": Audience.NOBODY,
    "admin/assistant/widget/<path:object_id>/delete/": Audience.NOBODY,  # it has a conversation
    "admin/autocomplete/": Audience.NOBODY,
    "api/v1/openapi.json": Audience.EVERYBODY,
    "api/v1/": Audience.KEYS,
    "api/v1/ask": Audience.KEYS,
    "api/v1/articles": Audience.KEYS,
    "api/v1/articles/<path:article_id>": Audience.KEYS,
    "api/v1/conversations": Audience.KEYS,
    "api/v1/conversations/<conversation_id>": Audience.KEYS,
}

# Logging out ends at the log-in page, whoever asks.
ENDS_AT_LOG_IN = ("desk/logout/", "admin/logout/")
# Shown to admins, changed by nobody.
READ_ONLY = (
    "admin/assistant/conversation/<path:object_id>/change/",
    "admin/assistant/outgoing/<path:object_id>/change/",
    "admin/knowledge/source/<path:object_id>/change/",
)


def audience_of(route: str) -> Audience | None:
    """Who may use an address; whatever else is below /admin/ is for admins."""
    return LISTED.get(route, Audience.ADMINS if route.startswith("admin/") else None)


def all_routes() -> list[str]:
    """The patterns of every address, as the resolver knows them."""
    return sorted(set(_walk(get_resolver(), "")))


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route)
        else:
            yield route


def address(route: str, samples: dict[str, Any]) -> str:
    """An address that the pattern matches; `samples` has a value for each parameter, by model where it matters."""
    shown = re.sub(r"\^\(\?P<app_label>[^)]+\)/\$", "knowledge/", route).replace("(?P<url>.*)$", "nothing-here")
    model = re.match(r"admin/\w+/(\w+)/", route)

    def fill(match: re.Match[str]) -> str:
        name = match[1].rpartition(":")[2]
        return str(samples[f"{model[1]}.pk"] if model and name in ("object_id", "id") else samples[name])

    return "/" + re.sub(r"<([^>]+)>", fill, shown)
