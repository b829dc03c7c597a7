import asyncio

from assistant.llm import health
from assistant.llm.concurrency import Limited, Places
from assistant.llm.entries import Entry
from assistant.llm.fallback import Fallback
from tests.llm.clock import run
from tests.llm.fakes import Fake, a_call, fails, hear, says


def test_calls_wait_for_a_place():
    async def asked():
        model = Limited(Fake(says("a", after=2.0)), Places(2))
        heard = await asyncio.gather(*(hear(model) for _ in range(5)))
        return [each.seconds for each in heard]

    assert run(asked()) == [2, 2, 4, 4, 6]


def test_nobody_waits_past_the_time_for_a_first_text_and_a_hedge_not_at_all():
    async def asked():
        model = Limited(Fake(says("a", after=30.0)), Places(1))
        taken = asyncio.create_task(hear(model))
        await asyncio.sleep(0)
        waited = await hear(model, a_call(patience=3.0))
        at_once = await hear(model, a_call(kind="hedge"))
        await taken
        return (waited.failure, waited.seconds), (at_once.failure, at_once.seconds)

    assert run(asked()) == (("busy", 3), ("busy", 0))


def test_while_others_are_left_to_ask_nobody_waits():
    async def asked():
        taken = Limited(Fake(says("a", after=30.0)), Places(1))
        ladder = Fallback([taken, Fake(fails("connect")), Fake(says("b", after=1.0))])
        first = asyncio.create_task(hear(taken))
        await asyncio.sleep(0)
        heard, alone = await hear(ladder), await hear(Fallback([taken]))
        await first
        return (heard.text, heard.seconds), (alone.text, alone.seconds)

    assert run(asked()) == (("b", 1), ("a", 59))


def test_a_full_model_is_waited_for_once_those_that_are_left_have_failed():
    async def asked():
        taken = Limited(Fake(says("a", after=1.0)), Places(1))
        ladder = Fallback([taken, Fake(fails("open")), Fake(fails("malformed", "half"))])
        first = asyncio.create_task(hear(taken))
        await asyncio.sleep(0)
        heard = await hear(ladder)
        await first
        return heard.text, heard.seconds, ladder.models[1].kinds

    assert run(asked()) == ("a", 2, ["fallback"])


def test_where_all_are_full_the_last_is_waited_for_first():
    async def asked():
        ladder = Fallback(
            [Limited(Fake(says("a", after=99.0)), Places(1)), Limited(Fake(says("b", after=1.0)), Places(1))]
        )
        others = [asyncio.create_task(hear(model)) for model in ladder.models]
        await asyncio.sleep(0)
        heard = await hear(ladder)
        await asyncio.gather(*others)
        return heard.text, heard.seconds

    assert run(asked()) == ("b", 2)


def test_who_leaves_gives_the_place_back():
    async def asked():
        model = Limited(Fake(says("a", "b", after=1.0)), Places(1))
        leaving = asyncio.create_task(hear(model))
        waiting = asyncio.create_task(hear(model))
        await asyncio.sleep(0.5)
        leaving.cancel()
        await asyncio.sleep(0)
        await hear(model, until=lambda item: item == "a")
        return (await waiting).text, (await hear(model)).seconds

    assert run(asked()) == ("ab", 1)


def test_each_loop_has_its_own():
    places = Places(1)
    model = Limited(Fake(says("a")), places)
    assert [run(hear(model)).text for _ in range(3)] == ["a", "a", "a"]


def test_models_of_one_provider_share_its_places(monkeypatch):
    monkeypatch.setattr(health, "seen", {})
    one, other, elsewhere = (
        Entry(name, address, "key")
        for name, address in (("a", ""), ("b", "https://api.openai.com/v1/"), ("a", "https://models.example/v1"))
    )
    assert health.of(one).places is health.of(other).places
    assert health.of(one).places is not health.of(elsewhere).places
    assert health.of(one).breaker is not health.of(other).breaker
