"""What a connection wants of the database, tried again where that was away for a moment."""

import asyncio
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import structlog
from django.db import Error as DatabaseError

from assistant.events.threads import FRONT_SECONDS, in_front_thread_by

P = ParamSpec("P")
T = TypeVar("T")
log = structlog.get_logger(__name__)

TRIES, PAUSE_SECONDS = 3, 0.3


async def tried(tries: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The function's result from a thread for people; tried more than once, it has to bear being repeated.

    DatabaseError after so many tries, which are over together in FRONT_SECONDS, and the pool's five more at worst.
    """
    moment = time.monotonic() + FRONT_SECONDS
    for tries_left in reversed(range(tries)):
        try:
            return await in_front_thread_by(moment, function, *args, **kwargs)
        except DatabaseError as error:
            log.warning("database_away", doing=function.__name__, error=repr(error))
            if not tries_left:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError("the last try returns or raises")
