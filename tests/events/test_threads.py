"""Who goes first where threads are few: people, before what only follows from their messages."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from assistant.answering.computing import in_computing_thread
from assistant.events import threads
from assistant.events.threads import FRONT_THREADS, in_front_thread, in_search_thread

pytestmark = pytest.mark.django_db(transaction=True)


@asynccontextmanager
async def people_in_line(done: list[str]) -> AsyncIterator[threading.Event]:
    """More of them than there are threads for, until the event is set."""
    go_on = threading.Event()

    def wait() -> None:
        go_on.wait(30)
        done.append("people")

    people = [asyncio.create_task(in_front_thread(wait)) for _ in range(FRONT_THREADS + 1)]
    await asyncio.sleep(0)  # each has asked by now
    try:
        yield go_on
    finally:
        go_on.set()
        await asyncio.gather(*people)


@pytest.mark.parametrize("in_its_thread", [in_search_thread, in_computing_thread])
async def test_what_follows_from_messages_waits_for_people_who_stand_in_line(
    monkeypatch: pytest.MonkeyPatch, in_its_thread
) -> None:
    monkeypatch.setattr(threads, "PEOPLE_FIRST_SECONDS", 30.0)
    done: list[str] = []
    async with people_in_line(done) as go_on:
        step = asyncio.create_task(in_its_thread(done.append, "a step of a turn"))
        await asyncio.sleep(0.2)
        assert not done
        go_on.set()
        await step
    assert done.index("a step of a turn") >= 1


async def test_it_waits_for_a_moment_only_where_people_wait_for_a_database_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "PEOPLE_FIRST_SECONDS", 0.05)
    done: list[str] = []
    async with people_in_line(done):
        await in_computing_thread(done.append, "a step of a turn")
        assert done == ["a step of a turn"]


async def test_where_nobody_stands_in_line_nothing_waits() -> None:
    done: list[str] = []
    async with people_in_line(done) as go_on:
        go_on.set()
    before = len(done)
    await in_computing_thread(done.append, "a step of a turn")
    assert done[before:] == ["a step of a turn"]
