import asyncio

import pytest

from assistant.llm.concurrency import Limited, Places
from assistant.llm.fallback import Fallback
from assistant.llm.ledger import Ledger
from assistant.llm.port import Anew, ModelFailure
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


class World:
    """Models whose places others take, and whose servers send others away: both at moments in seconds."""

    def __init__(self, full, others):
        self.full, self.others = full, others
        self.fakes = []
        self.doings = []

    def model(self, number, plays):
        """One that is asked again where that may help, and left alone while its server wants that or it is full."""
        fake, rest, places = Fake(*plays), Rest(asyncio.get_running_loop().time), Places(1)
        self.fakes.append(fake)
        self.doings += [self._taken(places, *self.full[number])] if number in self.full else []
        self.doings += [self._sent_away(rest, *each) for each in self.others.get(number, [])]
        return Retry(Limited(Rested(Ledger(fake, "p", None), rest), places))

    async def _until(self, at):
        if at:
            await asyncio.sleep(at)

    async def _taken(self, places, since, until):
        await self._until(since)
        async with places.here():
            await asyncio.sleep(until - since)

    async def _sent_away(self, rest, at, seconds):
        await self._until(at)
        rest.note(ModelFailure("rate_limit", "another's", seconds))


def asked(*plays_of_each, full=None, others=None, **fields):
    """What became of one call to models that play these, in which of its whole seconds each was asked, and why.

    `full` is from when until when a model, by its number, has no place; `others` when others' calls of it were told to
    come back, and after how long.
    """

    async def ask():
        world = World(full or {}, others or {})
        ladder = Fallback([world.model(number, plays) for number, plays in enumerate(plays_of_each)])
        doings = [asyncio.ensure_future(doing) for doing in world.doings]
        await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        heard = await hear(ladder, a_call(**fields))
        for doing in doings:
            doing.cancel()
        fakes = world.fakes
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
    heard, at, _ = asked([fails("refused")], [sent_away(2.0), says("b")], most=2)
    assert (heard.failure, heard.seconds, at) == ("rate_limit", 0, [[0], [0]])
    heard, at, _ = asked([sent_away(2.0), says("a")], [fails("refused")], patience=2.0)
    assert (heard.failure, heard.seconds, at) == ("refused", 0, [[0], [0]])


def test_a_rest_that_others_lengthened_is_waited_for_and_its_first_call_is_no_retry():
    others = {0: [(0, 1.9)], 1: [(0, 0.8), (0.85, 1.0)]}
    heard, at, kinds = asked([fails("refused")], [says("b")], others=others)
    assert (heard.text, at[1], kinds[1]) == ("b", [2], ["fallback"])
    heard, _, kinds = asked([sent_away(1.0)], [fails("refused")], others={0: [(0, 1.0)]})
    assert (heard.failure, kinds[0]) == ("rate_limit", ["first", "retry"])


def test_a_rest_that_others_lengthen_for_ever_is_waited_for_only_so_long():
    for_ever = [(tenths / 10, 1.0) for tenths in range(200)]
    heard, at, _ = asked([says("a")], [says("b")], others={0: for_ever, 1: for_ever})
    assert (heard.failure, at, heard.seconds < 6) == ("resting", [[], []], True)


@pytest.mark.parametrize("rest", [1.0, 30.0])
def test_a_last_model_is_given_its_time_and_its_retry_unless_somebody_can_be_waited_for(rest):
    _, _, kinds = asked([sent_away(rest), fails("refused")], [fails("timeout"), says("b")])
    assert kinds[1] == (["fallback"] if rest == 1.0 else ["fallback", "retry"])


def test_one_that_has_no_place_is_waited_for_after_those_that_rest():
    heard, at, kinds = asked([sent_away(1.0), says("a")], [says("b")], full={1: (0, 5.0)})
    assert (heard.text, at) == ("a", [[0, 1], []])
    heard, at, kinds = asked([sent_away(1.0), fails("refused")], [says("b")], full={1: (0, 5.0)})
    assert (heard.text, at, kinds[1]) == ("b", [[0, 1], [5]], ["fallback"])


def test_who_has_no_place_takes_no_time_and_no_retry_from_the_last():
    heard, _, kinds = asked([says("a")], [fails("timeout"), says("b")], full={0: (0, 5.0)})
    assert (heard.text, kinds) == ("b", [[], ["fallback", "retry"]])


def test_each_that_had_no_place_is_waited_for_while_there_is_time():
    plays = [fails("refused")], [says("b")], [fails("refused")]
    heard, at, _ = asked(*plays, full={0: (0, 1.0), 1: (0, 2.0)})
    assert (heard.text, at) == ("b", [[1], [2], [0]])


def test_one_that_lost_its_place_before_its_retry_is_asked_once_more_and_not_twice():
    heard, at, kinds = asked([fails("connect")], [fails("refused")], full={0: (0.1, 2.0)})
    assert (heard.failure, at, kinds[0]) == ("connect", [[0, 2], [0]], ["first", "retry"])


def test_the_last_of_all_is_not_put_off():
    heard, at, _ = asked([fails("refused")], [says("b")], full={1: (0, 5.0)}, patience=2.0)
    assert (heard.failure, heard.seconds, at) == ("busy", 2.0, [[0], []])
