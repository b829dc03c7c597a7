"""Who goes first where threads are few: people, before what only follows from their messages."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager

import pytest

from assistant.answering.computing import in_computing_thread
from assistant.events import threads
from assistant.events.threads import FRONT_THREADS, in_front_thread, in_search_thread, people_first

pytestmark = pytest.mark.django_db(transaction=True)


@asynccontextmanager
async def people(done: list[str], number: int = FRONT_THREADS + 1) -> AsyncIterator[threading.Event]:
    """So many who wait for the event, by default one more than there are threads for."""
    go_on = threading.Event()

    def wait() -> None:
        go_on.wait(30)
        done.append("people")

    waiting = [asyncio.create_task(in_front_thread(wait)) for _ in range(number)]
    await asyncio.sleep(0)  # each has asked by now
    try:
        yield go_on
    finally:
        go_on.set()
        await asyncio.gather(*waiting)


@pytest.mark.parametrize("in_its_thread", [in_search_thread, in_computing_thread])
async def test_what_follows_from_messages_waits_for_people_who_stand_in_line(
    monkeypatch: pytest.MonkeyPatch, in_its_thread
) -> None:
    monkeypatch.setattr(threads, "PEOPLE_FIRST_SECONDS", 30.0)
    done: list[str] = []
    async with people(done) as go_on:
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
    async with people(done):
        await in_computing_thread(done.append, "a step of a turn")
        assert done == ["a step of a turn"]


@pytest.mark.parametrize("number", [0, FRONT_THREADS])
async def test_where_nobody_stands_in_line_nothing_waits(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Those whose work is under way have their threads."""
    monkeypatch.setattr(threads, "PEOPLE_FIRST_SECONDS", 30.0)
    done: list[str] = []
    async with people(done, number):
        submitted: list[object] = []

        def submit(*work: object) -> "Future[None]":
            submitted.append(work)
            done_at_once: Future[None] = Future()
            done_at_once.set_result(None)
            return done_at_once

        monkeypatch.setattr(threads._front_threads, "submit", submit)
        await people_first()
        await in_computing_thread(done.append, "a step of a turn")
    assert not submitted
    assert done[0] == "a step of a turn"
