import pytest

from assistant.llm.deadline import Deadline
from assistant.llm.port import Thinking
from tests.llm.clock import run
from tests.llm.fakes import END, Fake, a_call, hear, says


def timed(*plays):
    return Deadline(Fake(*plays), first=8.0, gap=10.0)


def test_what_comes_in_time_is_passed_on():
    heard = run(hear(timed((7.0, "a", 9.0, "b", END))))
    assert (heard.text, heard.failure) == ("ab", "")


@pytest.mark.parametrize(
    ("play", "seconds"), [((9.0, "a", END), 8), ((1.0, "a", 11.0, "b", END), 11), ((1.0, "a", 11.0, END), 11)]
)
def test_silence_before_and_within_the_text_is_the_models_fault(play, seconds):
    model = timed(play)
    heard = run(hear(model))
    assert (heard.failure, heard.seconds) == ("timeout", seconds)
    assert model.inner.ends == ["left"]


def test_the_callers_deadline_is_not_the_models_fault():
    steady = timed((1.0, "a", *([5.0, "b"] * 20), END))

    async def asked():
        return await hear(steady, a_call(12.0))

    heard = run(asked())
    assert (heard.failure, heard.seconds, heard.text) == ("deadline", 12, "abb")


def test_patience_bounds_the_first_text_and_not_the_rest():
    async def asked(play):
        return await hear(timed(play), a_call(patience=3.0))

    assert run(asked((4.0, "a", END))).failure == "deadline"
    assert run(asked((2.0, "a", 9.0, "b", END))).text == "ab"


def thinks(seconds, *then):
    """Tells of its thinking once a second."""
    return (*(step for _ in range(seconds) for step in (1.0, Thinking())), *then)


def asked(play, **fields):
    async def ask():
        return await hear(timed(play), a_call(patience=16.0, **fields))

    return run(ask())


def test_a_model_that_thinks_is_alive_and_what_it_thinks_is_no_text():
    heard = asked(thinks(14, "a", END))
    assert (heard.items, heard.first_seconds) == (["a", END], 14)


def test_thinking_without_end_is_the_models_fault_once_patience_ends():
    heard = asked(thinks(60))
    assert (heard.failure, heard.seconds) == ("timeout", 16)
    heard = asked(thinks(60), seconds=5.0)
    assert (heard.failure, heard.seconds) == ("deadline", 5)


def test_a_model_that_stops_thinking_is_silent():
    heard = asked(thinks(3, 60.0))
    assert (heard.failure, heard.seconds) == ("timeout", 13)


def test_thinking_leaves_the_next_model_its_time_for_a_first_text():
    heard = asked(thinks(60), alternatives=1)
    assert (heard.failure, heard.seconds) == ("timeout", 8)

    async def patient():
        return await hear(timed(thinks(60)), a_call(patience=30.0, alternatives=1))

    assert run(patient()).seconds == 22


def test_thinking_within_a_text_is_no_silence_either():
    async def ask():
        return await hear(timed(("a", *thinks(12, "b", END))), a_call(patience=16.0))

    assert run(ask()).text == "ab"


def test_an_end_that_is_none_is_malformed():
    assert run(hear(timed(("a",)))).failure == "malformed"
    assert run(hear(timed(says("a")))).failure == ""
