"""The one adapter to OpenAI-compatible servers: the SDK for requests and errors, our own reader.

The SDK's timeouts are per read and do not end a stall, its retries hide calls, and its parsed stream costs ten times
a plain reader per token; so it gets no retries, one long timeout, and hands us the raw response.
"""

import asyncio
import contextlib
import os
import weakref
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from assistant.llm.entries import at_one_server
from assistant.llm.port import NOTHING, Call, Finished, Items, ModelFailure, Prompt, Thinking
from assistant.llm.wire import EventLines, Reader, kind_of_status

if TYPE_CHECKING:
    from openai import APIConnectionError, APIStatusError, AsyncOpenAI

T = TypeVar("T")

DRAIN_SECONDS = 0.1
# Servers of one's own want none, the SDK insists.
NO_KEY = "none"
# The library's own 5 s end before a customer's next question, which would then wait for another handshake; firewalls
# forget what was idle for a minute or more, and of a server that closes earlier the client is told.
KEEP_ALIVE_SECONDS = 50.0
# Of the time for a first text: a request that is left after so much of it may wait on a dead connection.
SILENCE = 0.9
# One client per event loop and address: its connections belong to the loop they were opened on.
_clients: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str], AsyncOpenAI]]" = (
    weakref.WeakKeyDictionary()
)
# Those that were left, by the task that will close each.
_closing: "dict[asyncio.Task[None], AsyncOpenAI]" = {}


@dataclass(frozen=True)
class OpenAIModel:
    """A chat model at an OpenAI-compatible address; an empty address is OpenAI's own."""

    name: str
    base_url: str
    api_key: str = field(repr=False)

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. Waits as long as the server lets it: `deadline.py` ends its silence."""
        used = client(self.base_url, self.api_key)
        async with contextlib.AsyncExitStack() as stack:
            with _left_if_dead(used):
                response = await _opened(stack, self._request(used, prompt))
            _check_kind(response.headers.get("content-type", ""))
            received = response.iter_bytes()
            lines, reader = EventLines(), Reader()
            stack.enter_context(_counted(reader))
            while (piece := await _read(received)) is not None:
                for payload in lines.feed(piece):
                    # Keep-alive comments and empty chunks are no progress.
                    if text := reader.text(payload):
                        yield text
                    elif reader.thinks:
                        yield Thinking()
                if reader.done:
                    await _drain(received)
                    break
            for payload in lines.close():
                if text := reader.text(payload):
                    yield text
            yield Finished(reader.finish())

    def _request(self, used: "AsyncOpenAI", prompt: Prompt) -> Any:
        from openai import omit

        body = {
            "model": self.name,
            "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
            "stream_options": {"include_usage": True},
            "max_completion_tokens": prompt.max_tokens,
        }
        # What goes through the SDK's own types costs a millisecond; of a model's name it compares all that it knows.
        unset: Any = omit
        create = used.chat.completions.with_streaming_response.create
        return create(model=unset, messages=unset, stream=True, extra_body=body)


def client(base_url: str, api_key: str) -> "AsyncOpenAI":
    """The running loop's client for this address."""
    from httpx2 import Limits
    from openai import AsyncOpenAI, DefaultAioHttpClient, Timeout

    loop = asyncio.get_running_loop()
    of_loop = _clients.setdefault(loop, {})
    if (base_url, api_key) not in of_loop:
        timeout = Timeout(settings.TURN_DEADLINE_SECONDS, connect=settings.LLM_CONNECT_TIMEOUT_SECONDS)
        kept = Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=KEEP_ALIVE_SECONDS)
        of_loop[base_url, api_key] = AsyncOpenAI(
            base_url=base_url or None,
            api_key=api_key or NO_KEY,
            max_retries=0,
            timeout=timeout,
            default_headers={} if at_one_server(base_url, settings.OPENAI_BASE_URL) else _without_ours(api_key),
            # A redirect would take the key, or at least the customer's words, to a server that nobody configured.
            # Over aiohttp, whose parser is C: half of what a token costs over the SDK's own client (docs/streaming.md).
            http_client=DefaultAioHttpClient(timeout=timeout, limits=kept, follow_redirects=False),
        )
    return of_loop[base_url, api_key]


