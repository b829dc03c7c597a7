"""Which sites may show a widget: scheme, host and port compared exactly."""

from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None when it is not one (`null`, a path, credentials)."""
    try:
        parts = urlsplit(origin.strip().lower())
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or port is None:
        return None
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname.rstrip("."), port


def origin_allowed(origin: str | None, allowed: Iterable[str]) -> bool:
    """True without an Origin, and when it equals one of `allowed`; `null` equals none."""
    if origin is None:
        return True
    wanted = canonical(origin)
    return wanted is not None and any(canonical(entry) == wanted for entry in allowed)
