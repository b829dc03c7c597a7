"""API keys: issued once in plain text, kept as a hash, looked up by it, revoked for good."""

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from assistant.models import ApiKey
from knowledge.models import Collection

PREFIX = "ak_"
SHOWN_CHARACTERS = 8
# A key in use writes its row at most this often.
USE_RECORDED_EVERY = timedelta(minutes=1)


def digest(key: str) -> str:
    """The SHA-256 of a key in hexadecimal, as stored; keys are random, so no salt or stretching is needed."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def issue(name: str, collection: Collection | None = None) -> tuple[ApiKey, str]:
    """Create a key for one collection, or for all. The text is returned this once and cannot be read again."""
    text = PREFIX + secrets.token_urlsafe(32)
    row = ApiKey.objects.create(name=name, prefix=text[:SHOWN_CHARACTERS], key_hash=digest(text), collection=collection)
    return row, text


def find(text: str) -> ApiKey | None:
    """The key that `text` is, with its collection; None when it is unknown or revoked. Records the use."""
    if not text.startswith(PREFIX):
        return None
    key = ApiKey.objects.select_related("collection").filter(key_hash=digest(text), revoked_at=None).first()
    if key:
        record_use(key)
    return key


def record_use(key: ApiKey) -> None:
    """Set `last_used_at` unless it is fresh; a conditional UPDATE, so that many requests write once."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_RECORDED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def revoke(key: ApiKey) -> None:
    """Refuse the key from now on. A revoked key stays revoked, with its first date."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