def _without_ours(api_key: str) -> dict[str, Any]:
    """Headers that leave out what the SDK takes from the environment, which is for the server of OPENAI_BASE_URL."""
    from openai import omit

    ours = (line.partition(":")[0].strip() for line in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n"))
    left_out = dict.fromkeys(("OpenAI-Organization", "OpenAI-Project", *filter(None, ours)), omit)
    mine = {name: each for name, each in left_out.items() if name.lower() != "authorization"}
    return {**mine, "Authorization": f"Bearer {api_key or NO_KEY}"}


@contextlib.contextmanager
def _counted(reader: Reader) -> Iterator[None]:
    """A completion of no use was paid for like any other: its failure says what the server counted."""
    try:
        yield
    except ModelFailure as failure:
        turned_away = failure.kind in ("rate_limit", "overloaded", "refused", "denied") and not reader.begun
        failure.usage = NOTHING if turned_away else reader.counted
        raise


@contextlib.contextmanager
def _left_if_dead(used: "AsyncOpenAI") -> Iterator[None]:
    """Leaves the client's connections where a request within is broken, or left after a silence of nearly its time.

    A request that is left earlier, as a hedge's loser is, says nothing of them.
    """
    clock = asyncio.get_running_loop().time
    silent_at = clock() + SILENCE * settings.FIRST_TOKEN_BUDGET_SECONDS
    try:
        yield
    except ModelFailure as failure:
        if failure.kind in ("connect", "timeout"):
            leave_connections(used)
        raise
    except asyncio.CancelledError:
        if clock() >= silent_at:
            leave_connections(used)
        raise


def leave_connections(used: "AsyncOpenAI") -> None:
    """The next request of the running loop opens a connection of its own: those of this client may all be dead.

    Streams under way go on; the client is closed when none can be left. One that was left already is left once.
    """
    of_loop = _clients.get(asyncio.get_running_loop(), {})
    for address in [address for address, known in of_loop.items() if known is used]:
        del of_loop[address]
        closing = asyncio.create_task(_closed_later(used))
        _closing[closing] = used
        closing.add_done_callback(lambda ended: _closing.pop(ended, None))


async def _closed_later(left: "AsyncOpenAI") -> None:
    await asyncio.sleep(settings.TURN_DEADLINE_SECONDS)
    await left.close()


async def close_clients() -> None:
    """Close the running loop's clients; for loops that end, such as a task's or a command's."""
    loop = asyncio.get_running_loop()
    clients = [*_clients.pop(loop, {}).values()]
    for closing in [task for task in _closing if task.get_loop() is loop]:
        clients.append(_closing.pop(closing))
        closing.cancel()
    for each in clients:
        await each.close()


async def closing_clients(work: Coroutine[Any, Any, T]) -> T:
    """The result of all that its event loop is for; a client that stays open keeps its loop and its sockets."""
    try:
        return await work
    finally:
        await close_clients()


async def _opened(stack: contextlib.AsyncExitStack, request: Any) -> Any:
    from openai import APIConnectionError, APIStatusError, OpenAIError

    try:
        return await stack.enter_async_context(request)
    except APIConnectionError as error:
        raise _of_connection(error) from error
    except APIStatusError as error:
        raise _of_status(error) from error
    except OpenAIError as error:
        raise ModelFailure("refused", type(error).__name__, usage=NOTHING) from error


def _of_connection(error: "APIConnectionError") -> ModelFailure:
    """By what aiohttp raised, which is two causes away: the SDK's transport calls most broken connections timeouts."""
    from aiohttp import ConnectionTimeoutError

    raised = error.__cause__.__cause__ if error.__cause__ else None
    if isinstance(raised, ConnectionTimeoutError):
        return ModelFailure("timeout", "no connection was made in time", usage=NOTHING)
    if isinstance(raised, TimeoutError):  # it has the request, and may be at work on it
        return ModelFailure("timeout", "the server did not accept the request in time")
    return ModelFailure("connect", "the server could not be reached", usage=NOTHING)


def _of_status(error: "APIStatusError") -> ModelFailure:
    status = error.status_code
    rest = seconds_to_rest(error.response.headers.get("retry-after"))
    return ModelFailure(kind_of_status(status), f"HTTP {status}", rest, usage=NOTHING, status=status)


def seconds_to_rest(retry_after: str | None) -> float | None:
    """What a Retry-After header asks for, as seconds or as a date (RFC 9110, 10.2.3); None when it says neither."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):  # no date, one without a zone, or in no year there is
            return None
    return max(0.0, seconds) if isfinite(seconds) else None


async def _drain(received: AsyncIterator[bytes]) -> None:
    """Read the body to its end, so that the connection can be used again; a server that dawdles loses it."""
    with contextlib.suppress(ModelFailure, TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while await _read(received) is not None:
                pass


def _check_kind(content_type: str) -> None:
    if content_type and "event-stream" not in content_type and "octet-stream" not in content_type:
        raise ModelFailure("malformed", f"a stream was asked for, {content_type.split(';')[0]} came")


async def _read(received: AsyncIterator[bytes]) -> bytes | None:
    """The next piece, None at the end. Transport errors become ModelFailure."""
    import httpx2

    try:
        return await anext(received, None)
    except httpx2.HTTPError as error:
        raise ModelFailure("connect", f"the connection broke: {type(error).__name__}") from error
