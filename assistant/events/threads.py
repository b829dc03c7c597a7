"""The way from async code to the database: a thread of its own, never Channels' shared one."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from psycopg.errors import DiskFull, QueryCanceled, ReadOnlySqlTransaction
from psycopg.pq import TransactionStatus

from assistant.events.connection import waiting

P = ParamSpec("P")
T = TypeVar("T")

# Threads take turns at one interpreter, and the event loop with them: with so few it is never far from its own turn,
# however much is due after an outage (docs/decisions/040-few-threads.md). The pool has
# as many connections as there are threads here, ten; pages take some for a moment.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="database")
# What people wait for stands in no line behind what follows from others' messages.
FRONT_THREADS = 3
_front_threads = ThreadPoolExecutor(max_workers=FRONT_THREADS, thread_name_prefix="front")
_in_front = 0  # people whose work is in one of these threads, or in line for one
# While some stand in line, what only follows from messages lets them go first at each step, for so long at most.
PEOPLE_FIRST_SECONDS = 1.0
# What people wait for is done or given up in so long, over all tries; a statement of it, which may have met a dead
# connection, sooner; and in line for a row that others hold it stands for a moment only: whoever wants a conversation
# that is locked keeps the few threads from nobody for long.
FRONT_SECONDS, FRONT_STATEMENT_SECONDS, FRONT_LOCK_SECONDS = 10.0, 5.0, 2
# A statement of anything else here, its time in line for what others hold included. None takes longer by itself.
STATEMENT_SECONDS = 20.0
# With less left nothing is begun: the pool would not believe that so impatient a connection is sound.
FEWEST_SECONDS = 1.0
# The server ends a statement as soon as nobody waits for it any more.
_SHORT_LINES = (
    f"SELECT set_config('lock_timeout', '{FRONT_LOCK_SECONDS}s', true),"
    f" set_config('statement_timeout', '{FRONT_STATEMENT_SECONDS:g}s', true)"
)
# A search that waits for a server's models does so without a connection, and must keep no other waiting. Then these
# share the ten.
_computes = settings.EMBEDDING_MODEL in ("local", "local-multilingual") and not settings.RERANK_BASE_URL
_search_threads = ThreadPoolExecutor(max_workers=3 if _computes else 16, thread_name_prefix="search")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that uses the ORM, and give its connection back when it returns."""
    call = database_sync_to_async(_not_for_ever(function), thread_sensitive=False, executor=_threads)
    return await call(*args, **kwargs)


async def in_front_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for what somebody waits for: to be let in, shown what there is, told that it is kept.

    OperationalError where that takes longer than FRONT_SECONDS.
    """
    return await in_front_thread_by(time.monotonic() + FRONT_SECONDS, function, *args, **kwargs)


async def in_front_thread_by(moment: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same, done by `moment` of time.monotonic() and else not at all, whatever becomes of the database.

    OperationalError then. What writes has to do so in a transaction: then one case alone is left open, what a server
    was told to commit just before it fell silent.
    """

    def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
        if time.monotonic() + FEWEST_SECONDS > moment:  # it stood in line for a thread
            raise OperationalError("no time left")
        with waiting(until=moment, seconds=FRONT_STATEMENT_SECONDS), connection.execute_wrapper(_in_short_lines):
            return function(*args, **kwargs)

    global _in_front
    call = database_sync_to_async(bounded, thread_sensitive=False, executor=_front_threads)
    _in_front += 1
    try:
        return await call(*args, **kwargs)
    finally:
        _in_front -= 1


async def people_first() -> None:
    """Wait for those who stand in line for their threads now: they have the interpreter sooner where nobody wants it.

    PEOPLE_FIRST_SECONDS at most: whoever holds all of their threads may wait for a database that hangs.
    """
    if _in_front > FRONT_THREADS:
        behind_them = asyncio.wrap_future(_front_threads.submit(lambda: None))
        await asyncio.wait([behind_them], timeout=PEOPLE_FIRST_SECONDS)


def _in_short_lines(execute: Callable[..., Any], *statement: Any) -> Any:
    """Begin each transaction with how long it stands in line for locks."""
    context = statement[-1]
    database = context["connection"]
    if database.in_atomic_block and database.connection.info.transaction_status == TransactionStatus.IDLE:
        with database.wrap_database_errors:
            context["cursor"].cursor.execute(_SHORT_LINES)
    return execute(*statement)


def _not_for_ever(function: Callable[P, T]) -> Callable[P, T]:
    def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
        with waiting(seconds=STATEMENT_SECONDS):
            return function(*args, **kwargs)

    return bounded


def begun_in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
    """The same, begun at once and carried out even if whoever began it is cancelled, or its event loop ends."""

    def work() -> T:
        close_old_connections()
        try:
            return _not_for_ever(function)(*args, **kwargs)
        finally:
            close_old_connections()

    return _threads.submit(work)


async def in_search_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for a search, which gives its connection back for as long as it waits for a model. People go first."""
    await people_first()
    call = database_sync_to_async(_not_for_ever(function), thread_sensitive=False, executor=_search_threads)
    return await call(*args, **kwargs)


def until(moment: float, function: Callable[P, T]) -> Callable[P, T]:
    """The function, beginning no statement after `moment` of time.monotonic(): nobody waits for its result any more.

    It raises OperationalError then. A statement that runs already is ended by the database's own limit.
    """

    def unless_late(execute: Callable[..., Any], *statement: Any) -> Any:
        if time.monotonic() >= moment:
            raise OperationalError("no time left")
        return execute(*statement)

    def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
        with connection.execute_wrapper(unless_late):
            return function(*args, **kwargs)

    return bounded


def is_away(error: BaseException | None) -> bool:
    """Whether the database gives or takes nothing just now and may in a moment, and no statement is to blame."""
    cause = error.__cause__ if error is not None else None
    if isinstance(error, (OperationalError, InterfaceError)):
        return not isinstance(cause, (QueryCanceled, DiskFull))
    return isinstance(cause, ReadOnlySqlTransaction)
