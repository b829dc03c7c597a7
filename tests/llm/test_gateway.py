import asyncio

import pytest

from assistant.llm import gateway, health
from assistant.llm.entries import Entry
from assistant.llm.openai import close_clients
from assistant.llm.port import Earlier, earlier
from tests.llm.clock import run
from tests.llm.fakes import Fake, says
from tests.llm.test_openai import ECHOED, PROMPT


async def complete(seconds=20.0):
    """The completion, and every piece with its offset."""
    shown = []

    async def on_text(offset, text):
        shown.append((offset, text))

    try:
        deadline = asyncio.get_running_loop().time() + seconds
        return await gateway.complete(PROMPT, on_text, deadline), shown
    finally:
        await close_clients()


def outcomes(completion):
    return [record.outcome for record in completion.records]


async def test_the_primary_model_answers(model_server):
    completion, shown = await complete()
    assert (completion.text, completion.model, outcomes(completion)) == (ECHOED, "small-model", ["ok"])
    assert "".join(text for _, text in shown) == ECHOED
    record = completion.records[0]
    assert record.completion_tokens == 6
    assert 0 < record.first_token_ms <= record.total_ms


async def test_one_retry_then_the_answer(model_server):
    model_server.set(fault="500", times=1)
    completion, _ = await complete()
    assert (completion.text, outcomes(completion)) == (ECHOED, ["overloaded", "ok"])


async def test_a_broken_text_is_started_anew_and_never_continued(model_server):
    model_server.set(fault="reset", after=4, times=1)
    completion, shown = await complete()
    assert completion.text == ECHOED
    assert [offset for offset, _ in shown].count(0) == 2
    last = max(index for index, (offset, _) in enumerate(shown) if offset == 0)
    assert "".join(text for _, text in shown[last:]) == ECHOED


async def test_fallbacks_in_order(model_server, settings):
    settings.LLM_MODEL = "echo+500"
    settings.LLM_FALLBACK_MODELS = ["other+429", f"third@{model_server.base_url}"]
    completion, _ = await complete()
    assert completion.model == "third"
    assert [(record.model, record.kind, record.outcome) for record in completion.records] == [
        ("echo+500", "first", "overloaded"),
        ("echo+500", "retry", "overloaded"),
        ("other+429", "fallback", "rate_limit"),
        ("other+429", "retry", "rate_limit"),
        ("third", "fallback", "ok"),
    ]
    assert [request["model"] for request in model_server.requests] == [each.model for each in completion.records]


@pytest.mark.parametrize("fault", ["401", "filtered"])
async def test_what_will_not_pass_is_not_repeated(model_server, fault):
    model_server.set(fault=fault)
    completion, _ = await complete()
    assert completion.model is None
    assert len(completion.records) == 1


async def test_no_attempt_after_the_deadline(model_server):
    completion, _ = await complete(seconds=-1)
    assert (completion.records, completion.failure) == ((), "deadline")
    assert model_server.requests == []


async def test_a_model_that_thinks_longer_than_its_first_token_may_take_is_not_taken_for_silent(model_server, settings):
    await complete()  # which imports the client's library
    settings.FIRST_TOKEN_BUDGET_SECONDS, settings.MODELS_SECONDS = 1.0, 20.0
    settings.LLM_MODEL = "echo+thoughts:12+token:0.2"
    completion, shown = await complete()
    assert (completion.text, outcomes(completion), shown[0][0]) == (ECHOED, ["ok"], 0)
    assert completion.records[0].first_token_ms > 1_000


async def test_text_in_circles_is_ended_and_begun_anew(model_server):
    model_server.set(fault="circles", times=1)
    completion, shown = await complete()
    assert (completion.text, outcomes(completion)) == (ECHOED, ["repeated", "ok"])
    assert sum(len(text) for _, text in shown) < 5_000


