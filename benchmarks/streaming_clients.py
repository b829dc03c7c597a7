"""`python -m benchmarks.streaming_clients`: what clients spend on a streamed token before anything is done with it.

Each reads the same 50 completions of 20 words a second side by side, from a server in a process of its own, in turns.
CPU is this process's own. The aiohttp transport is measured where aiohttp is installed.
"""

import asyncio
import importlib.util
import multiprocessing
import time
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection
from typing import Any

import httpx2
import numpy as np
import openai
import orjson
import uvloop

from assistant.llm.wire import EventLines, Reader
from benchmarks.paced import PacedServer, pace

STREAMS = 50
RATE = 20.0
SECONDS = 4.0
ROUNDS = 3
PASSAGE = " ".join(f"Sentence number {number} says how the device is set up and used." for number in range(100))

Read = Callable[[str, dict[str, Any]], AsyncIterator[str]]


async def by_hand(address: str, body: dict[str, Any]) -> AsyncIterator[str]:
    """Sockets, chunks and lines without any library."""
    host, port = address.removeprefix("http://").split("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    sent = orjson.dumps(body)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(sent)}\r\n\r\n"
    writer.write(head.encode() + sent)
    await reader.readuntil(b"\r\n\r\n")
    while size := int(await reader.readline(), 16):
        piece = await reader.readexactly(size + 2)
        if piece.startswith(b"data: {"):
            yield orjson.loads(piece[6:-2])["choices"][0]["delta"].get("content") or ""
    await reader.readline()
    writer.close()


def raw(make: Callable[[], httpx2.AsyncClient]) -> Read:
    """The SDK's raw response over this HTTP client, read by our reader: as the product does."""

    async def read(address: str, body: dict[str, Any]) -> AsyncIterator[str]:
        async with (
            _sdk(address, make()) as client,
            client.chat.completions.with_streaming_response.create(**body) as response,
        ):
            lines, reader = EventLines(), Reader()
            async for piece in response.iter_bytes():
                for payload in lines.feed(piece):
                    yield reader.text(payload)

    return read


async def as_shipped(address: str, body: dict[str, Any]) -> AsyncIterator[str]:
    """The SDK's own parsed stream."""
    async with _sdk(address, openai.DefaultAsyncHttpxClient()) as client:
        async for chunk in await client.chat.completions.create(**body):
            yield chunk.choices[0].delta.content or ""


async def httpx_alone(address: str, body: dict[str, Any]) -> AsyncIterator[str]:
    """The HTTP client without the SDK, read by our reader."""
    async with (
        httpx2.AsyncClient(timeout=60) as client,
        client.stream("POST", address + "/chat/completions", json=body) as response,
    ):
        lines, reader = EventLines(), Reader()
        async for piece in response.aiter_raw():
            for payload in lines.feed(piece):
                yield reader.text(payload)


CLIENTS: dict[str, Read] = {
    "by hand, orjson": by_hand,
    "httpx2, our reader": httpx_alone,
    "SDK, raw, our reader (the product's)": raw(openai.DefaultAsyncHttpxClient),
    "SDK as shipped": as_shipped,
}
if importlib.util.find_spec("aiohttp"):
    CLIENTS["SDK, raw, our reader, aiohttp transport"] = raw(openai.DefaultAioHttpClient)


def main() -> None:
    """Print the table."""
    print("| client | CPU a token, us |\n| --- | ---: |")
    for name, rounds in measured(ROUNDS, SECONDS).items():
        low, middle, high = np.percentile(rounds, [0, 50, 100])
        print(f"| {name} | {middle:.0f} ({low:.0f} to {high:.0f}) |")


def measured(rounds: int, seconds: float) -> dict[str, list[float]]:
    """Microseconds of CPU for a token, by client, of each round."""
    found: dict[str, list[float]] = {name: [] for name in CLIENTS}
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, seconds))
    server.start()
    try:
        address = here.recv()
        for _ in range(rounds):
            for name, read in CLIENTS.items():
                found[name].append(uvloop.run(_spent(read, address, here)))
    finally:
        server.terminate()
        server.join()
    return found


async def _spent(read: Read, address: str, server: Connection) -> float:
    async def words(number: int) -> int:
        content = f'<passage n="1">\n{PASSAGE}\n</passage>\n\n<question>\n{number}\n</question>'
        body = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": content}]}
        return len([text async for text in read(address, body) if text])

    reading = [asyncio.create_task(words(number)) for number in range(STREAMS)]
    await asyncio.to_thread(server.recv)  # all have asked
    began = time.process_time()
    server.send("go")
    counted = sum(await asyncio.gather(*reading))
    return (time.process_time() - began) / counted * 1e6


def _serve(parent: Connection, seconds: float) -> None:
    uvloop.run(_serve_paced(parent, seconds))


async def _serve_paced(parent: Connection, seconds: float) -> None:
    server = PacedServer(round(RATE * seconds))
    await server.start()
    parent.send(server.base_url)
    while True:
        while len(server.waiting) < STREAMS:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        parent.send("asked")
        await asyncio.to_thread(parent.recv)
        written, server.waiting = list(server.waiting.values()), {}
        await pace(written, RATE, seconds, 1)
        for each in written:
            each.end(0)


def _sdk(address: str, client: httpx2.AsyncClient) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=address, api_key="none", max_retries=0, http_client=client)


if __name__ == "__main__":
    main()
