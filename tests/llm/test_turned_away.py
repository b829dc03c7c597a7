"""Servers that turn a call away and say when to come back, through the whole gateway."""

import time

import pytest

from assistant.llm import gateway, health
from assistant.llm.port import ModelFailure
from tests.llm.test_gateway import complete, outcomes
from tests.llm.test_openai import ECHOED

LIMITS = {"429": "rate_limit", "529": "overloaded"}


async def test_a_server_that_asks_for_long_patience_is_passed_over(model_server):
    model_server.set(fault="429", retry_after="60")
    completion, _ = await complete()
    assert outcomes(completion) == ["rate_limit"]


@pytest.mark.parametrize("status", ["429", "529"])
async def test_the_next_message_is_not_sent_where_the_server_asked_for_rest(model_server, settings, status):
    settings.LLM_MODEL, settings.LLM_FALLBACK_MODELS = f"echo+{status}+retry_after:30", ["second"]
    assert outcomes((await complete())[0]) == [LIMITS[status], "ok"]
    completion, _ = await complete()
    assert (completion.text, completion.model, outcomes(completion)) == (ECHOED, "second", ["ok"])
    assert [request["model"] for request in model_server.requests] == [settings.LLM_MODEL, "second", "second"]


async def test_a_short_rest_is_waited_for_where_nobody_else_can_be_asked(model_server):
    health.of(gateway.entries()[0]).rest.note(ModelFailure("rate_limit", "as told", 1.0))
    began = time.monotonic()
    completion, _ = await complete()
    assert (completion.text, outcomes(completion)) == (ECHOED, ["ok"])
    assert time.monotonic() - began >= 1


async def test_a_long_rest_leaves_the_next_message_to_the_articles_at_once(model_server):
    model_server.set(fault="429", retry_after="60")
    await complete()
    completion, _ = await complete()
    assert (completion.failure, completion.records, len(model_server.requests)) == ("resting", (), 1)


@pytest.mark.parametrize("status", ["429", "503", "529"])
async def test_a_server_is_asked_again_when_it_says(model_server, status):
    model_server.set(fault=status, times=1, retry_after="1")
    began = time.monotonic()
    completion, _ = await complete()
    assert completion.text == ECHOED
    assert time.monotonic() - began >= 1


async def test_whoever_is_sent_away_for_a_while_is_answered_by_the_next_model_at_once(model_server, settings):
    settings.LLM_MODEL, settings.LLM_FALLBACK_MODELS = "echo+429+retry_after:2", ["second"]
    completion, _ = await complete()
    assert [(record.model, record.kind, record.outcome) for record in completion.records] == [
        (settings.LLM_MODEL, "first", "rate_limit"),
        ("second", "fallback", "ok"),
    ]


async def test_when_all_send_it_away_a_message_waits_for_whoever_is_back_first(model_server, settings):
    settings.LLM_MODEL, settings.LLM_FALLBACK_MODELS = "echo+429+retry_after:2", ["second+429+retry_after:1"]
    first, second = gateway.entries()
    completion, _ = await complete()
    assert [(record.model, record.kind) for record in completion.records] == [
        (first.name, "first"),
        (second.name, "fallback"),
        (second.name, "retry"),
        (first.name, "retry"),
    ]  # each once more, and no oftener
