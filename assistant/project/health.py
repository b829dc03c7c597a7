"""/healthz/live and /healthz/ready: whether the process runs, and what it depends on that is away."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, close_old_connections, connection
from django.http import HttpRequest, JsonResponse

from assistant.conversations.failing import calls_trouble
from assistant.events.connection import waiting
from assistant.llm.failures import failure_words
from assistant.llm.wire import kind_of_status
from assistant.project import signs
from assistant.project.preparation import PREPARATION_LOCK
from assistant.project.supervision import QUEUES, is_first_start_finished

CHECK_SECONDS = 4.0
# Of a database that has just answered, to say what became of the newest calls.
CALLS_SECONDS = 1.0
MODEL_CHECKED_FOR_SECONDS = 15
# Workers that start with this process are not missed yet.
STARTED, START_SECONDS = time.monotonic(), 45.0
STARTING = "starting"
# What there is none of is neither well nor away.
NONE = "none"
# Nor is what nobody can tell.
NOT_KNOWN = "not known: "
NO_DATABASE = f"{NOT_KNOWN}the database does not answer"
NO_ANSWER = "does not answer"
# The only policy of a full Valkey that loses nothing.
KEEPS_ALL = "noeviction"
# Threads of their own: a database that hangs must not take the ones that requests need.
_threads = ThreadPoolExecutor(max_workers=5, thread_name_prefix="health")

_was_ready = threading.Event()

NOT_FINISHED = "the first start is not finished"
READY_QUERY = """
SELECT to_regclass('assistant_widget') IS NOT NULL,
       EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
               WHERE locktype = 'advisory' AND objid = %s AND granted AND datname = current_database())
"""


async def live(request: HttpRequest) -> JsonResponse:
    """200 while the process runs."""
    return JsonResponse({"status": "live"})


async def ready(request: HttpRequest) -> JsonResponse:
    """503 while nothing can be served; else 200, naming what is degraded."""
    names = list(CHECKS)
    results = await asyncio.gather(*(_checked(CHECKS[name]) for name in names))
    trouble = dict(zip(names, results, strict=True))
    trouble["model"] = trouble["model"] or await _of_calls(trouble["database"])
    degraded = [name for name in names if name != "database" and _is_degraded(trouble[name])]
    body = {
        "status": "unavailable" if trouble["database"] else "degraded" if degraded else "ready",
        "dependencies": {name: trouble[name] or "ok" for name in names},
        "degraded": degraded,
    }
    return JsonResponse(body, status=503 if trouble["database"] else 200)


async def _checked(check: Callable[[], str], seconds: float = CHECK_SECONDS, late: str = NO_ANSWER) -> str:
    """What is wrong with a dependency, or nothing; `late` of one that does not answer in time."""
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(_threads, check), seconds)
    except TimeoutError:
        return late


async def _of_calls(database: str) -> str:
    """Why no model can be used, by the newest calls; of these nothing is known while the `database` is in trouble."""
    if database:
        return f"{NOT_KNOWN}{NOT_FINISHED}" if database == NOT_FINISHED else NO_DATABASE
    return await _checked(_read_calls, CALLS_SECONDS, NO_DATABASE)


def _is_degraded(said: str) -> bool:
    return said not in ("", NONE) and not said.startswith(NOT_KNOWN)


def database_trouble() -> str:
    """Why nothing can be stored now: no connection, or set-up at work, at which who was ready once serves on.

    One that hangs is left, so that the next check finds a thread and learns when it is back.
    """
    try:
        close_old_connections()
        with waiting(until=time.monotonic() + CHECK_SECONDS), connection.cursor() as cursor:
            cursor.execute(READY_QUERY, [PREPARATION_LOCK])
            migrated, preparing = cursor.fetchone() or (False, False)
            if not migrated or (preparing and not _was_ready.is_set()) or not is_first_start_finished():
                return NOT_FINISHED
            cursor.execute("SELECT EXISTS (SELECT FROM assistant_widget)")
            if cursor.fetchone() != (True,):
                return NOT_FINISHED
        _was_ready.set()
        return ""
    except DatabaseError:
        return "away"
    finally:
        connection.close()


def broker_trouble() -> str:
    """Why the broker cannot be used now, or not for long: one that throws keys away loses the names of its queues."""
    try:
        with contextlib.closing(
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        ) as client:
            client.ping()
            memory: dict[str, Any] = {}
            with contextlib.suppress(redis.ResponseError):  # hosted servers refuse CONFIG, and INFO may be refused too
                memory = client.info("memory")  # type: ignore[assignment]
    except redis.RedisError:
        return "away"
    policy = memory.get("maxmemory_policy", KEEPS_ALL)
    evicts = memory.get("maxmemory") and policy != KEEPS_ALL
    return f"throws keys away when it is full ({policy}): set maxmemory-policy to {KEEPS_ALL}" if evicts else ""


def worker_trouble() -> str:
    """Which queues nobody consumes."""
    return _silence(QUEUES, "nobody consumes {}")


def beat_trouble() -> str:
    """Why nothing puts periodic tasks into the queues."""
    return _silence([signs.BEAT], "stands still: nothing is done that is to be done from time to time")


def _silence(names: Sequence[str], words: str) -> str:
    """The words, with those of the names of whom no sign of life was seen, unless all have left one or may yet."""
    try:
        ages = signs.ages_seconds()
    except Exception:  # whatever the cache's client raises means that nothing is known
        return "unknown, the broker is away"
    away = [name for name in names if signs.is_away(ages[name])]
    if away and time.monotonic() - STARTED < START_SECONDS:
        return STARTING
    return words.format(", ".join(away)) if away else ""


def model_trouble() -> str:
    """Why no model can be used, or NONE; by the server's list of models, which is not asked for at every probe."""
    if not settings.GENERATIVE:
        return NONE
    with contextlib.suppress(redis.RedisError):
        remembered = cache.get("model-trouble")
        if remembered is not None:
            return str(remembered)
    trouble = _ask_model_server()
    with contextlib.suppress(redis.RedisError):
        cache.set("model-trouble", trouble, MODEL_CHECKED_FOR_SECONDS)
    return trouble


def _ask_model_server() -> str:
    base = (settings.OPENAI_BASE_URL or "https://api.openai.com/v1").rstrip("/")
    headers = {"Authorization": f"Bearer {settings.OPENAI_API_KEY}"} if settings.OPENAI_API_KEY else {}
    try:
        status = httpx.get(f"{base}/models", headers=headers, timeout=3).status_code
    except httpx.HTTPError:
        return f"{urlsplit(base).hostname} is away"
    return failure_words(kind_of_status(status), status) if status in (401, 403) or status >= 500 else ""


def _read_calls() -> str:
    try:
        close_old_connections()
        with waiting(until=time.monotonic() + CALLS_SECONDS):
            return calls_trouble()
    except DatabaseError:
        return NO_DATABASE
    finally:
        connection.close()


CHECKS: dict[str, Callable[[], str]] = {
    "database": database_trouble,
    "broker": broker_trouble,
    "worker": worker_trouble,
    "beat": beat_trouble,
    "model": model_trouble,
}
