"""What the public pages allow the browser: our own files, our own socket, nobody else's frames."""

import re
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse

from assistant.origins import DEFAULT_PORTS, canonical

# A host as a policy may hold it: nothing that could end the directive and begin another.
_HOST = re.compile(r"[a-z0-9._-]+\Z")


def framing_sites(origins: Iterable[str]) -> list[str]:
    """`frame-ancestors` for a widget's allowed origins; an entry that is no origin is left out."""
    parts = filter(None, map(canonical, origins))
    return ["'self'", *(f"{scheme}://{host}{_port(scheme, port)}" for scheme, host, port in parts if _HOST.match(host))]


def _port(scheme: str, port: int) -> str:
    return "" if DEFAULT_PORTS[scheme] == port else f":{port}"


def content_policy(request: HttpRequest, frame_ancestors: Iterable[str] = ("'none'",)) -> str:
    """The Content-Security-Policy of a public page; without `frame_ancestors` no site may frame it."""
    socket = f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}"
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"connect-src 'self' {socket}",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {' '.join(frame_ancestors)}",
            "require-trusted-types-for 'script'",
        ]
    )


def protect(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same response, with the policy of a page that nobody frames; kept only to be asked about again."""
    response["Content-Security-Policy"] = content_policy(request)
    response["Cache-Control"] = "no-cache"
    return response
