"""How the benchmark changes a sentence: into one that the language could have."""

from random import Random

import pytest

from benchmarks.evaluation.grounding_languages import _changed


@pytest.mark.parametrize(
    ("language", "sentence", "changed"),
    [
        ("ru", "Что случилось в 1992 году?", "Что случилось в 1992 месяце?"),
        ("ru", "Это длилось 1 год.", "Это длилось 1 месяц."),
        ("ru", "Какой труд был опубликован в 1520 годах?", None),
        ("de", "Warten Sie 5 Minuten.", "Warten Sie 5 Stunden."),
        ("zh", "在1990年完成", "在1990月完成"),
    ],
)
def test_a_unit_of_time_becomes_another_word_and_no_half_of_one(
    language: str, sentence: str, changed: str | None
) -> None:
    assert _changed(sentence, "unit", language, Random(1)) == changed
