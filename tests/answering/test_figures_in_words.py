"""Every figure that a page shows has words for people."""

import json
from pathlib import Path

import pytest

from assistant.answering import confidence, figures_in_words
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
