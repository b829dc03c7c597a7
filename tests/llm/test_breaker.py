import asyncio
from functools import partial

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from assistant.llm import health
from assistant.llm.breaker import OPEN_SECONDS, PROBE_SECONDS, WINDOW_SECONDS, Breaker, Broken
from assistant.llm.entries import Entry
from tests.llm.clock import run
from tests.llm.fakes import END, Fake, fails, hear, says


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock)


def end(breaker, *outcomes):
    for failed in outcomes:
        breaker.permit().end(failed)


def test_three_failures_in_a_row_open_it_when_little_else_was_asked(breaker):
    end(breaker, False, False, True, True, None, True)
    assert breaker.state == "open"
    assert breaker.permit() is None


def test_half_open_is_news_for_a_minute_and_lasts_until_a_call(breaker, clock):
    assert not breaker.is_news
    end(breaker, True, True, True)
    clock.now += OPEN_SECONDS + WINDOW_SECONDS - 1
    assert (breaker.state, breaker.is_news) == ("half open", True)
    clock.now += 1
    assert (breaker.state, breaker.is_news) == ("half open", False)
    end(breaker, True)
    assert breaker.is_news
    clock.now += OPEN_SECONDS
    end(breaker, False)
    assert not breaker.is_news


def test_three_failures_by_chance_among_many_calls_do_not(breaker):
    end(breaker, *[False] * 10, True, True, True)
    assert breaker.state == "closed"


def test_an_hour_old_success_does_not_hide_three_failures(breaker, clock):
    end(breaker, *[False] * 10)
    clock.now += WINDOW_SECONDS + 1
    end(breaker, True, True, True)
    assert breaker.state == "open"


def test_half_of_twenty_open_it_without_three_in_a_row(breaker):
    end(breaker, *[True, False] * 9, True)
    assert breaker.state == "closed"
    end(breaker, False)
    assert breaker.state == "open"


def test_a_flaky_model_stays_in_use(breaker):
    end(breaker, *[True, False, False, True, False, False, False] * 30)
    assert breaker.state == "closed"


def test_one_call_is_let_through_and_decides(breaker, clock):
    end(breaker, True, True, True)
    clock.now += OPEN_SECONDS
    assert breaker.state == "half open"
    probe = breaker.permit()
    assert breaker.permit() is None
    probe.end(failed=True)
    assert breaker.state == "open"
    clock.now += OPEN_SECONDS
    end(breaker, False)
    assert breaker.state == "closed"
    end(breaker, True, True)
    assert breaker.state == "closed"  # what was before is forgotten


def test_a_probe_that_says_nothing_gives_its_place_back(breaker, clock):
    end(breaker, True, True, True)
    clock.now += OPEN_SECONDS
    end(breaker, None)
    assert breaker.state == "half open"
    lost = breaker.permit()
    clock.now += PROBE_SECONDS
    second = breaker.permit()
    lost.end(failed=False)  # too late
    assert breaker.state == "half open"
    second.end(failed=False)
    assert breaker.state == "closed"


def test_what_began_before_it_opened_does_not_close_it(breaker, clock):
    early = breaker.permit()
    end(breaker, True, True, True)
    early.end(failed=False)
    assert breaker.state == "open"


def test_the_wrapper_tells_how_calls_ended():
    async def asked():
        breaker = Breaker(asyncio.get_running_loop().time)
        model = Broken(Fake(fails("timeout"), fails("refused"), fails("malformed", "a"), fails("connect")), breaker)
        kinds = [(await hear(model)).failure for _ in range(5)]
        return kinds, breaker.state, len(model.inner.calls)

    assert run(asked()) == (["timeout", "refused", "malformed", "connect", "open"], "open", 4)


def test_a_model_that_is_known_no_longer_is_soon_left_alone():
    async def asked():
        model = Broken(Fake(fails("denied")), Breaker(asyncio.get_running_loop().time))
        return [(await hear(model)).failure for _ in range(5)]

    assert run(asked()) == ["denied"] * 3 + ["open"] * 2


