"""What a provider's stream has been seen to do wrong, each as a generator of bytes.

The last of a completion's chunks is its usage, which a server tells of a completion of no use too.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

STATUSES = {"400": 400, "401": 401, "404": 404, "429": 429, "500": 500, "503": 503, "529": 529}
CONTENT_TYPES = {"html": b"text/html", "json": b"application/json"}
DONE = b"data: [DONE]\n\n"

Stream = Callable[[Sequence[bytes], int], AsyncIterator[bytes]]


class Reset(Exception):
    """The connection is to break off here."""


async def sound(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    yield DONE


async def without_done(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def cut(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    """Ends in good order after some chunks: no finish reason, no [DONE]."""
    for chunk in chunks[: after or len(chunks) // 2]:
        yield chunk


async def reset(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    for chunk in chunks[:after]:
        yield chunk
    raise Reset


async def stall(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    for chunk in chunks[:after]:
        yield chunk
    await asyncio.sleep(3600)


async def keep_alive_only(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    """Comments for ever after some chunks: alive on the wire, and nothing comes."""
    for chunk in chunks[:after]:
        yield chunk
    while True:
        await asyncio.sleep(0.05)
        yield b": keep-alive\n\n"


async def comments(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    """Harmless: comments between chunks, carriage returns, two chunks in one piece."""
    yield b": connected\r\n\r\nretry: 3000\n\n"
    yield b"".join(chunk.replace(b"\n", b"\r\n") + b": ping\n\n" for chunk in chunks)
    yield DONE


async def single_bytes(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    """Harmless: split at every byte, in the middle of characters too."""
    for byte in b"".join(chunks) + DONE:
        yield bytes([byte])


async def malformed(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    for chunk in chunks[:after]:
        yield chunk
    yield b'data: {"choices": [{"delta": {"content": "broke\n\n'
    yield DONE


async def invalid_utf8(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    for chunk in chunks[:after]:
        yield chunk
    yield b'data: {"choices": [{"index": 0, "delta": {"content": "\xff\xfe"}}]}\n\n'
    yield DONE


async def error_inside(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    for chunk in chunks[:after]:
        yield chunk
    yield b'data: {"error": {"message": "internal secret detail", "code": 500}}\n\n'
    yield DONE


async def not_an_object(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    yield b'data: ["chunk"]\n\n'
    yield DONE


async def without_choices(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    yield b'data: {"id": "x"}\n\n'
    yield DONE


async def empty(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    """All that the model wrote was thinking, which is counted like text."""
    yield b'data: {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}]}\n\n'
    yield chunks[-1]
    yield DONE


async def filtered(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    for chunk in chunks[:after]:
        yield chunk
    yield b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]}\n\n'
    yield chunks[-1]
    yield DONE


async def too_long(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    """Ends where it has the most tokens that it may have."""
    for chunk in chunks[:after]:
        yield chunk
    yield b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}\n\n'
    yield chunks[-1]
    yield DONE


async def repeated_end(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    """Harmless: the whole completion comes once more after its end."""
    for chunk in [*chunks, *chunks]:
        yield chunk
    yield DONE


async def circles(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    """The same words over and over, without an end."""
    while True:
        for chunk in chunks[:-2]:
            yield chunk
        await asyncio.sleep(0)


async def html(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    yield b"<!doctype html><html><body>Bad gateway: internal host db-7</body></html>"


async def html_as_stream(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    yield b"<!doctype html><html><body>Bad gateway: internal host db-7</body></html>\n"


async def json_error(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    yield b'{"error": {"message": "internal secret detail"}}'


async def long_line(chunks: Sequence[bytes], after: int) -> AsyncIterator[bytes]:
    yield b"data: " + b"x" * (2 * 1024 * 1024)


STREAMS: dict[str, Stream] = {
    "": sound,
    "nodone": without_done,
    "cut": cut,
    "reset": reset,
    "stall": stall,
    "keepalive": keep_alive_only,
    "comments": comments,
    "bytes": single_bytes,
    "malformed": malformed,
    "utf8": invalid_utf8,
    "error": error_inside,
    "array": not_an_object,
    "nochoices": without_choices,
    "empty": empty,
    "filtered": filtered,
    "toolong": too_long,
    "repeat": repeated_end,
    "circles": circles,
    "html": html,
    "htmlstream": html_as_stream,
    "json": json_error,
    "longline": long_line,
}
