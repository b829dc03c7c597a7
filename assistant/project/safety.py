"""Secrets and defaults that keep a first run safe, and refusals where a default would not be."""

import ipaddress
import os
import secrets
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit


class UnsafeConfiguration(Exception):
    """A setting that must not be served with; the text says what to set."""


def local_secret_key(data_dir: Path) -> str:
    """The key kept in DATA_DIR for a run on one machine, made at first use."""
    file = data_dir / "secret-key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = data_dir / f"secret-key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        try:
            os.link(fresh, file)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text().strip()


def is_loopback(host: str) -> bool:
    """True when only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def served_address(host: str, port: int) -> str:
    """The address to print and link to when PUBLIC_URL is unset; the wildcard address is not one."""
    name = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
    return f"http://{name}:{port}"


def default_hosts(host: str, public_url: str) -> list[str]:
    """ALLOWED_HOSTS when none is set: loopback names, and the public address if one is configured."""
    public = urlsplit(public_url).hostname or ""
    return sorted({"localhost", "127.0.0.1", "[::1]", public} - {""})


def trusted_origins(public_url: str) -> list[str]:
    """The origins whose forms are accepted."""
    parts = urlsplit(public_url)
    return [f"{parts.scheme}://{parts.netloc}"]


def proxy_networks(entries: Iterable[str]) -> list[str]:
    """TRUSTED_PROXIES as written, each an address or a network. Raises ValueError for a name, or a `*`."""
    written = [entry.strip() for entry in entries if entry.strip()]
    for entry in written:
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError:
            raise ValueError(
                f"TRUSTED_PROXIES holds {entry!r}: write addresses or networks, such as 10.0.0.7 or 10.0.0.0/8"
            ) from None
    return written


def refuse_disorder(limits: dict[str, float]) -> None:
    """Raise ValueError unless each limit, in seconds, is below the one after it: the inner one has to act first."""
    for (name, seconds), (next_name, next_seconds) in pairwise(limits.items()):
        if not 0 < seconds < next_seconds:
            raise ValueError(f"{name} is {seconds:g} s: it has to be above 0 and below {next_name}, {next_seconds:g} s")


def refuse_unpriced(caps: dict[str, float], unpriced: Sequence[str]) -> None:
    """Raise ValueError when a cap in dollars is set and there are models without a price: it could not be held."""
    for name, usd in caps.items():
        if usd > 0 and unpriced:
            raise ValueError(f"{name} is set, so LLM_PRICES has to say what these models cost: {', '.join(unpriced)}")


def refuse_unsafe(*, host: str, debug: bool, secret_key: str, allowed_hosts: list[str]) -> None:
    """Raise UnsafeConfiguration when serving beyond this machine with a value that is only fit for a first run."""
    if debug or is_loopback(host):
        return
    if len(secret_key) < 32:
        raise UnsafeConfiguration(f"HOST is {host}: set SECRET_KEY to at least 32 random characters.")
    if "*" in allowed_hosts:
        raise UnsafeConfiguration(f"HOST is {host}: set ALLOWED_HOSTS to the names you serve, not '*'.")