async def test_beside_a_slow_request_goes_another_and_the_loser_is_cancelled_at_the_provider(model_server):
    pace = health.of(gateway.entries()[0]).pace
    for _ in range(40):
        pace.latencies.observe(0.2)
        pace.bucket.earn()
    model_server.set(fault="stall", times=1)
    completion, _ = await complete()
    assert completion.text == ECHOED
    first, second = completion.records
    assert (first.kind, first.outcome, second.kind, second.outcome) == ("first", "cancelled", "hedge", "ok")
    for _ in range(100):
        if model_server.app.open_streams == 0:
            break
        await asyncio.sleep(0.05)
    assert model_server.app.open_streams == 0


def composed(*models, seconds=43.0):
    """What the composed gateway makes of these models, with the seconds it took; waiting takes no time."""

    async def asked():
        health.seen.clear()
        entries = {Entry(model.name, "http://models.example", ""): model for model in models}
        clock, shown = asyncio.get_running_loop().time, []
        began = clock()

        async def on_text(offset, text):
            shown.append((offset, text))

        call = gateway.call_of(began + seconds, "answer", list(entries))
        completion = await gateway.completed(gateway.composed(list(entries), entries.get), PROMPT, on_text, call)
        return completion, shown, clock() - began

    return run(asked())


def test_all_models_silent_are_left_in_time_to_quote_the_articles_within_twenty_seconds():
    models = [Fake(says("late", after=100.0), name=name) for name in ("first", "second", "third", "fourth")]
    completion, _, seconds = composed(*models)
    assert (completion.model, completion.failure) == (None, "deadline")
    assert seconds == 16
    assert [(record.model, record.total_ms) for record in completion.records] == [("first", 8000), ("second", 8000)]
    assert composed(models[0])[2] == 16


async def test_what_was_silent_before_is_not_asked_again_and_its_silence_and_calls_count(settings):
    settings.LLM_MODEL, settings.LLM_FALLBACK_MODELS = "first", ["second", "third"]
    (first, *others), now = gateway.entries(), asyncio.get_running_loop().time()
    token = earlier.set(Earlier(frozenset({(first.name, first.provider)}), 8.0, 1))
    try:
        assert gateway.entries() == others
        call = gateway.call_of(now + 40, "answer")
        assert (call.patience, call.tally.begun) == (8, 1)
        settings.LLM_FALLBACK_MODELS = []
        assert gateway.entries() == [first]
    finally:
        earlier.reset(token)


def test_a_text_that_broke_off_late_gets_another_model():
    breaking = Fake((1.0, *["a", 4.0] * 6, 100.0), name="first")
    completion, shown, seconds = composed(breaking, Fake(says("whole", after=5.0), name="second"))
    assert (completion.text, completion.model, outcomes(completion)) == ("whole", "second", ["timeout", "ok"])
    assert [offset for offset, _ in shown] == [0, 1, 2, 3, 4, 5, 0]
    assert seconds == 36


def checks(seconds, *plays, apart=0.0):
    """What ten checks come to that have so many seconds each, how long they take, and who is found dead."""

    async def asked():
        health.seen.clear()
        entry = Entry("checker", "http://models.example", "")
        clock, seen, kinds = asyncio.get_running_loop().time, health.of(entry), []
        seen.checks.clock = clock
        model = gateway.checking(entry, 3.6, lambda entry: Fake(*plays, name="checker"))
        waited = 0.0
        for _ in range(10):
            began = clock()
            call = gateway.call_of(began + seconds, "check")
            kinds.append((await gateway.completed(model, PROMPT, gateway.unheard, call)).failure)
            waited += clock() - began
            await asyncio.sleep(apart)
        return kinds, round(waited, 1), (seen.checks.state, seen.breaker.state)

    return run(asked())


def test_a_silent_checker_is_soon_left_alone_and_may_still_answer():
    assert checks(4.0, (3600.0,)) == (["timeout"] * 3 + ["open"] * 7, 10.8, ("open", "closed"))
    rarely, waited, _ = checks(4.0, (3600.0,), apart=120.0)
    assert rarely == ["timeout"] * 3 + ["open"] * 2 + ["timeout"] + ["open"] * 2 + ["timeout", "open"]
    assert waited == 18


