"""How much longer: eight of ten answers that took as long already were whole by then, or nothing is said."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import estimates
from assistant.answering.estimates import FEWEST, Call, Observed, observed_in, seconds_left
from assistant.conversations import services
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


def test_what_failed_before_an_answer_is_part_of_its_time() -> None:
    calls = [
        Call("a", 1, "small", "timeout", None, 8000.0),
        Call("a", 1, "large", "ok", 500.0, 2000.0),
        Call("b", 1, "small", "cancelled", None, 700.0),
        Call("b", 2, "small", "ok", None, 3000.0),
        Call("c", 1, "small", "timeout", None, 8000.0),
        Call("d", 1, "large", "ok", 1.0, 2.0),
        Call("e", 1, "small", "cancelled", None, 5.0),
    ]
    assert observed_in(calls, "small") == [Observed(8.5, 10.0), Observed(3.0, 3.0)]


@pytest.mark.django_db(transaction=True)
def test_the_last_hours_calls_are_read_once_in_a_while(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LLM_MODEL = "small"
    visitor = make_visitor(make_widget())
    turn = services.accept_message(None, visitor.session, client_id(), "one").turn_id
    calls = [
        Completion(turn_id=turn, attempt=number, model="small", outcome="ok", first_token_ms=5000.0, total_ms=9000.0)
        for number in range(FEWEST)
    ]
    Completion.objects.bulk_create([*calls, Completion(turn_id=turn, model="small", outcome="ok", purpose="rewrite")])
    recent = estimates.Recent()

    async def both() -> list[int | None]:
        first = await recent.seconds_left(4.0, heard=False)
        await asyncio.to_thread(Turn.objects.all().delete)
        return [first, await recent.seconds_left(4.0, heard=False)]

    monkeypatch.setattr(estimates, "READ_SECONDS", 30.0)
    assert async_to_sync(both)() == [5, 5]
