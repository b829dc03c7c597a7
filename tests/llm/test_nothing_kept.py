"""A turn that is over is freed at once: the collector looks at old objects rarely."""

import gc
import weakref

import pytest

from assistant.llm.fallback import Fallback
from assistant.llm.retry import Retry
from tests.llm.clock import run
from tests.llm.fakes import Fake, a_call, fails, hear, says
from tests.llm.test_hedge import hedged

OUTCOMES = {
    "answered": ["ok"],
    "failed, then answered": ["connect", "ok"],
    "refused, then answered": ["refused", "ok"],
    "failed": ["connect", "connect", "connect"],
    "refused": ["refused", "refused"],
    "slow, then answered": ["slow", "ok"],
    "slow, then failed": ["slow", "connect", "connect"],
}


def fake(ends):
    plays = {"ok": says("whole"), "slow": fails("timeout", after=9.0)}
    return Fake(*[plays.get(end) or fails(end, "half") for end in ends])


async def retried(ends):
    return Retry(fake(ends))


async def with_fallbacks(ends):
    return Fallback([fake([end]) for end in ends])


async def hedged_and_retried(ends):
    model = await hedged()
    model.inner.plays = fake(ends).plays
    return Fallback([Retry(model), fake(["connect"])])


@pytest.mark.parametrize("ends", OUTCOMES.values(), ids=OUTCOMES)
@pytest.mark.parametrize("composed", [retried, with_fallbacks, hedged_and_retried])
def test_nothing_of_a_turn_is_left_to_the_collector(composed, ends):
    async def asked():
        call = a_call(40.0)
        model = await composed(ends)
        await hear(model, call)
        forget(model)
        return weakref.ref(call.tally)

    gc.collect()
    gc.disable()
    try:
        assert run(asked())() is None
    finally:
        gc.enable()


def forget(model):
    """What the fakes keep of their calls is their own."""
    for inner in [getattr(model, "inner", None), *getattr(model, "models", ())]:
        if inner is not None:
            forget(inner)
    if isinstance(model, Fake):
        model.calls.clear()
