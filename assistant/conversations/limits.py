"""Rate limits per visitor and network address, counted in Valkey, or here while it is away."""

import contextlib
import ipaddress
import threading
import time
from collections.abc import Iterable, Iterator
from functools import cache

import redis
import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from assistant.conversations.errors import RateLimited

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60
RETRY_VALKEY_SECONDS = 5.0
LONGEST_MEMORY = 50_000

# Count, and start the window with the first of it, in one step: two commands could leave a key without an end.
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


# A window that has ended meanwhile is not begun anew.
GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or 0) > 0 then redis.call('DECR', KEYS[1]) end
"""


class LocalWindows:
    """Windows of this process alone."""

    def __init__(self) -> None:
        self.windows: dict[str, tuple[int, float]] = {}
        self.lock = threading.Lock()

    def count(self, key: str, now: float | None = None) -> tuple[int, float]:
        """The count with this one, and the seconds left of its window."""
        now = time.monotonic() if now is None else now
        with self.lock:
            count, ends = self.windows.get(key, (0, now + WINDOW_SECONDS))
            if ends <= now:
                count, ends = 0, now + WINDOW_SECONDS
            if len(self.windows) > LONGEST_MEMORY:
                self.windows = {k: v for k, v in self.windows.items() if v[1] > now}
            self.windows[key] = (count + 1, ends)
            return count + 1, ends - now

    def give_back(self, key: str) -> None:
        """Count one less in the window."""
        with self.lock:
            count, ends = self.windows.get(key, (0, 0.0))
            if count:
                self.windows[key] = (count - 1, ends)


class Windows:
    """Windows shared by every process while Valkey answers."""

    def __init__(self) -> None:
        self.local = LocalWindows()
        self.away_until = 0.0

    def count(self, key: str) -> tuple[int, float]:
        """The count with this one, and the seconds left of its window; never fails, never waits long."""
        if time.monotonic() < self.away_until:
            return self.local.count(key)
        try:
            count, left_ms = _script(COUNT)(keys=[f"answerdesk:limit:{key}"], args=[WINDOW_SECONDS * 1000])
            return int(count), max(int(left_ms), 1) / 1000
        except redis.RedisError as error:
            self.away_until = time.monotonic() + RETRY_VALKEY_SECONDS
            log.warning("rate_limits_local", error=repr(error))
            return self.local.count(key)

    def give_back(self, key: str) -> None:
        """Count one less in the window, where Valkey answers; in this process's own where it does not."""
        if time.monotonic() < self.away_until:
            return self.local.give_back(key)
        with contextlib.suppress(redis.RedisError):
            _script(GIVE_BACK)(keys=[f"answerdesk:limit:{key}"])


windows = Windows()


@contextlib.contextmanager
def counted(kind: str, *, visitor: object = None, address: str | None = None) -> Iterator[None]:
    """Count one `kind` against the limits that apply, unless the database fails within: then the same is tried again.

    Raises RateLimited past a limit; 0 switches one off.
    """
    bounds = ((visitor, settings.RATE_LIMIT_VISITOR, "visitor"), (address, settings.RATE_LIMIT_ADDRESS, "address"))
    keys = [(f"{scope}:{kind}:{who}", limit) for who, limit, scope in bounds if who is not None and limit]
    for key, limit in keys:
        count, left = windows.count(key)
        if count > limit:
            raise RateLimited(int(left) + 1)
    try:
        yield
    except DatabaseError:
        for key, _ in keys:
            windows.give_back(key)
        raise


class OpenSockets:
    """Open sockets of this process by network address."""

    def __init__(self) -> None:
        self.open: dict[str, int] = {}

    def enter(self, address: str | None) -> None:
        """Count a socket in. RateLimited when the address has its share already."""
        if address is None:
            return
        if settings.RATE_LIMIT_ADDRESS and self.open.get(address, 0) >= settings.RATE_LIMIT_ADDRESS:
            raise RateLimited(WINDOW_SECONDS)
        self.open[address] = self.open.get(address, 0) + 1

    def leave(self, address: str | None) -> None:
        """Count a socket out that `enter` let in."""
        if address is None:
            return
        left = self.open.get(address, 0) - 1
        if left > 0:
            self.open[address] = left
        else:
            self.open.pop(address, None)


open_sockets = OpenSockets()


def client_address(peer: str | None, forwarded_for: str, trusted: Iterable[str]) -> str | None:
    """The network address to count against; IPv6 by its /64, as one visitor holds all of that.

    `forwarded_for` counts only as far as trusted proxies wrote it: read from the right, the first
    address that is not one of ours.
    """
    networks = [ipaddress.ip_network(entry.strip(), strict=False) for entry in trusted]
    address = _parse(peer or "")
    hops = [_parse(hop.strip()) for hop in forwarded_for.split(",") if hop.strip()]
    while address is not None and hops and any(address in network for network in networks):
        hop = hops.pop()
        if hop is None:
            break
        address = hop
    return _counted(address) if address is not None else None


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.split("%")[0].strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _counted(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


@cache
def _script(text: str) -> "redis.commands.core.Script":
    client = redis.Redis.from_url(settings.CACHE_URL, socket_timeout=0.25, socket_connect_timeout=0.25)
    return client.register_script(text)
