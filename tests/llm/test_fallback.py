import asyncio

import pytest

from assistant.llm.fallback import Fallback
from assistant.llm.ledger import Ledger
from assistant.llm.port import Anew
from assistant.llm.rest import Rest, Rested
from assistant.llm.retry import Retry
from tests.llm.clock import run
from tests.llm.fakes import END, Fake, a_call, fails, hear, says


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
    return Retry(Rested(Ledger(Fake(*plays), "p", None), Rest(asyncio.get_running_loop().time)))


def asked(*plays_of_each, **fields):
    """What became of one call to models that play these, in which of its whole seconds each was asked, and why."""

    async def ask():
        began = asyncio.get_running_loop().time()
        ladder = Fallback([rested(*plays) for plays in plays_of_each])
        heard = await hear(ladder, a_call(**fields))
        fakes = [model.inner.inner.inner for model in ladder.models]
        return heard, [[int(at - began) for at in fake.asked_at] for fake in fakes], [fake.kinds for fake in fakes]

    return run(ask())


def sent_away(seconds, kind="rate_limit", **more):
    return fails(kind, retry_after=seconds, **more)


def test_while_one_asks_for_rest_the_next_is_asked_at_once():
    heard, at, _ = asked([sent_away(2.0)], [says("b")])
    assert (heard.text, at) == ("b", [[0], [0]])


def test_a_rest_that_is_over_as_soon_as_it_is_asked_again_anyway_sends_nobody_elsewhere():
    heard, at, _ = asked([sent_away(0.1), says("a")], [says("b")])
    assert (heard.text, at) == ("a", [[0, 0], []])
    heard, at, kinds = asked([sent_away(0.1)], [sent_away(1.0), says("b")])
    assert (heard.text, kinds[0]) == ("b", ["first", "retry"])  # twice, as ever


def test_when_all_ask_for_rest_each_is_asked_once_more_and_whose_rest_is_over_first():
    heard, at, kinds = asked([sent_away(2.0), says("a")], [sent_away(1.0, "overloaded"), says("b")])
    assert (heard.text, at, kinds) == ("b", [[0], [0, 1]], [["first"], ["fallback", "retry"]])
    heard, at, _ = asked([sent_away(2.0), says("a")], [sent_away(1.0), fails("refused")])
    assert (heard.text, at) == ("a", [[0, 2], [0, 1]])
    heard, _, kinds = asked([sent_away(2.0)], [sent_away(1.0)])
    assert (heard.failure, kinds) == ("rate_limit", [["first", "retry"], ["fallback", "retry"]])


def test_when_the_others_fail_otherwise_who_asked_for_a_short_rest_is_waited_for():
    heard, at, _ = asked([sent_away(1.0), says("a")], [fails("refused")])
    assert (heard.text, at) == ("a", [[0, 1], [0]])
    heard, _, kinds = asked([sent_away(1.0)], [fails("refused", after=2.0)])  # its rest is over by then
    assert (heard.failure, kinds[0]) == ("rate_limit", ["first", "retry"])
    heard, at, _ = asked([sent_away(30.0)], [fails("refused")])
    assert (heard.failure, at) == ("refused", [[0], [0]])
    heard, at, _ = asked([fails("denied", retry_after=1.0)], [fails("refused", retry_after=1.0)])
    assert (heard.failure, at) == ("refused", [[0], [0]])


def test_none_is_asked_a_third_time():
    heard, _, kinds = asked([fails("connect"), *[sent_away(1.0)] * 2], [fails("refused")])
    assert (heard.failure, kinds[0]) == ("refused", ["first", "retry"])
    heard, _, kinds = asked([sent_away(0.1), *[sent_away(1.0)] * 2], [fails("refused")])
    assert (heard.failure, kinds[0]) == ("refused", ["first", "retry"])


def test_whose_rest_is_over_goes_before_who_was_not_asked_yet():
    silent = fails("timeout", after=8.0)
    heard, at, kinds = asked([sent_away(1.0), says("a")], [silent], [says("c")])
    assert (heard.text, at, kinds[0]) == ("a", [[0, 8], [0], []], ["first", "retry"])
    heard, at, _ = asked([sent_away(1.0), says("a")], [fails("refused")], [says("c")])
    assert (heard.text, at) == ("c", [[0], [0], [0]])


def test_where_no_call_may_be_made_any_more_nobody_waits_for_one():
    heard, at, _ = asked([sent_away(2.0), says("a")], [fails("refused")], most=2)
    assert (heard.failure, heard.seconds, at) == ("refused", 0, [[0], [0]])
    heard, at, _ = asked([sent_away(2.0), says("a")], [fails("refused")], patience=2.0)
    assert (heard.failure, heard.seconds, at) == ("refused", 0, [[0], [0]])


@pytest.mark.parametrize("rest", [1.0, 30.0])
def test_a_last_model_is_given_its_time_and_its_retry_unless_somebody_can_be_waited_for(rest):
    _, _, kinds = asked([sent_away(rest), fails("refused")], [fails("timeout"), says("b")])
    assert kinds[1] == (["fallback"] if rest == 1.0 else ["fallback", "retry"])


def test_one_that_has_no_place_is_waited_for_after_those_that_rest():
    heard, at, kinds = asked([sent_away(1.0), says("a")], [fails("busy"), says("b")])
    assert (heard.text, at) == ("a", [[0, 1], [0]])
    heard, at, kinds = asked([sent_away(1.0), fails("refused")], [fails("busy"), says("b")])
    assert (heard.text, at, kinds[1]) == ("b", [[0, 1], [0, 1]], ["fallback", "fallback"])


def test_who_has_no_place_takes_no_time_and_no_retry_from_the_last():
    _, _, kinds = asked([fails("busy"), fails("refused")], [fails("timeout"), says("b")])
    assert kinds == [["first"], ["fallback", "retry"]]


def test_each_that_had_no_place_is_waited_for_while_there_is_time():
    heard, _, kinds = asked([fails("busy"), fails("refused")], [fails("busy"), says("b")], [fails("refused")])
    assert (heard.text, kinds) == ("b", [["first"] * 2, ["fallback"] * 2, ["fallback"]])


def test_the_last_of_all_is_not_put_off():
    heard, at, _ = asked([fails("refused")], [fails("busy"), says("b")])
    assert (heard.failure, at) == ("busy", [[0], [0]])
