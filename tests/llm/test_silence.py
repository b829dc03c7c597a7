"""Whoever waits is told that a model was silent for its time, before anything else is asked."""

import asyncio
from functools import partial

from assistant.llm.deadline import Deadline
from assistant.llm.fallback import Fallback
from assistant.llm.retry import Retry
from assistant.llm.silence import Noticed
from tests.llm.clock import run
from tests.llm.fakes import Fake, a_call, fails, hear, says

FIRST_SECONDS = 8.0


def asked(*models, leave=False, **fields):
    """What is heard of these models in their order, and when on_silence was awaited; `leave`: that ends it."""
    told = []

    async def ask():
        clock = asyncio.get_running_loop().time
        began = clock()

        async def on_silence():
            told.append(clock() - began)
            if leave:
                raise asyncio.CancelledError

        in_time = partial(Deadline, first=FIRST_SECONDS, gap=10.0)
        model = Fallback([Retry(Noticed(in_time(model), FIRST_SECONDS)) for model in models])
        try:
            return await hear(model, a_call(on_silence=on_silence, **fields))
        except asyncio.CancelledError:
            return None

    return run(ask()), told


def test_it_is_told_before_another_model_is_asked_or_the_same_once_more():
    silent, other = Fake((3600.0,)), Fake(says("a"))
    heard, told = asked(silent, other)
    assert (heard.text, told) == ("a", [FIRST_SECONDS])
    again = Fake((3600.0,), says("b"))
    heard, told = asked(again)
    assert (heard.text, told, again.kinds) == ("b", [FIRST_SECONDS], ["first", "retry"])


def test_where_somebody_else_goes_on_nothing_more_is_asked():
    silent, other = Fake((3600.0,)), Fake(says("a"))
    assert asked(silent, other, leave=True) == (None, [FIRST_SECONDS])
    assert other.calls == []


def test_where_no_time_or_call_is_left_nobody_is_told():
    assert asked(Fake((3600.0,)), Fake(says("b")), patience=FIRST_SECONDS + 0.5)[1] == []
    assert asked(Fake((3600.0,)), Fake(says("b")), patience=FIRST_SECONDS + 1.5)[1] == [FIRST_SECONDS]
    assert asked(Fake((3600.0,)), Fake(says("b")), most=0)[1] == []


def test_what_was_heard_or_not_reached_or_failed_is_no_silence():
    for play in (("a", 3600.0), fails("timeout", after=3.0), fails("connect"), fails("overloaded", after=5.0)):
        assert asked(Fake(play), Fake(says("b")))[1] == []
