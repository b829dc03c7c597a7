"""How much longer: eight of ten answers that took as long already were whole by then, or nothing is said."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import estimates
from assistant.answering.estimates import FEWEST, Asked, Call, Observed, observed_in, seconds_left
from assistant.conversations import services
from assistant.llm import gateway, health
from assistant.llm.port import ModelFailure
from assistant.models import Completion, Turn
from tests.cast import client_id, make_visitor, make_widget

pairs = st.tuples(st.floats(0.01, 60), st.floats(0, 60)).map(lambda pair: Observed(pair[0], pair[0] + pair[1]))


@given(st.lists(pairs, max_size=60), st.floats(0, 100), st.booleans())
def test_eight_of_ten_that_lasted_as_long_were_whole_by_then(
    observed: list[Observed], elapsed: float, heard: bool
) -> None:
    seconds = seconds_left(observed, elapsed, heard)
    lasting = [each.whole for each in observed if (each.whole if heard else each.first) > elapsed]
    if len(observed) < FEWEST or len(lasting) < estimates.FEWEST_LASTING:
        assert seconds is None
    else:
        assert seconds is not None
        assert sum(whole <= elapsed + seconds + 1e-9 for whole in lasting) >= 0.8 * len(lasting)
        assert seconds >= 1


def test_an_answer_that_goes_on_for_longer_than_any_before_is_not_estimated() -> None:
    observed = [Observed(1.0, 6.0)] * 40
    assert seconds_left(observed, 0.5, heard=False) == 6
    assert seconds_left(observed, 4.0, heard=True) == 2
    assert seconds_left(observed, 4.0, heard=False) is None
    assert seconds_left(observed[:19], 0.5, heard=False) is None


SMALL = Asked("small", "a")


def called(
    turn: str, after: float, model: str, outcome: str, first: float | None, whole: float, attempt: int = 1
) -> Call:
    """A call that is made `after` seconds; its times in seconds too."""
    made_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=after)
    return Call(
        turn, attempt, Asked(model, "a"), outcome, None if first is None else first * 1000, whole * 1000, made_at
    )


def test_what_failed_before_an_answer_is_part_of_its_time() -> None:
    calls = [
        called("a", 0, "small", "timeout", None, 8),
        called("b", 0, "small", "cancelled", None, 0.7),
        called("b", 1, "small", "ok", None, 3, attempt=2),
        called("c", 0, "small", "timeout", None, 8),
        called("d", 0, "large", "ok", 1, 2),
        called("e", 0, "small", "cancelled", None, 5),
        called("a", 8.25, "large", "ok", 0.5, 2),  # others ask meanwhile
    ]
    assert observed_in(calls)[SMALL] == [Observed(8.75, 10.25), Observed(3.0, 3.0), Observed(8.0, 8.0)]


def test_what_one_process_asked_in_vain_is_part_of_the_time_of_the_answer_that_another_went_on_to() -> None:
    calls = [
        called("a", 0, "small", "timeout", None, 8),
        called("b", 0, "small", "timeout", None, 8),
        called("b", 8.5, "large", "timeout", None, 8, attempt=2),
        called("c", 0, "small", "overloaded", None, 1),
        called("c", 0, "small", "ok", 2, 3, attempt=2),
        called("a", 8.5, "large", "ok", 0.5, 2, attempt=2),
        called("d", 0, "small", "overloaded", None, 1),
        called("d", 1, "large", "timeout", None, 8),
        called("d", 9, "small", "ok", 1, 2, attempt=2),
    ]
    in_vain, failed, joined = Observed(16.5, 16.5), Observed(1.0, 1.0), Observed(2.0, 3.0)
    went_on = [Observed(1.0, 2.0), Observed(10.0, 11.0)]
    assert observed_in(calls) == {
        SMALL: [Observed(9.0, 10.5), in_vain, failed, joined, *went_on],
        Asked("large", "a"): [Observed(0.5, 2.0), Observed(8.0, 8.0)],
    }


@pytest.mark.parametrize(
    ("second", "first", "whole"),
    [
        (called("a", 6, "small", "ok", 1, 2), 7, 8),  # it won
        (called("a", 6, "small", "cancelled", None, 3), 9, 10),
        (called("a", 6, "small", "overloaded", None, 0.5), 9, 10),
    ],
)
def test_calls_beside_each_other_are_waited_for_once(second: Call, first: float, whole: float) -> None:
    one = called("a", 0, "small", *(("cancelled", None, 7.5) if second.outcome == "ok" else ("ok", 9, 10)))
    assert observed_in([one, second])[SMALL] == [Observed(first, whole)]


def test_where_all_models_failed_the_articles_came_once_the_last_had() -> None:
    failed = [called("a", 0, "small", "timeout", None, 8), called("a", 8, "large", "deadline", None, 8)]
    cut = [called("b", 0, "small", "malformed", 2, 3), called("b", 3, "large", "cut", 1, 5)]
    left = [called("c", 0, "small", "timeout", None, 8), called("c", 8, "large", "cancelled", None, 1)]
    died = [called("d", 0, "small", "timeout", None, 8), called("d", 8, "large", "started", None, 0)]
    assert observed_in([*failed, *cut, *left, *died]) == {SMALL: [Observed(16, 16), Observed(8, 8)]}


@pytest.mark.django_db(transaction=True)
def test_the_last_hours_calls_are_read_once_in_a_while(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LLM_MODEL = "small@http://127.0.0.1:9/v1"
    visitor = make_visitor(make_widget())
    turn = services.accept_message(None, visitor.session, client_id(), "one").turn_id
    asked = {"model": "small", "provider": "127.0.0.1:9"}
    calls = [
        Completion(turn_id=turn, attempt=number, outcome="ok", first_token_ms=5000.0, total_ms=9000.0, **asked)
        for number in range(FEWEST)
    ]
    Completion.objects.bulk_create([*calls, Completion(turn_id=turn, outcome="ok", purpose="rewrite", **asked)])
    recent = estimates.Recent()

    async def both() -> list[int | None]:
        first = await recent.seconds_left(4.0, heard=False)
        await asyncio.to_thread(Turn.objects.all().delete)
        return [first, await recent.seconds_left(4.0, heard=False)]

    monkeypatch.setattr(estimates, "READ_SECONDS", 30.0)
    assert async_to_sync(both)() == [5, 5]


async def test_nothing_is_estimated_from_another_server_or_from_a_model_that_is_away(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "seen", {})
    settings.LLM_MODEL, settings.LLM_FALLBACK_MODELS = "small@http://a/v1", ["large@http://a/v1"]
    recent = estimates.Recent()
    recent.read_at = time.monotonic()
    recent.observed = {SMALL: [Observed(5.0, 9.0)] * FEWEST, Asked("large", "a"): [Observed(5.0, 20.0)] * FEWEST}
    assert await recent.seconds_left(4.0, heard=False) == 5
    health.of(gateway.entries()[0]).rest.note(ModelFailure("rate_limit", "as told", 30.0))
    assert await recent.seconds_left(4.0, heard=False) == 16
    settings.LLM_MODEL, settings.LLM_FALLBACK_MODELS = "small@http://b/v1", []
    assert await recent.seconds_left(4.0, heard=False) is None