@pytest.mark.parametrize("kind", ["refused", "filtered", "cut", "repeated", "deadline", "busy", "spent"])
def test_what_says_nothing_of_another_call_does_not_open_it(kind):
    async def asked():
        model = Broken(Fake(fails(kind, "a")), Breaker(asyncio.get_running_loop().time))
        return [(await hear(model)).failure for _ in range(4)]

    assert run(asked()) == [kind] * 4


def test_who_leaves_is_no_failure_and_no_success():
    async def asked():
        breaker = Breaker(asyncio.get_running_loop().time)
        model = Broken(Fake(*[fails("timeout")] * 3, says("a", "b", after=2.0)), breaker)
        for _ in range(3):
            await hear(model)
        await asyncio.sleep(OPEN_SECONDS)
        leaving = asyncio.create_task(hear(model))
        await asyncio.sleep(1)
        leaving.cancel()
        await asyncio.wait([leaving])
        after_leaving = breaker.state
        return after_leaving, (await hear(model)).text, breaker.state

    assert run(asked()) == ("half open", "ab", "closed")


def test_the_first_text_closes_it_over_a_model_that_takes_long_to_end():
    async def asked():
        breaker = Breaker(asyncio.get_running_loop().time)
        model = Broken(Fake((1.5, *["word ", 1.0] * 30, END)), breaker)
        end(breaker, True, True, True)
        heard = []
        for _ in range(30):
            heard.append(asyncio.create_task(hear(model)))
            await asyncio.sleep(1)
        failures = [each.failure for each in await asyncio.gather(*heard)]
        return failures.count("open"), failures[-1], breaker.state

    assert run(asked()) == (11, "", "closed")


def test_what_was_let_through_and_breaks_off_later_counts_as_any_other(breaker, clock):
    end(breaker, True, True, True)
    clock.now += OPEN_SECONDS
    probe = breaker.permit()
    probe.heard()
    assert breaker.state == "closed"
    probe.end(failed=True)
    end(breaker, True, True)
    assert breaker.state == "open"


def test_a_call_that_is_let_through_has_as_long_as_any_to_come_to_text(settings):
    settings.MODELS_SECONDS = 60.0
    assert health.of(Entry("slow", "http://slow.example", "")).breaker.probe_seconds == 60.0


class AnyOrder(RuleBasedStateMachine):
    """Permits taken and ended in any order at any time."""

    permits = Bundle("permits")

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(self.clock)
        self.last_probe = float("-inf")
        self.probe = None

    @rule(target=permits)
    def take(self):
        state = self.breaker.state
        permit = self.breaker.permit()
        assert state != "open" or permit is None
        assert state != "closed" or permit is not None
        if state == "half open" and permit is not None:
            # No second call while the first may still say something.
            assert self.probe is None or self.probe._told or self.clock.now >= self.last_probe + PROBE_SECONDS
            self.probe, self.last_probe = permit, self.clock.now
        return permit

    @rule(permit=permits, failed=st.sampled_from([True, True, False, None]))
    def finish(self, permit, failed):
        before = self.breaker.state
        if permit is not None:
            permit.end(failed)
            if before != "closed" and self.breaker.state == "closed":
                assert failed is False
                assert permit is self.probe

    @rule(permit=permits)
    def hear(self, permit):
        before = self.breaker.state
        if permit is not None and not permit._told:
            permit.heard()
            if before != "closed" and self.breaker.state == "closed":
                assert permit is self.probe

    @rule(seconds=st.sampled_from([0.1, 3.0, 10.0, 70.0]))
    def wait(self, seconds):
        self.clock.now += seconds

    @rule(first=st.sampled_from([0.5, 7.5]), whole=st.sampled_from([9.0, 12.0, 40.0]))
    def never_open_for_ever(self, first, whole):
        """A message a second to a model that is well: half a minute later it is in use, however it stood before."""
        due = []
        for _ in range(int(OPEN_SECONDS + PROBE_SECONDS + first) + 2):
            permit = self.breaker.permit()
            if permit is not None:
                due += [(self.clock.now + first, permit.heard), (self.clock.now + whole, partial(permit.end, False))]
            self.clock.now += 1
            for moment, told in [each for each in due if each[0] <= self.clock.now]:
                told()
                due.remove((moment, told))
        assert self.breaker.state == "closed"
        for _, told in due:
            told()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = hypothesis_settings(max_examples=60, stateful_step_count=40, deadline=None)
