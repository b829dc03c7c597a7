import asyncio

from assistant.llm.fallback import Fallback
from assistant.llm.port import Anew
from assistant.llm.rest import Rest, Rested
from assistant.llm.retry import Retry
from tests.llm.clock import run
from tests.llm.fakes import END, Fake, fails, hear, says


def test_each_is_asked_when_those_before_have_failed():
    models = [Fake(fails("open")), Fake(fails("refused")), Fake(says("c")), Fake(says("d"))]
    assert run(hear(Fallback(models))).text == "c"
    assert [model.kinds for model in models] == [["first"], ["fallback"], ["fallback"], []]
    assert [model.calls[0].alternatives for model in models[:3]] == [3, 2, 1]


def test_a_text_that_was_begun_is_begun_anew():
    heard = run(hear(Fallback([Fake(fails("malformed", "half")), Fake(fails("timeout")), Fake(says("whole"))])))
    assert heard.items == ["half", Anew(), "whole", END]


def test_the_last_failure_is_told():
    assert run(hear(Fallback([Fake(fails("timeout")), Fake(fails("filtered", "a"))]))).failure == "filtered"


def rested(*plays):
    """A model that is asked again where that may help, and left alone while its server wants that."""
    return Retry(Rested(Fake(*plays), Rest(asyncio.get_running_loop().time)))


def asked(*plays_of_each):
    """What became of one call to models that play these, when each was asked, and why."""

    async def ask():
        began = asyncio.get_running_loop().time()
        ladder = Fallback([rested(*plays) for plays in plays_of_each])
        heard = await hear(ladder)
        fakes = [model.inner.inner for model in ladder.models]
        return heard, [[round(at - began) for at in fake.asked_at] for fake in fakes], [fake.kinds for fake in fakes]

    return run(ask())


def test_while_one_asks_for_rest_the_next_is_asked_at_once():
    heard, at, _ = asked([fails("rate_limit", retry_after=2.0)], [says("b")])
    assert (heard.text, at) == ("b", [[0], [0]])
    heard, at, _ = asked([fails("rate_limit", retry_after=0.1), says("a")], [says("b")])
    assert (heard.text, at) == ("a", [[0, 0], []])  # it is over sooner than anybody is asked again


def test_when_all_ask_for_rest_those_are_asked_again_whose_rest_is_over_in_that_order():
    first, second = fails("overloaded", retry_after=2.0), fails("overloaded", retry_after=1.0)
    heard, at, kinds = asked([first, says("a")], [second, says("b")])
    assert (heard.text, at, kinds) == ("b", [[0], [0, 1]], [["first"], ["fallback", "retry"]])
    heard, at, _ = asked([first, says("a")], [second, fails("refused")])
    assert (heard.text, at) == ("a", [[0, 2], [0, 1]])


def test_when_the_others_fail_otherwise_who_asked_for_rest_is_waited_for():
    heard, at, _ = asked([fails("rate_limit", retry_after=1.0), says("a")], [fails("refused")])
    assert (heard.text, at) == ("a", [[0, 1], [0]])
    heard, at, _ = asked([fails("rate_limit", retry_after=30.0)], [fails("refused")])
    assert (heard.failure, at) == ("resting", [[0], [0]])
