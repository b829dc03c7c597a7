import asyncio

import pytest

from assistant.llm.port import ModelFailure
from assistant.llm.rest import LONGEST_SECONDS, Rest, Rested
from tests.llm.clock import run
from tests.llm.fakes import Fake, fails, hear, says


def asked(*plays, at):
    """What became of a call at each of these seconds, and at which of them the server was asked."""

    async def ask():
        clock = asyncio.get_running_loop().time
        model, began = Rested(Fake(*plays), Rest(clock)), clock()
        heard = []
        for second in at:
            await asyncio.sleep(began + second - clock())
            heard.append(await hear(model))
        return heard, [second - began for second in model.inner.asked_at]

    return run(ask())


@pytest.mark.parametrize("kind", ["rate_limit", "overloaded"])
def test_nobody_is_sent_to_a_server_before_the_time_that_it_said(kind):
    heard, asked_at = asked(fails(kind, retry_after=5.0), says("a"), at=[0.0, 1.0, 4.5, 5.5])
    assert [each.failure for each in heard] == [kind, "resting", "resting", ""]
    assert asked_at == [0.0, 5.5]


@pytest.mark.parametrize(
    "failure", [fails("rate_limit"), fails("rate_limit", retry_after=0.0), fails("refused", retry_after=5.0)]
)
def test_without_a_time_that_a_limit_names_the_next_is_asked_at_once(failure):
    heard, _ = asked(failure, says("a"), at=[0.0, 0.5])
    assert heard[1].text == "a"


def test_a_long_rest_is_asked_about_again():
    rest = fails("rate_limit", retry_after=86_400.0)
    heard, asked_at = asked(rest, rest, says("a"), at=[0.0, LONGEST_SECONDS - 1, LONGEST_SECONDS + 1, 130.0])
    assert [each.failure for each in heard] == ["rate_limit", "resting", "rate_limit", ""]
    assert asked_at == [0.0, LONGEST_SECONDS + 1, 130.0]


def test_a_shorter_rest_does_not_end_a_longer_one():
    now = [100.0]
    rest = Rest(lambda: now[0])
    rest.note(ModelFailure("rate_limit", "as told", 30.0))
    rest.note(ModelFailure("rate_limit", "as told", 1.0))
    now[0] += 20
    assert rest.seconds == 10
    now[0] += 20
    assert rest.seconds == 0
