"""Pages by key: a cursor names the last row seen, so that new rows neither repeat nor hide others."""

import base64
import binascii
import uuid
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from assistant.api.errors import Refused

M = TypeVar("M", bound=Model)


def bad_cursor() -> Refused:
    return Refused(422, "invalid", "after: not a cursor of this list")


def encode(text: str) -> str:
    """An opaque cursor for `text`."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str) -> str:
    """What `encode` was given. Raises 422 for anything else."""
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise bad_cursor() from None


def after_pk(cursor: str | None) -> Q:
    """Rows with a higher primary key than the cursor's."""
    if cursor is None:
        return Q()
    shown = decode(cursor)
    if not (shown.isascii() and shown.isdigit() and len(shown) < 19):
        raise bad_cursor()
    return Q(pk__gt=int(shown))


def before_moment(cursor: str | None) -> Q:
    """Rows created before the cursor's, newest first; the id decides between equal moments."""
    if cursor is None:
        return Q()
    moment_text, _, id_text = decode(cursor).partition("|")
    try:
        moment, pk = datetime.fromisoformat(moment_text), uuid.UUID(id_text)
    except ValueError:
        raise bad_cursor() from None
    if moment.tzinfo is None:
        raise bad_cursor()
    return Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk)


def page(rows: QuerySet[M], limit: int) -> tuple[list[M], M | None]:
    """At most `limit` rows, and the last of them when there are more."""
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return found[:limit], found[limit - 1] if more else None