def test_a_checker_that_had_little_time_or_spoke_has_not_failed():
    assert checks(2.0, (3600.0,)) == (["deadline"] * 10, 20.0, ("closed", "closed"))
    assert checks(4.0, (1.0, "{", 3600.0)) == (["deadline"] * 10, 40.0, ("closed", "closed"))


def ladder(third_found_dead):
    """What is made of a message whose first model is slow and hedged; the third was found dead so many seconds ago."""

    async def asked():
        health.seen.clear()
        models = [Fake((100.0,), name="first"), Fake(says("whole"), name="second"), Fake(says("third"), name="third")]
        entries = {Entry(model.name, "http://models.example", ""): model for model in models}
        first, _, third = [health.of(entry) for entry in entries]
        clock = asyncio.get_running_loop().time
        for each in (first, third):
            each.breaker.clock = clock
        for _ in range(3):
            third.breaker.permit().end(failed=True)
        await asyncio.sleep(third_found_dead)
        for _ in range(40):
            first.pace.latencies.observe(0.5)
            first.pace.bucket.earn()
        call = gateway.call_of(clock() + 43, "answer", list(entries))
        completion = await gateway.completed(
            gateway.composed(list(entries), entries.get), PROMPT, gateway.unheard, call
        )
        return completion.text, [record.kind for record in completion.records]

    return run(asked())


def test_a_fallback_that_was_found_dead_long_ago_takes_no_calls_from_a_healthy_one():
    assert ladder(third_found_dead=7 * 24 * 3600.0) == ("whole", ["first", "hedge", "fallback"])
    assert ladder(third_found_dead=30.0)[1] == ["first", "hedge"]


def test_a_first_model_found_dead_is_an_outage_until_it_is_asked_again():
    async def asked():
        health.seen.clear()
        entries = [Entry(name, "http://models.example", "") for name in ("first", "second")]
        breaker = health.of(entries[0]).breaker
        breaker.clock = asyncio.get_running_loop().time
        for _ in range(3):
            breaker.permit().end(failed=True)
        await asyncio.sleep(24 * 3600.0)
        before = gateway.is_outage(entries), gateway.is_outage(entries[:1])
        breaker.permit().end(failed=False)
        return before, gateway.is_outage(entries)

    assert run(asked()) == ((True, True), False)


async def test_in_an_outage_a_message_makes_two_calls_at_most_and_soon_none(model_server, settings):
    settings.LLM_FALLBACK_MODELS = ["second", "third", "fourth"]
    model_server.set(fault="500")
    dead = health.of(gateway.entries()[0]).breaker
    for _ in range(3):
        dead.permit().end(failed=True)
    made = [[record.model for record in (await complete())[0].records] for _ in range(4)]
    assert made[0] == ["second", "third"]
    assert all(len(models) <= 2 for models in made)
    for _ in range(4):
        await complete()
    assert (await complete())[0].records == ()
    assert (await complete())[0].failure == "open"


async def test_a_key_goes_to_its_own_server_alone(model_server, settings):
    other = model_server.base_url.replace("127.0.0.1", "localhost")
    settings.LLM_MODEL = "echo+401"
    settings.LLM_FALLBACK_MODELS = [f"echo+401@{other}", f"@org/echo@{other.replace('://', '://its-own@')}"]
    completion, _ = await complete()
    assert (completion.model, completion.records[-1].provider) == ("@org/echo", f"localhost:{model_server.port}")
    sent = [recorded.headers["authorization"] for recorded in model_server.app.requests]
    assert sent == ["Bearer test-key", "Bearer none", "Bearer its-own"]


async def test_the_same_weather_every_time(model_server, settings):
    await complete()  # which imports the client's library
    settings.TOKEN_GAP_BUDGET_SECONDS = settings.FIRST_TOKEN_BUDGET_SECONDS = 1.5
    told = []
    for _ in range(2):
        health.seen.clear()
        model_server.reset()
        model_server.set(weather="flaky", seed=3)
        told.append([outcomes((await complete())[0]) for _ in range(12)])
    assert told[0] == told[1]
    assert len({tuple(each) for each in told[0]}) > 1
