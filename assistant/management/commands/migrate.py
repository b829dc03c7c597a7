"""`manage.py migrate`: Django's, in nobody's way while the product runs, and with all the time it needs."""

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import psycopg
import stamina
from django.core.management.commands import migrate
from django.db import Error as DatabaseError
from django.db import OperationalError, connection

from assistant.events.connection import waiting

# Whoever writes waits behind a migration that waits for a table: no longer than that, then it lets them go first.
LOCK_SECONDS = 1
GIVE_UP_SECONDS = 15 * 60
_IN_USE = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
# Long statements, and long work between two of them, are usual here.
UNLIMITED = ("statement_timeout", "idle_in_transaction_session_timeout")


class Command(migrate.Command):
    """Tries again when a table is in use; what was applied by then stays applied. OperationalError after 15 minutes.

    A migration that is not atomic has to bear being run again.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        for attempt in stamina.retry_context(on=is_in_use, attempts=None, timeout=GIVE_UP_SECONDS, wait_max=5):
            with attempt, _patient():
                super().handle(*args, **options)


def is_in_use(error: Exception) -> bool:
    """True when others held what a migration wanted, perhaps while they waited for what it held."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, _IN_USE)


@contextlib.contextmanager
def _patient() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        for limit in UNLIMITED:
            cursor.execute(f"SET {limit} = 0")
    try:
        with waiting(seconds=math.inf):
            yield
    finally:
        # A connection that was lost has nothing to be put back.
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            for limit in ("lock_timeout", *UNLIMITED):
                cursor.execute(f"RESET {limit}")
