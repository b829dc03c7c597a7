"""Work on an event loop that nothing waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

# Kept from being collected while they run.
_tasks: set["asyncio.Task[Any]"] = set()


def in_background(work: Coroutine[Any, Any, Any]) -> None:
    """Do it on the running loop; that it failed is logged."""
    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)
    task.add_done_callback(_forget)


def _forget(task: "asyncio.Task[Any]") -> None:
    _tasks.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.info("background_failed", error=repr(task.exception()))
