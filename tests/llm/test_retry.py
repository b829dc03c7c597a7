import asyncio

import pytest

from assistant.llm.port import Anew
from assistant.llm.retry import Retry
from tests.llm.clock import run
from tests.llm.fakes import END, Fake, a_call, fails, hear, says


def asked(*plays, seconds=40.0, **fields):
    model = Retry(Fake(*plays))

    async def ask():
        return await hear(model, a_call(seconds, **fields))

    return model.inner, run(ask())


@pytest.mark.parametrize("kind", ["connect", "timeout", "rate_limit", "overloaded", "malformed", "empty", "repeated"])
def test_what_may_pass_is_asked_once_more(kind):
    model, heard = asked(fails(kind), says("a"))
    assert (heard.text, model.kinds) == ("a", ["first", "retry"])
    assert 0.15 <= heard.seconds <= 0.45
    model, heard = asked(fails(kind))
    assert (heard.failure, len(model.calls)) == (kind, 2)


@pytest.mark.parametrize("kind", ["denied", "refused", "filtered", "cut", "deadline", "open", "busy", "spent"])
def test_what_will_not_pass_is_not(kind):
    model, heard = asked(fails(kind), says("a"))
    assert (heard.failure, len(model.calls)) == (kind, 1)


def test_a_text_that_was_begun_is_begun_anew():
    _, heard = asked(fails("connect", "ha", "lf"), says("whole"))
    assert heard.items == ["ha", "lf", Anew(), "whole", END]


def test_a_server_is_given_the_rest_it_asks_for_or_none():
    model, heard = asked(fails("overloaded", retry_after=1.5), says("a"))
    assert heard.text == "a"
    assert 1.65 <= heard.seconds <= 1.95
    model, heard = asked(fails("rate_limit", retry_after=30.0), says("a"))
    assert (heard.failure, len(model.calls)) == ("rate_limit", 1)


def test_not_past_the_time_that_is_left():
    model, heard = asked(fails("rate_limit", after=2.0, retry_after=1.0), says("a"), seconds=2.5)
    assert (heard.failure, len(model.calls)) == ("rate_limit", 1)


def test_not_after_silence_nor_with_counted_calls_while_others_are_left():
    assert len(asked(fails("timeout"), says("a"), alternatives=1)[0].calls) == 1
    assert len(asked(fails("connect"), says("a"), alternatives=1)[0].calls) == 2
    assert len(asked(fails("connect"), says("a"), alternatives=1, most=2)[0].calls) == 1
    assert len(asked(fails("connect"), says("a"), most=2)[0].calls) == 2
    assert len(asked(fails("resting", retry_after=0.1), says("a"), alternatives=1)[0].calls) == 1
    assert len(asked(fails("rate_limit", retry_after=1.0), says("a"), alternatives=1)[0].calls) == 1
    assert len(asked(fails("rate_limit", retry_after=0.1), says("a"), alternatives=1)[0].calls) == 2
    assert len(asked(fails("resting", retry_after=1.0), says("a"))[0].calls) == 2


def test_what_is_a_retry_already_is_made_once_but_may_wait_for_its_turn():
    assert len(asked(fails("connect"), says("a"), kind="retry")[0].calls) == 1
    model, heard = asked(fails("resting", retry_after=1.0), says("a"), kind="retry")
    assert (heard.text, model.kinds) == ("a", ["retry", "retry"])


def test_who_leaves_leaves():
    async def cancelled():
        model = Retry(Fake(says("a", after=5.0)))
        task = asyncio.create_task(hear(model))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return model.inner.ends

    assert run(cancelled()) == ["left"]

    async def left():
        model = Retry(Fake(says("a", "b")))
        await hear(model, until=lambda item: item == "a")
        return model.inner.ends, asyncio.get_running_loop().time()

    assert run(left()) == (["left"], 1000)
