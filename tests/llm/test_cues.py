"""What a heading says that its section is."""

import pytest

from assistant.llm.cues import cues


@pytest.mark.parametrize(
    ("heading", "language", "said"),
    [
        ("Overview", "en", "problem"),
        ("Overview for common boards", "en", "problem"),
        ("Board overview", "en", "topic"),
        ("What it keeps with an answer", "en", "topic"),
        ("2. Troubleshooting", "en", "answer"),
        ("Solution 1: press it", "en", "answer"),
        ("Select the cause", "en", "topic"),
        ("ROOT CAUSE", "en", "cause"),
        ("LOCAL FIX", "en", "answer"),
        ("Ursache", "de", "cause"),
        ("考えられる原因", "ja", "cause"),
    ],
)
def test_a_heading_is_of_the_class_that_it_begins_with(heading: str, language: str, said: str) -> None:
    assert cues(language).heading_class(heading) == said
