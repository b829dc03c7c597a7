import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.repetition import Repetition, goes_in_circles
from tests.llm.clock import run
from tests.llm.fakes import END, Fake, hear

SENTENCE = "Open the settings, choose Account and press Save to keep your new address. "
SECOND = "Then wait until the light is green before you unplug the cable from the board. "


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE * 4,
        "First this. " + (SENTENCE + SECOND) * 4,
        "Well, " + "very " * 50,
        "設定を開いて保存ボタンを押してください。" * 10,
        SENTENCE * 4 + "Open the settings, choose",
    ],
)
def test_circles(text):
    assert goes_in_circles(text)


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE * 3,
        "very " * 40,
        SENTENCE * 4 + "And that is all there is to say about it.",
        "".join(f"{number}. Open page {number}, choose Account and press Save to keep it.\n" for number in range(30)),
        "".join(f"| `key{number}` | Does what the key of this name has always done |\n" for number in range(30)),
        "".join(f"{SENTENCE}[{number}]\n" for number in range(9)),
        "| --- | --- |\n" * 40,
    ],
)  # fmt: skip
def test_tables_steps_and_what_ends_otherwise_are_no_circles(text):
    assert not goes_in_circles(text)


@given(st.lists(st.integers(0, 1000), unique=True, max_size=300))
def test_words_that_differ_are_no_circle(numbers):
    assert not goes_in_circles(" ".join(map(str, numbers)))


def test_a_model_in_circles_is_ended_and_another_is_not():
    words = SENTENCE.split(" ")
    heard = run(hear(Repetition(Fake((*(f"{word} " for word in words * 60), END)))))
    assert heard.failure == "repeated"
    assert len(heard.text) < len(SENTENCE) * 8
    assert run(hear(Repetition(Fake((SENTENCE, SECOND, END))))).text == SENTENCE + SECOND


def test_circles_are_seen_at_the_end_of_a_text_too():
    heard = run(hear(Repetition(Fake((*[SENTENCE] * 5, END)))))
    assert heard.failure == "repeated"
