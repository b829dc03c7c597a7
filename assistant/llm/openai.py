"""The one adapter to OpenAI-compatible servers: the SDK for requests and errors, our own reader and deadlines.

The SDK's timeouts are per read and do not end a stall, its retries hide calls, and its parsed stream costs ten times
a plain reader per token; so it gets no retries, one long timeout, and hands us the raw response.
"""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from assistant.llm.port import Finished, ModelFailure, Prompt
from assistant.llm.wire import EventLines, Reader

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

T = TypeVar("T")
DRAIN_SECONDS = 0.1
# The library's own 5 s end before a customer's next question, which would then wait for another handshake; firewalls
# forget what was idle for a minute or more, and of a server that closes earlier the client is told.
KEEP_ALIVE_SECONDS = 50.0
# One client per event loop and address: its connections belong to the loop they were opened on.
_clients: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str], AsyncOpenAI]]" = (
    weakref.WeakKeyDictionary()
)
_closing: set[asyncio.Task[None]] = set()


@dataclass(frozen=True)
class OpenAIModel:
    """A chat model at an OpenAI-compatible address; an empty address is OpenAI's own."""

    name: str
    base_url: str
    api_key: str

    async def stream(self, prompt: Prompt, deadline: float) -> AsyncIterator[str | Finished]:
        """See ChatModel. First token, gaps and the whole are bounded by settings and by the deadline."""
        loop = asyncio.get_running_loop()
        first_token_by = min(deadline, loop.time() + settings.FIRST_TOKEN_BUDGET_SECONDS)
        async with contextlib.AsyncExitStack() as stack:
            try:
                response = await _by(first_token_by, _opened(stack, self._request(prompt)))
            except ModelFailure as failure:
                if failure.kind in ("connect", "timeout"):
                    leave_connections(self.base_url, self.api_key)
                raise
            _check_kind(response.headers.get("content-type", ""))
            received = response.iter_bytes()
            lines, reader, by = EventLines(), Reader(), first_token_by
            while (piece := await _by(by, anext(received, None))) is not None:
                for payload in lines.feed(piece):
                    if text := reader.text(payload):
                        yield text
                        by = min(deadline, loop.time() + settings.TOKEN_GAP_BUDGET_SECONDS)
                if reader.done:
                    await _drain(received)
                    break
                # Keep-alive comments and empty chunks are no progress: `by` moves with text alone.
            for payload in lines.close():
                if text := reader.text(payload):
                    yield text
            yield Finished(reader.finish())

    def _request(self, prompt: Prompt) -> Any:
        messages: Any = [{"role": message.role, "content": message.content} for message in prompt.messages]
        return client(self.base_url, self.api_key).chat.completions.with_streaming_response.create(
            model=self.name,
            messages=[],
            extra_body={"messages": messages},  # what goes through the SDK's own types costs a millisecond
            stream=True,
            stream_options={"include_usage": True},
            max_completion_tokens=prompt.max_tokens,
        )


def client(base_url: str, api_key: str) -> "AsyncOpenAI":
    """The running loop's client for this address."""
    from httpx2 import Limits
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

    loop = asyncio.get_running_loop()
    of_loop = _clients.setdefault(loop, {})
    if (base_url, api_key) not in of_loop:
        timeout = Timeout(settings.TURN_DEADLINE_SECONDS, connect=settings.LLM_CONNECT_TIMEOUT_SECONDS)
        kept = Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=KEEP_ALIVE_SECONDS)
        of_loop[base_url, api_key] = AsyncOpenAI(
            base_url=base_url or None,
            api_key=api_key or "none",  # servers of one's own want none, the SDK insists
            max_retries=0,
            timeout=timeout,
            http_client=DefaultAsyncHttpxClient(timeout=timeout, limits=kept),
        )
    return of_loop[base_url, api_key]


def leave_connections(base_url: str, api_key: str) -> None:
    """The next request of the running loop opens a connection of its own: those that were kept may all be dead.

    Streams under way go on; the client that they use is closed when none can be left.
    """
    left = _clients.get(asyncio.get_running_loop(), {}).pop((base_url, api_key), None)
    if left is not None:
        closing = asyncio.create_task(_closed_later(left))
        _closing.add(closing)
        closing.add_done_callback(_closing.discard)


async def _closed_later(left: "AsyncOpenAI") -> None:
    try:
        await asyncio.sleep(settings.TURN_DEADLINE_SECONDS)
    finally:
        await left.close()


async def close_clients() -> None:
    """Close the running loop's clients; for loops that end, such as a task's or a command's."""
    loop = asyncio.get_running_loop()
    for each in _clients.pop(loop, {}).values():
        await each.close()
    closing = [task for task in _closing if task.get_loop() is loop]
    for task in closing:
        task.cancel()
    await asyncio.gather(*closing, return_exceptions=True)


async def _opened(stack: contextlib.AsyncExitStack, request: Any) -> Any:
    from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

    try:
        return await stack.enter_async_context(request)
    except APITimeoutError as error:
        raise ModelFailure("timeout", "the server did not accept the request in time") from error
    except APIConnectionError as error:
        raise ModelFailure("connect", "the server could not be reached") from error
    except APIStatusError as error:
        raise _of_status(error) from error
    except OpenAIError as error:
        raise ModelFailure("refused", type(error).__name__) from error


def _of_status(error: "APIStatusError") -> ModelFailure:
    status = error.status_code
    if status == 429:
        return ModelFailure("rate_limit", "HTTP 429", _seconds(error.response.headers.get("retry-after")))
    return ModelFailure("overloaded" if status >= 500 else "refused", f"HTTP {status}")


def _seconds(retry_after: str | None) -> float | None:
    try:
        return max(0.0, float(retry_after)) if retry_after else None
    except ValueError:
        return None


async def _drain(received: AsyncIterator[bytes]) -> None:
    """Read the body to its end, so that the connection can be used again; a server that dawdles loses it."""
    with contextlib.suppress(ModelFailure):
        by = asyncio.get_running_loop().time() + DRAIN_SECONDS
        while await _by(by, anext(received, None)) is not None:
            pass


def _check_kind(content_type: str) -> None:
    if content_type and "event-stream" not in content_type and "octet-stream" not in content_type:
        raise ModelFailure("malformed", f"a stream was asked for, {content_type.split(';')[0]} came")


async def _by(moment: float, awaited: Awaitable[T]) -> T:
    """The result, unless that moment of the loop's clock comes first. Transport errors become ModelFailure."""
    import httpx2

    try:
        async with asyncio.timeout_at(moment):
            return await awaited
    except TimeoutError as error:
        raise ModelFailure("timeout", "the model fell silent") from error
    except httpx2.HTTPError as error:
        raise ModelFailure("connect", f"the connection broke: {type(error).__name__}") from error
