"""Pieces that come soon after each other are one; nothing is lost or late, however the model goes on."""

import asyncio
import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.gathering import MOST_CHARACTERS, Gathered
from assistant.llm.port import ChatMessage, ModelFailure, Prompt, Thinking
from tests.llm.clock import run
from tests.llm.fakes import END, Fake, a_call, fails

GATHER_SECONDS = 0.04
PROMPT = Prompt((ChatMessage("user", "How long?"),), "v1", gather_seconds=GATHER_SECONDS)


def heard(*play, pause=0.0):
    """(seconds, item) of each that came, and the kind of the failure where one ended it; `pause` after each."""

    async def hear():
        clock, came = asyncio.get_running_loop().time, []
        began = clock()
        try:
            async for item in Gathered(Fake(play)).stream(PROMPT, a_call()):
                came.append((round(clock() - began, 3), item))
                await asyncio.sleep(pause)
        except ModelFailure as failure:
            came.append((round(clock() - began, 3), failure.kind))
        return came

    return run(hear())


def test_the_first_piece_comes_at_once_and_the_next_ones_together():
    written = heard("a", 0.01, "b", 0.02, "c", 0.05, "d", 0.05, "e", 0.01, END)
    assert written == [(0, "a"), (0.04, "bc"), (0.08, "d"), (0.13, "e"), (0.14, END)]


def test_an_end_or_a_failure_waits_for_nothing_and_what_was_written_before_it_is_told_first():
    assert heard("a", 0.01, "b", END) == [(0, "a"), (0.01, "b"), (0.01, END)]
    assert heard("a", 0.01, *fails("connect", "b")) == [(0, "a"), (0.01, "b"), (0.01, "connect")]
    assert heard(*fails("empty")) == [(0, "empty")]


def test_thinking_is_told_at_once_though_it_is_no_text():
    assert heard("a", 0.01, Thinking(), 0.01, "b", END) == [(0, "a"), (0.01, Thinking()), (0.02, "b"), (0.02, END)]
    first = [(0, "a"), (0.015, Thinking()), (0.015, "b")]
    assert heard("a", 0.015, Thinking(), "b", 0.1, "c", END) == [*first, (0.115, "c"), (0.115, END)]


def test_who_takes_its_time_finds_all_that_came_meanwhile():
    assert heard("a", 0.01, "b", 0.3, "c", END, pause=1.0) == [(0, "a"), (1, "bc"), (2, END)]


def test_who_takes_its_time_is_not_read_ahead_of_without_end():
    async def read() -> int:
        model = Fake(["a", *["b" * 100] * 10_000, END])
        async with contextlib.aclosing(Gathered(model).stream(PROMPT, a_call())) as items:
            await anext(items)
            await asyncio.sleep(1.0)
            return len(await anext(items))

    assert MOST_CHARACTERS <= run(read()) <= MOST_CHARACTERS + 100


STEPS = st.lists(st.one_of(st.text(min_size=1, max_size=3), st.floats(0, 0.1), st.just(Thinking())))


@given(STEPS, st.sampled_from([END, *fails("connect")[1:]]))
def test_whatever_the_pace_the_text_is_whole_and_in_order(steps, end):
    came = heard(*steps, end)
    text, thoughts = [step for step in steps if isinstance(step, str)], steps.count(Thinking())
    assert "".join(item for _, item in came[:-1] if isinstance(item, str)) == "".join(text)
    assert [item for _, item in came].count(Thinking()) == thoughts
    assert came[-1][1] == (end if end is END else "connect")
    times = [at for at, _ in came[:-1]]
    assert thoughts or all(
        later - earlier >= GATHER_SECONDS - 0.002 for earlier, later in itertools.pairwise(times[:-1])
    )


def test_who_leaves_ends_the_call():
    async def leave():
        model = Fake(("a", 3600.0))
        stream = Gathered(model).stream(PROMPT, a_call())
        assert await anext(stream) == "a"
        await stream.aclose()
        return model.ends, len(asyncio.all_tasks())

    assert run(leave()) == (["left"], 1)


@pytest.mark.parametrize("seconds", [0.0, GATHER_SECONDS])
def test_what_is_not_to_be_gathered_is_not(seconds):
    prompt = Prompt(PROMPT.messages, "v1", gather_seconds=seconds)

    async def hear():
        return [item async for item in Gathered(Fake(("a", "b", "c", END))).stream(prompt, a_call())]

    assert run(hear()) == (["abc", END] if seconds else ["a", "b", "c", END])
