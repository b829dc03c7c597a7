"""A worker's loop gives signs of life, but for as long as something holds it."""

import asyncio
import threading
import time

from assistant.answering import turn_loop
from assistant.answering.turn_loop import TurnLoop


def until(look):
    end = time.monotonic() + 60
    while not look():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_loop_that_something_holds_does_not_respond(monkeypatch):
    monkeypatch.setattr(turn_loop, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(turn_loop, "STANDS_STILL_SECONDS", 1.0)
    loop, held, seen = TurnLoop(), threading.Event(), threading.Event()
    assert loop.responds()  # nothing was asked of it yet

    async def hold():
        held.wait()
        seen.set()

    asyncio.run_coroutine_threadsafe(hold(), loop._started())
    until(lambda: not loop.responds())
    held.set()
    until(loop.responds)
    assert seen.is_set()
