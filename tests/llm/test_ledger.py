import asyncio

import pytest

from assistant.llm.ledger import Ledger, tokens_of
from assistant.llm.port import Finished, Usage
from assistant.llm.prices import Price, prices, unpriced
from tests.llm.clock import run
from tests.llm.fakes import PROMPT, Fake, Purse, a_call, fails, hear, says

PRICE = Price(1.0, 10.0)


def kept(*plays, price=PRICE, until=lambda item: False, purse=None, **fields):
    """What was heard, the purse, and the call."""
    purse = purse or Purse()

    async def ask():
        call = a_call(payer=purse, **fields)
        return await hear(Ledger(Fake(*plays), "models.example", price), call, until), purse, call

    return run(ask())


def test_a_call_is_reserved_at_most_and_settled_as_counted():
    heard, purse, call = kept(says("It takes ", "five days.", after=2.0))
    assert heard.text == "It takes five days."
    (record,) = purse.records
    assert call.tally.records == [record]
    assert purse.reserved == [PRICE.of(tokens_of(PROMPT.messages[0].content) + 4, PROMPT.max_tokens)]
    assert (record.outcome, record.kind, record.provider, record.estimated) == ("ok", "first", "models.example", False)
    assert (record.prompt_tokens, record.completion_tokens, record.cost_usd) == (10, 2, 0.00003)
    assert (record.first_token_ms, record.total_ms) == (2000, 2000)


def test_what_the_server_does_not_count_is_estimated_and_said_so():
    _, purse, _ = kept(("It takes five days.", Finished(Usage(7, None))))
    (record,) = purse.records
    assert record.estimated
    assert (record.prompt_tokens, record.completion_tokens) == (10, 5)
    assert kept(says("a"), price=None)[1].records[0].cost_usd is None


@pytest.mark.parametrize(
    ("play", "outcome", "tokens"),
    [
        (fails("rate_limit"), "rate_limit", (0, 0)),
        (fails("connect"), "connect", (0, 0)),
        (fails("connect", "It takes"), "connect", (10, 2)),
        (fails("timeout"), "timeout", (10, 0)),
        (fails("malformed", "It takes"), "malformed", (10, 2)),
    ],
)
def test_a_failed_call_costs_what_the_server_did(play, outcome, tokens):
    _, purse, _ = kept(play)
    (record,) = purse.records
    assert (record.outcome, (record.prompt_tokens, record.completion_tokens)) == (outcome, tokens)


def test_who_leaves_or_is_cancelled_leaves_a_record():
    _, purse, _ = kept(says("It takes", " five days."), until=lambda item: item == "It takes")
    assert [(each.outcome, each.text) for each in purse.records] == [("cancelled", "It takes")]

    async def cancelled():
        purse = Purse()
        call = a_call(payer=purse)
        task = asyncio.create_task(hear(Ledger(Fake(says("a", after=5.0)), "models.example", PRICE), call))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        return purse.records, call.tally.records

    of_purse, of_tally = run(cancelled())
    assert [(each.outcome, each.total_ms) for each in of_purse] == [("cancelled", 1000)]
    assert of_tally == of_purse


def test_a_call_that_may_not_be_made_is_not_made():
    refused, purse, _ = kept(says("a"), purse=Purse(allows=0))
    assert (refused.failure, purse.records) == ("spent", [])
    assert kept(says("a"), most=0)[0].failure == "spent"
    late, purse, _ = kept(says("a"), patience=0.0)
    assert (late.failure, purse.reserved) == ("deadline", [])


def test_nobody_waits_for_the_money_longer_than_for_the_text():
    class Slow(Purse):
        async def reserve(self, *call):
            await asyncio.sleep(60)

    late, _, _ = kept(says("a"), purse=Slow(), patience=8.0)
    assert (late.failure, late.seconds) == ("deadline", 8)


def test_a_refused_call_leaves_room_for_a_cheaper_one():
    purse = Purse(allows=0)

    async def ask():
        call = a_call(payer=purse, most=1)
        dear, cheap = (Ledger(Fake(says("a")), "models.example", price) for price in (PRICE, None))
        refused = await hear(dear, call)
        purse.allows = 1
        return refused.failure, (await hear(cheap, call)).text, (await hear(cheap, call)).failure

    assert run(ask()) == ("spent", "a", "spent")


def test_prices_are_read_or_refused():
    assert prices(["gpt-5-mini=0.25/2", " @cf/meta/llama=3 = 0/0 ", ""]) == {
        "gpt-5-mini": Price(0.25, 2.0),
        "@cf/meta/llama=3": Price(0.0, 0.0),
    }
    for wrong in ("gpt", "gpt=1", "=1/2", "gpt=1/x", "gpt=-1/2", "gpt=nan/1", "gpt=1/2/3"):
        with pytest.raises(ValueError, match="LLM_PRICES"):
            prices([wrong])


def test_models_without_a_price_are_named_without_their_keys():
    models = ["small", "large@https://sk@models.example/v1", "", "other"]
    assert unpriced(models, ["small=1/2"]) == ["large", "other"]
    assert unpriced(models[:1], ["small=1/2", "older=1/2"]) == []
