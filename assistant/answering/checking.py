"""Threads that hold a model's text against the passages: they need no database connection."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# The work is all computing: more threads would only share the same processors.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="checking")


class CheckFailed(Exception):
    """The check itself raised; the cause says what."""


async def in_checking_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a part of the check, which must not use the ORM. Raises CheckFailed for whatever it raises."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(_threads, lambda: function(*args, **kwargs))
    except Exception as error:
        raise CheckFailed(f"{function.__name__} raised {type(error).__name__}") from error
