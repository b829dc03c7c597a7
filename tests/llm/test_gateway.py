import asyncio

import pytest

from assistant.llm import gateway
from assistant.llm.openai import close_clients
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


@pytest.mark.parametrize("fault", ["401", "filtered", "error"])
async def test_what_will_not_pass_is_not_repeated(model_server, fault):
    model_server.set(fault=fault)
    completion, _ = await complete()
    assert completion.model is None
    assert len(completion.records) == 1


async def test_a_server_that_asks_for_long_patience_is_passed_over(model_server):
    model_server.set(fault="429", retry_after="60")
    completion, _ = await complete()
    assert outcomes(completion) == ["rate_limit"]


async def test_no_attempt_after_the_deadline(model_server):
    completion, _ = await complete(seconds=-1)
    assert (completion.records, completion.failure) == ((), "deadline")
    assert model_server.requests == []
