"""How long a page waits for the database: not much longer than whoever asked for it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from assistant.events.connection import waiting

# For a statement. Above the lock_timeout of ours, so that what was given up in line for a row is not done later.
PAGE_SECONDS = 11.0
# Where writing takes as long as the server lets it: an article becomes its chunks, a collection goes with all of it.
UNHURRIED = ("/admin/", "/api/")
READS = ("GET", "HEAD", "OPTIONS")


@sync_and_async_middleware
def impatience(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: bounds the statements of synchronous views, and those that the middleware within makes around them.

    In ASGI all of them run in one thread, which is the request's own, and ends with it. What asynchronous views do in
    other threads is not concerned, nor is a stream, which begins when this is over.
    """
    if iscoroutinefunction(get_response):

        async def respond_later(request: HttpRequest) -> HttpResponseBase:
            bound = _bound(request)
            await sync_to_async(bound.__enter__)()
            try:
                response: HttpResponseBase = await get_response(request)
            finally:
                await sync_to_async(bound.__exit__)(None, None, None)
            return response

        return respond_later

    def respond(request: HttpRequest) -> HttpResponseBase:
        with _bound(request):
            response: HttpResponseBase = get_response(request)
        return response

    return respond


def _bound(request: HttpRequest) -> AbstractContextManager[None]:
    unhurried = request.path.startswith(UNHURRIED) and request.method not in READS
    return nullcontext() if unhurried else waiting(seconds=PAGE_SECONDS)
