"""Connections to Postgres that nobody waits for without an end.

What the network loses silently the system itself notices (assistant/project/database.py says how soon). A server that
hangs, or a proxy before one that is gone, acknowledges what it is sent and says nothing: that only who waits can end.
"""

import contextlib
import math
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen, Query
from psycopg.pq import TransactionStatus

# The server ends a statement after 60 s by itself.
SILENCE_SECONDS = 75.0
# Of the pool's question whether a connection is sound, before it gives it to anybody: nothing has to be worked out.
SOUND_SECONDS = 2.0


class _Patience(threading.local):
    """Of a thread, and of nothing that it begins elsewhere: a context variable would go along with every task."""

    until = math.inf
    seconds = SILENCE_SECONDS


_patience = _Patience()


@contextlib.contextmanager
def waiting(*, until: float = math.inf, seconds: float = SILENCE_SECONDS) -> Iterator[None]:
    """How long this thread waits for the database: for a statement so many seconds, and no longer than `until`.

    `until` is a moment of time.monotonic(). After it no statement is begun, and no transaction committed.
    """
    before = _patience.until, _patience.seconds
    _patience.until, _patience.seconds = until, seconds
    try:
        yield
    finally:
        _patience.until, _patience.seconds = before


class Connection(psycopg.Connection[Any]):
    """Closes itself, and raises OperationalError, where the patience of the thread that waits for it has an end."""

    def execute(self, query: Query, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
        """See psycopg. An empty statement is the pool's, which holds as many dead connections as it was given back."""
        if query != "":
            return super().execute(query, *args, **kwargs)
        with waiting(until=_patience.until, seconds=min(_patience.seconds, SOUND_SECONDS)):
            return super().execute(query, *args, **kwargs)

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """See psycopg."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        now = time.monotonic()
        end = min(_patience.until, now + _patience.seconds)
        if end <= now:
            if self.pgconn.transaction_status != TransactionStatus.IDLE:
                self.close()  # nobody waits for it to be rolled back either
            raise psycopg.OperationalError("no time left")
        try:
            return super().wait(gen, interval, None if end == math.inf else end - now)
        except psycopg.OperationalError:
            if time.monotonic() >= end:
                self.close()  # what it would say yet belongs to nobody
            raise
