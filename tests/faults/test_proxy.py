"""The broken network breaks as it says, so that a test which holds behind it has met the fault."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import Proxy, proxied, proxied_apart

SAID = b"a few words"
MOMENT_SECONDS = 0.3


@pytest.fixture
async def echoing() -> AsyncIterator[Proxy]:
    """A proxy before a server that says again what it is told."""
    heard: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(100):
            heard.append(piece)
            writer.write(piece)
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        with proxied(server.sockets[0].getsockname()[1]) as proxy:
            proxy.heard = heard  # type: ignore[attr-defined]
            yield proxy


async def said_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What comes back."""
    writer.write(SAID)
    return await reader.readexactly(len(SAID))


async def nothing_said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """True when nothing comes back within a moment."""
    try:
        await asyncio.wait_for(said_again(reader, writer), MOMENT_SECONDS)
    except TimeoutError:
        return True
    return False


async def test_sliced_and_late_it_is_still_whole(echoing: Proxy) -> None:
    echoing.slice_bytes, echoing.delay_seconds = 3, 0.01
    assert await said_again(*await asyncio.open_connection("127.0.0.1", echoing.port)) == SAID
    assert len(echoing.heard) > 1  # type: ignore[attr-defined]


async def test_a_cut_is_a_reset_at_the_client(echoing: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echoing.port)
    assert await said_again(reader, writer) == SAID
    echoing.cut()
    with pytest.raises(ConnectionResetError):
        await reader.read()


async def test_nothing_passes_a_deafened_connection_but_a_new_one(echoing: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echoing.port)
    assert await said_again(reader, writer) == SAID
    echoing.deafen()
    assert await nothing_said(reader, writer)
    assert await said_again(*await asyncio.open_connection("127.0.0.1", echoing.port)) == SAID
    echoing.heal()
    with pytest.raises(ConnectionResetError):
        await reader.read()


async def test_one_in_a_process_of_its_own_loses_all_and_heals(echoing: Proxy) -> None:
    with proxied_apart(echoing.port) as apart:
        reader, writer = await asyncio.open_connection("127.0.0.1", apart.port)
        assert await said_again(reader, writer) == SAID
        apart.lose()
        assert await nothing_said(reader, writer)
        assert await nothing_said(*await asyncio.open_connection("127.0.0.1", apart.port))
        apart.heal()
        with pytest.raises(ConnectionResetError):
            await reader.read()
        assert await said_again(*await asyncio.open_connection("127.0.0.1", apart.port)) == SAID


async def test_a_silent_server_has_heard_everything(echoing: Proxy) -> None:
    echoing.silent = True
    assert await nothing_said(*await asyncio.open_connection("127.0.0.1", echoing.port))
    assert echoing.heard == [SAID]  # type: ignore[attr-defined]


async def test_who_is_refused_is_reset(echoing: Proxy) -> None:
    echoing.refusing = True
    with pytest.raises(ConnectionResetError):  # at once, or a moment later
        await said_again(*await asyncio.open_connection("127.0.0.1", echoing.port))
