import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.breaker import Breaker
from assistant.llm.hedge import BURST, LEAST_SAMPLES, Bucket, Hedge, Pace
from assistant.llm.port import ModelFailure
from assistant.llm.rest import Rest
from tests.llm.clock import run
from tests.llm.fakes import Fake, fails, hear, says

QUICK = says("quick", after=1.0)


async def hedged(*plays, share=0.5, seen=(1.0,) * LEAST_SAMPLES, calls_before=10):
    """A model whose calls take a second as a rule, and which has earned a hedge."""
    clock = asyncio.get_running_loop().time
    pace = Pace(Bucket(share), Breaker(clock), Rest(clock))
    for seconds in seen:
        pace.latencies.observe(seconds)
    for _ in range(calls_before):
        pace.bucket.earn()
    return Hedge(Fake(*plays), pace)


def asked(*plays, **how):
    async def ask():
        model = await hedged(*plays, **how)
        return model.inner, await hear(model)

    return run(ask())


def test_a_quick_call_stays_alone():
    model, heard = asked(QUICK)
    assert (heard.text, model.kinds) == ("quick", ["first"])


def test_beside_a_slow_one_goes_a_second_and_the_loser_is_left_at_once():
    model, heard = asked(says("slow", after=30.0), QUICK)
    assert (heard.text, heard.first_seconds) == ("quick", 2.5)
    assert (model.kinds, model.ends) == (["first", "hedge"], ["left", "ok"])


def test_the_first_may_still_win():
    model, heard = asked(says("first", after=2.0), says("second", after=9.0))
    assert (heard.text, heard.first_seconds, model.ends) == ("first", 2.0, ["ok", "left"])


def test_of_a_tie_one_is_taken():
    model, heard = asked(says("first", after=2.0), says("second", after=1.0))
    assert heard.text in ("first", "second")
    assert sorted(model.ends) == ["left", "ok"]


def test_a_loser_that_fails_changes_nothing_and_two_that_fail_are_the_first_s_failure():
    assert asked(says("first", after=9.0), fails("connect"))[1].text == "first"
    assert asked(fails("timeout", after=3.0), says("second", after=4.0))[1].text == "second"
    assert asked(fails("timeout", after=3.0), fails("connect", after=0.5))[1].failure == "timeout"


def test_for_a_second_that_fails_goes_one_more():
    model, heard = asked(says("slow", after=9.0), fails("connect", after=0.5), QUICK)
    assert (heard.text, heard.first_seconds, model.kinds) == ("quick", 3.0, ["first", "hedge", "hedge"])
    model, heard = asked(says("slow", after=9.0), fails("connect"))
    assert (heard.text, len(model.calls)) == ("slow", 3)
    model, heard = asked(says("slow", after=9.0), fails("connect"), QUICK, share=0.1)
    assert (heard.text, len(model.calls)) == ("slow", 2)  # the bucket is empty


@pytest.mark.parametrize(("kind", "calls", "tokens"), [("busy", 2, 5.0), ("spent", 2, 5.0), ("connect", 3, 3.0)])
def test_a_second_that_was_not_made_costs_nothing_and_is_not_tried_again(kind, calls, tokens):
    async def asked():
        model = await hedged(says("slow", after=9.0), fails(kind))
        return (await hear(model)).text, len(model.inner.calls), model.pace.bucket._tokens

    assert run(asked()) == ("slow", calls, tokens)


def test_a_failure_before_the_second_is_told_at_once():
    model, heard = asked(fails("connect", after=0.5), QUICK)
    assert (heard.failure, len(model.calls)) == ("connect", 1)


def test_none_without_experience_or_money_or_while_the_model_is_ill():
    slow = says("slow", after=30.0)
    assert len(asked(slow, QUICK, seen=(1.0,) * (LEAST_SAMPLES - 1))[0].calls) == 1
    assert len(asked(slow, QUICK, calls_before=0, share=0.1)[0].calls) == 1

    async def ill(*failures, rest=None):
        model = await hedged(*failures, slow, QUICK)
        model.pace.rest.note(ModelFailure("rate_limit", "as told", rest))
        for _ in failures:
            await hear(model)
        await hear(model)
        return model.inner.kinds[len(failures) :]

    assert run(ill(fails("rate_limit"))) == ["first", "hedge"]
    assert run(ill(fails("rate_limit"), rest=5.0)) == ["first"]
    assert run(ill(*[fails("rate_limit")] * 4)) == ["first"]

    async def well_again():
        model = await hedged(*[fails("rate_limit")] * 4, *[QUICK] * 20, slow, QUICK)
        for _ in range(25):
            await hear(model)
        return model.inner.kinds[24:]

    assert run(well_again()) == ["first", "hedge"]

    async def half_open():
        model = await hedged(slow, QUICK)
        for _ in range(3):
            model.pace.breaker.permit().end(failed=True)
        await asyncio.sleep(15)
        await hear(model)
        return model.inner.kinds

    assert run(half_open()) == ["first"]


def test_who_is_cancelled_leaves_both():
    async def cancelled():
        model = await hedged(says("a", after=20.0), says("b", after=20.0))
        task = asyncio.create_task(hear(model))
        await asyncio.sleep(5)
        assert model.inner.kinds == ["first", "hedge"]
        task.cancel()
        await asyncio.wait([task])
        return model.inner.ends, task.cancelled(), len(asyncio.all_tasks())

    assert run(cancelled()) == (["left", "left"], True, 1)


def test_who_leaves_in_the_middle_leaves_the_winner_too():
    async def left():
        model = await hedged(says("slow", after=30.0), says("a", "b", after=1.0))
        await hear(model, until=lambda item: item == "a")
        return model.inner.ends, len(asyncio.all_tasks())

    assert run(left()) == (["left", "left"], 1)


@pytest.mark.parametrize(("kind", "hedges"), [("open", 0), ("resting", 0), ("connect", 1)])
def test_what_never_went_out_earns_none(kind, hedges):
    async def asked():
        model = await hedged(*[fails(kind)] * 20, says("slow", after=9.0), QUICK, calls_before=0, share=0.1)
        for _ in range(21):
            await hear(model)
        return model.inner.kinds.count("hedge")

    assert run(asked()) == hedges


@given(st.floats(0, 0.5), st.lists(st.booleans(), max_size=400))
def test_hedges_are_never_more_than_their_share(share, wishes):
    bucket, hedges = Bucket(share), 0
    for calls, wish in enumerate(wishes, start=1):
        bucket.earn()
        hedges += wish and bucket.spend()
        assert hedges <= share * calls + 1e-9


def test_after_a_quiet_time_only_so_many_follow_each_other():
    bucket = Bucket(0.1)
    for _ in range(1000):
        bucket.earn()
    assert sum(bucket.spend() for _ in range(100)) == BURST


def test_slow_is_one_and_a_half_medians():
    pace = Pace(Bucket(0.1), Breaker(), Rest())
    for seconds in [1.0] * 12 + [10.0] * 7:
        pace.latencies.observe(seconds)
    assert pace.trigger() is None
    pace.latencies.observe(10.0)
    assert pace.trigger() == 1.5
    assert pace.latencies.quantile(0.9) == 10.0
