"""Who may open the desk's socket: our own pages, in the browser of somebody who is logged in."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port, validate_host

from assistant.models import User
from assistant.origins import origin_allowed


def from_own_site(scope: dict[str, Any]) -> bool:
    """True when the page that opens the socket is ours: PUBLIC_URL, or the very host that it asks for.

    The session's cookie comes along from any site, so unlike a customer's socket this one refuses
    every other origin, `null`, and none at all.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    own = [settings.PUBLIC_URL]
    if validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        own.append(f"{'https' if scope.get('scheme') == 'wss' else 'http'}://{host}")
    return bool(origin) and origin_allowed(origin, own)


def session_key(scope: dict[str, Any]) -> str:
    """The session that the browser's cookie names; empty without one."""
    cookie = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    return str(parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME, ""))


def agent_of(key: str) -> User | None:
    """Whose session it is now: None once it ended, its password changed or the user was switched off."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key or None)
    user = get_user(request)
    return user if isinstance(user, User) else None
