import asyncio

import pytest

from assistant.llm.deadline import Deadline
from assistant.llm.ledger import Ledger, most_usd
from assistant.llm.openai import OpenAIModel, close_clients
from assistant.llm.port import NOTHING, ChatMessage, Finished, Prompt, Thinking, Usage
from assistant.llm.prices import Price, prices, unpriced
from tests.llm.clock import run
from tests.llm.fakes import PROMPT, Fake, Purse, a_call, fails, hear, says
from tests.llm.test_openai import PROMPT as PASSAGES

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
    assert purse.reserved == [PRICE.of(len(PROMPT.messages[0].content) + 4, PROMPT.max_tokens)]
    assert (record.outcome, record.kind, record.provider, record.estimated) == ("ok", "first", "models.example", False)
    assert (record.prompt_tokens, record.completion_tokens, record.cost_usd) == (10, 2, 0.00003)
    assert (record.first_token_ms, record.total_ms) == (2000, 2000)


@pytest.mark.parametrize(
    "text", ["0182 9934 7121", "你们的退款政策是什么", "ကျေးဇူးတင်ပါတယ်", "<$>{}[]|~^", "Где мой заказ?"]
)
def test_enough_is_set_aside_for_a_tokenizer_that_knows_no_word_of_the_prompt(text):
    prompt = Prompt((ChatMessage("user", text),), "v1", max_tokens=7)
    assert most_usd(PRICE, prompt) >= PRICE.of(len(text.encode()), 7)


def test_what_the_server_does_not_count_is_estimated_and_said_so():
    _, purse, _ = kept(("It takes five days.", Finished(Usage(7, None))))
    (record,) = purse.records
    assert record.estimated
    assert (record.prompt_tokens, record.completion_tokens) == (10, 5)
    assert kept(says("a"), price=None)[1].records[0].cost_usd is None


@pytest.mark.parametrize(
    ("play", "tokens", "usd"),
    [
        (fails("rate_limit", usage=NOTHING), (0, 0), 0.0),
        (fails("cut", "It takes", usage=Usage(90, 2000)), (90, 2000), 0.02009),
        (fails("connect", "It takes"), (10, 2), "all"),
        (fails("timeout"), (10, 0), "all"),
        (fails("repeated", "It takes"), (10, 2), "all"),
    ],
)
def test_a_failed_call_costs_what_the_server_counted_or_else_all_that_was_set_aside(play, tokens, usd):
    _, purse, _ = kept(play)
    (record,) = purse.records
    assert record.outcome == play[-1].args[0]
    assert (record.prompt_tokens, record.completion_tokens) == tokens
    assert record.cost_usd == (purse.reserved[0] if usd == "all" else usd)
    assert record.estimated == (usd == "all")


def test_a_model_that_thinks_until_it_is_left_does_not_think_for_nothing():
    async def ask(until):
        purse = Purse()
        thinking = Fake((*[0.5, Thinking()] * 100,))
        model = Ledger(Deadline(thinking, 8.0, 10.0), "models.example", PRICE)
        asked = asyncio.create_task(hear(model, a_call(payer=purse, patience=16.0)))
        await asyncio.wait([asked], timeout=until)
        asked.cancel()
        await asyncio.wait([asked])
        return [(record.outcome, record.cost_usd == purse.reserved[0]) for record in purse.records]

    assert run(ask(until=None)) == [("timeout", True)]
    assert run(ask(until=3.0)) == [("cancelled", True)]


@pytest.mark.parametrize(
    ("fault", "outcome", "usage"),
    [
        ("toolong", "cut", (100, 2006)),
        ("toolong:3", "cut", (100, 2006)),
        ("filtered", "filtered", (100, 2006)),
        ("empty", "empty", (100, 2006)),
        ("cut:3", "malformed", None),
        ("reset:3", "connect", None),
        ("error:3", "overloaded", None),
        ("json", "malformed", None),
        ("429", "rate_limit", (0, 0)),
        ("500", "overloaded", (0, 0)),
        ("400", "refused", (0, 0)),
    ],
)
async def test_what_a_server_counted_is_paid_however_the_completion_ended(model_server, fault, outcome, usage):
    purse = Purse()
    model = OpenAIModel(f"echo+{fault}+unseen:2000", model_server.base_url, "key")
    await hear(Ledger(model, "models.example", PRICE), a_call(payer=purse), prompt=PASSAGES)
    await close_clients()
    (record,) = purse.records
    assert (record.outcome, record.estimated) == (outcome, usage is None)
    assert record.cost_usd == (purse.reserved[0] if usage is None else PRICE.of(*usage))


async def test_a_server_that_cannot_be_reached_costs_nothing(model_server):
    purse = Purse()
    await hear(Ledger(OpenAIModel("echo", "http://127.0.0.1:9/v1", "key"), "", PRICE), a_call(payer=purse))
    await close_clients()
    assert [(record.outcome, record.cost_usd) for record in purse.records] == [("connect", 0)]


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
