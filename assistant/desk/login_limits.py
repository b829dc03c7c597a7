"""A limit on log-in attempts, so that passwords cannot be guessed by trying."""

import hashlib

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

ATTEMPTS_A_NAME = 5
ATTEMPTS_AN_ADDRESS = 50
WINDOW_SECONDS = 300

log = structlog.get_logger(__name__)


def allow(address: str, username: str) -> bool:
    """Count one attempt before it is checked, so that attempts at the same moment count too.

    A name is limited per network address: nobody can lock out somebody else. While the cache is
    away attempts are let through: agents must be able to work.
    """
    try:
        by_name = _count(_name_key(address, username))
        return by_name <= ATTEMPTS_A_NAME and _count(_address_key(address)) <= ATTEMPTS_AN_ADDRESS
    except (RedisError, OSError):
        log.warning("login_attempts_not_counted")
        return True


def forget(address: str, username: str) -> None:
    """The password was right: the name's earlier mistakes no longer count."""
    try:
        cache.delete(_name_key(address, username))
    except (RedisError, OSError):
        log.warning("login_attempts_not_forgotten")


def _count(key: str) -> int:
    cache.add(key, 0, timeout=WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # expired between the two
        cache.add(key, 1, timeout=WINDOW_SECONDS)
        return 1


def _name_key(address: str, username: str) -> str:
    return "login:" + hashlib.sha256(f"{address}\n{username.strip().lower()}".encode()).hexdigest()


def _address_key(address: str) -> str:
    return "login:" + hashlib.sha256(address.encode()).hexdigest()
