"""Models as settings name them: `MODEL`, `MODEL@BASE_URL` or `MODEL@https://KEY@HOST/...`. Pure.

A model's name may hold or begin with `@`, as "@cf/meta/llama-3" does: an address begins with a scheme.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

OPENAI = "https://api.openai.com/v1"
_ENTRY = re.compile(r"(?P<name>.+?)@(?P<address>https?://.+)", re.S)


@dataclass(frozen=True)
class Entry:
    """A model and where it is served; an empty address is OpenAI's own, an empty key is none."""

    name: str
    base_url: str
    api_key: str = field(repr=False)

    @property
    def provider(self) -> str:
        """The server's host, with its port where it has one."""
        parts = urlsplit(self.base_url or OPENAI)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def entry_of(written: str, base_url: str, api_key: str) -> Entry:
    """The model that is written in a setting. `base_url` and `api_key` are those of OPENAI_BASE_URL.

    The key goes to that server alone, wherever its path leads; another server gets the one in its own address, or none.
    """
    matched = _ENTRY.fullmatch(written.strip())
    if matched is None:
        return Entry(written.strip(), base_url, api_key)
    address, key = _without_key(matched["address"])
    if not key and at_one_server(address, base_url):
        key = api_key
    return Entry(matched["name"], address, key)


def shown(written: str) -> str:
    """What is written in a setting, without a key."""
    matched = _ENTRY.fullmatch(written.strip())
    return f"{matched['name']}@{_without_key(matched['address'])[0]}" if matched else written.strip()


def refuse_cut_keys(setting: str, written: Iterable[str]) -> None:
    """Raise ValueError, which does not hold the key, where one has a character that ends an address's host."""
    for matched in filter(None, (_ENTRY.fullmatch(each.strip()) for each in written)):
        if _is_cut(matched["address"]):
            raise ValueError(
                f"{setting} holds an address of {matched['name']} that cannot be read: percent-encode its key, that is "
                "write %2F for /, %3F for ?, %23 for # and %40 for @"
            )


def _is_cut(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # its words would hold the key
        return True
    return "@" in address and "@" not in parts.netloc


def _without_key(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    owner, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), unquote(owner.strip(":"))


def at_one_server(address: str, other: str) -> bool:
    """Whether both are of one scheme, host and port; an empty address is OpenAI's own."""
    return _origin(address or OPENAI) == _origin(other or OPENAI)


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
