"""What the log says of a model that fails."""

from functools import partial

import pytest
import structlog

from assistant.answers import CompletionRecord
from assistant.llm import health
from assistant.llm.breaker import Breaker
from assistant.llm.entries import Entry
from assistant.llm.failures import OUTCOMES, failure_words
from assistant.llm.port import NOT_MADE
from assistant.llm.telling import MOST_LINES, WINDOW_SECONDS, Telling
from tests.llm.test_gateway import complete, outcomes
from tests.llm.test_openai import PROMPT


@pytest.fixture
def told(caplog):
    """The events of all lines so far, each as it is written."""
    return lambda: [record.msg for record in caplog.records if record.name == "assistant.llm.telling"]


async def asked_in_a_turn():
    with structlog.contextvars.bound_contextvars(turn="turn-7"):
        return (await complete())[0]


async def test_a_refused_key_is_a_line_with_its_status_and_turn(model_server, told, settings):
    settings.OPENAI_API_KEY = "sk-of-nobody-else"
    model_server.set(fault="401")
    await asked_in_a_turn()
    (line,) = told()
    assert {"event": "model_call_failed", "level": "warning", "turn": "turn-7"}.items() <= line.items()
    assert (line["model"], line["outcome"], line["status"]) == ("small-model", "denied", 401)
    assert line["why"] == "HTTP 401: the key was refused"
    assert "sk-of-nobody-else" not in str(line)
    assert not any(message.content in str(line) for message in PROMPT.messages)


async def test_each_call_that_fails_is_a_line_and_the_breaker_one_as_it_opens_and_one_as_it_closes(
    model_server, told, monkeypatch
):
    now = [100.0]
    monkeypatch.setattr(health, "Breaker", partial(Breaker, lambda: now[0]))
    model_server.set(fault="500")
    for _ in range(3):
        await asked_in_a_turn()
    assert [line["event"] for line in told()] == ["model_call_failed"] * 3 + ["breaker_opened"]
    now[0] += 11
    await asked_in_a_turn()  # the one call that is let through fails: it was open all along
    assert [line["event"] for line in told()][4:] == ["model_call_failed"]
    now[0] += 11
    model_server.reset()
    assert outcomes(await asked_in_a_turn()) == ["ok"]
    assert [line["event"] for line in told()][5:] == ["breaker_closed"]
    assert {line["calls"] for line in told() if "breaker" in line["event"]} == {"answers"}


def test_in_a_minute_no_more_lines_than_can_be_read_and_the_next_says_how_many_were_left_out(told):
    now = [0.0]
    telling = Telling(lambda: now[0])
    for _ in range(MOST_LINES + 7):
        telling.of_call(CompletionRecord("answer", "m", "overloaded", status=503))
    assert len(told()) == MOST_LINES
    now[0] += WINDOW_SECONDS
    telling.of_call(CompletionRecord("answer", "m", "timeout"))
    assert told()[-1]["left_out_before"] == 7
    assert "status" not in told()[-1]


def test_what_a_caller_left_is_no_failure(told):
    for outcome in ("ok", "cancelled"):
        Telling().of_call(CompletionRecord("answer", "m", outcome))
    assert told() == []


def test_each_of_two_models_has_lines_of_its_own(told):
    for name in ("one", "other"):
        telling = health.of(Entry(name, "http://telling.example", "")).telling
        for _ in range(MOST_LINES + 1):
            telling.of_call(CompletionRecord("answer", name, "connect"))
    assert len(told()) == 2 * MOST_LINES


@pytest.mark.parametrize("outcome", [*OUTCOMES[1:], *sorted(NOT_MADE)])
def test_every_failure_has_words(outcome):
    assert failure_words(outcome).count(" ") > 1


@pytest.mark.parametrize(
    ("outcome", "status", "words"),
    [
        ("denied", 404, "HTTP 404: the model or the address is not known there"),
        ("refused", 400, "HTTP 400: the request was refused"),
        ("overloaded", 500, "HTTP 500: the server failed"),
        ("timeout", None, "no answer within the time"),
        ("of a later version", None, "of a later version"),
    ],
)
def test_a_status_is_told_with_what_it_means(outcome, status, words):
    assert failure_words(outcome, status) == words
