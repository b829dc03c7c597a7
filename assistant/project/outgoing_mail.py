"""EMAIL_URL as Django's settings of mail, in the names that the ecosystem uses for the same things."""

from typing import Any
from urllib.parse import urlsplit

import dj_email_url

# django-environ's names of what dj-email-url calls otherwise, and the port that goes with them.
ALIASES = {"consolemail": ("console", ""), "smtp+tls": ("submission", ""), "smtp+ssl": ("smtp", "ssl=true")}
SSL_PORT = 465
TIMEOUT_SECONDS = 10


def mail_settings(url: str) -> dict[str, Any]:
    """Django's EMAIL_* for an EMAIL_URL. ValueError for a scheme that is none: Django would try SMTP."""
    parts = urlsplit(url)
    scheme, query = ALIASES.get(parts.scheme, (parts.scheme, ""))
    if scheme not in dj_email_url.SCHEMES:
        raise ValueError(f"EMAIL_URL begins with {parts.scheme!r}: write smtp, smtp+tls, smtp+ssl or consolemail")
    known = parts._replace(scheme=scheme, query="&".join(filter(None, (query, parts.query))))
    found: dict[str, Any] = dj_email_url.parse(known.geturl())
    if found["EMAIL_USE_SSL"] and parts.port is None:
        found["EMAIL_PORT"] = SSL_PORT
    if scheme == "file":  # dj-email-url takes the root off, and leaves a path that is relative to whoever sends
        found["EMAIL_FILE_PATH"] = parts.path
    return {**found, "EMAIL_TIMEOUT": found["EMAIL_TIMEOUT"] or TIMEOUT_SECONDS}
