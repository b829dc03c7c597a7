"""Origins of websites: as an admin writes them, as browsers send them, and compared. Pure.

Scheme, host and port, nothing else.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit, urlunsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
# Of a page that a mail to somebody else names: an address, and no room for a text.
LONGEST_PAGE = 400
PATH_CHARACTERS = "/%:@!$&'()*+,;=~"
IPV6 = re.compile(r"^[0-9a-f:.]+$")


class NotAnOrigin(ValueError):
    """The text is no origin; the message says in plain words what to write instead."""


def exact_origin(text: str) -> str:
    """`text` as the Origin header that a browser sends: lower case, Punycode, no default port.

    Raises NotAnOrigin for anything with a path, a wildcard, a name and password, or another scheme.
    """
    shown = text.strip()
    if "*" in shown:
        raise NotAnOrigin(f"{shown}: wildcards are not allowed; write each site on its own line.")
    scheme, host, port = _parts(shown)
    suffix = "" if port is None or port == DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{host}{suffix}"


def _parts(shown: str) -> tuple[str, str, int | None]:
    if re.search(r"[\s\\\x00-\x1f]", shown):
        raise NotAnOrigin(f"{shown}: one site a line, without spaces.")
    try:
        parts = urlsplit(shown)
        port = parts.port
    except ValueError:
        raise NotAnOrigin(f"{shown}: this is not an address such as https://shop.example.") from None
    if parts.scheme not in DEFAULT_PORTS or not shown.lower().startswith(f"{parts.scheme}://"):
        raise NotAnOrigin(f"{shown}: start with https:// (or http:// while testing).")
    if "@" in parts.netloc:
        raise NotAnOrigin(f"{shown}: leave out the name and password.")
    if parts.path or parts.query or parts.fragment or shown.endswith(("?", "#")):
        raise NotAnOrigin(f"{shown}: leave out everything after the host, such as {parts.path or '/'}.")
    return parts.scheme, _host(parts.hostname or "", shown), port


def _host(host: str, shown: str) -> str:
    if ":" in host and IPV6.match(host):
        return f"[{host}]"
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_host = ""
    if not HOST.match(ascii_host):
        raise NotAnOrigin(f"{shown}: the host name is not valid.")
    return ascii_host


def exact_origins(text: str) -> list[str]:
    """The origins of a text with one a line, in its order, each once.

    Raises NotAnOrigin with a line for each that is none.
    """
    exact: dict[str, None] = {}
    wrong: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            exact[exact_origin(line)] = None
        except NotAnOrigin as error:
            wrong.append(str(error))
    if wrong:
        raise NotAnOrigin("\n".join(wrong))
    return list(exact)


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


def page_on_site(page: str, allowed: Iterable[str]) -> str:
    """The page's address without query and fragment, which may hold secrets, and percent-encoded.

    Empty when `allowed` lacks its site, or when it is longer than LONGEST_PAGE.
    """
    try:
        parts = urlsplit(page.strip())
    except ValueError:
        return ""
    path = quote(parts.path, safe=PATH_CHARACTERS)
    address = urlunsplit((parts.scheme, parts.netloc.strip(), path, "", ""))
    known = len(address) <= LONGEST_PAGE and origin_allowed(f"{parts.scheme}://{parts.netloc}", allowed)
    return address if known else ""


def origin_allowed(origin: str | None, allowed: Iterable[str]) -> bool:
    """True without an Origin, and when it equals one of `allowed`; `null` equals none."""
    if origin is None:
        return True
    wanted = canonical(origin)
    return wanted is not None and any(canonical(entry) == wanted for entry in allowed)
