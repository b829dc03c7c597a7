"""Threads in which a turn computes beside the event loop: without the database, and without waiting for anything."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from assistant.events.threads import people_first

P = ParamSpec("P")
T = TypeVar("T")

# More would only share the same interpreter, and the event loop would wait for each of them
# (docs/decisions/040-few-threads.md).
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="computing")


async def in_computing_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that must not use the ORM, once no people stand in line. Raises what it raises."""
    await people_first()
    context = contextvars.copy_context()  # as asyncio.to_thread does: what is logged is said of the turn
    return await asyncio.get_running_loop().run_in_executor(_threads, lambda: context.run(function, *args, **kwargs))
