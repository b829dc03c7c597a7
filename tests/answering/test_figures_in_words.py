"""Every figure that a page shows has words for people."""

import json
from pathlib import Path

import pytest

from assistant.answering import confidence, figures_in_words
from assistant.answers import CompletionRecord
from assistant.llm import extracts

READINGS = json.loads(Path(confidence.__file__).with_name("calibration.json").read_text(encoding="utf-8"))["local"]
READ = sorted({name for reading in ("subject", "answer") for name in READINGS[reading]["weights"]})


@pytest.mark.parametrize("name", [*READ, "subject", "answer"])
def test_what_confidence_reads_is_told_in_words(name: str) -> None:
    assert figures_in_words.confidence_words(name).count(" ") > 1


@pytest.mark.parametrize("name", sorted(extracts.weights()))
def test_what_counted_for_a_stretch_is_told_in_words(name: str) -> None:
    favoured, _ = figures_in_words.reasons([{name: 1.0}, {name: 0.0}], {name: 9.0})
    subject = name.removesuffix("_squared").removeprefix("marked_").replace("_", " ")
    assert favoured
    assert favoured[0] not in (f"+ {subject}", f"+ {name}")


def test_calls_for_the_answer_that_failed_are_told_by_model_and_how_often() -> None:
    kinds = [("one", "overloaded", 500), ("one", "overloaded", 500), ("one", "cancelled", None), ("two", "ok", None)]
    calls = [CompletionRecord("answer", model, outcome, status=status) for model, outcome, status in kinds]
    aside = CompletionRecord("rewrite", "one", "timeout")
    assert figures_in_words.failed_words([*calls, aside]) == ["one: HTTP 500: the server failed, 2 times"]


def test_a_model_that_was_passed_over_and_asked_later_was_asked() -> None:
    skipped = {"one": "busy", "two": "open", "three": "spent"}
    calls = [CompletionRecord("answer", "one", "ok"), CompletionRecord("answer", "three", "spent", scope="day")]
    assert figures_in_words.skipped_words(skipped, calls) == [
        "two: its last calls had failed",
        "three: no more calls, or costs, were allowed",
    ]
