"""Questions in the words of a break-in, law, danger or anger that an article answers; and what does bring a person."""

import csv
from pathlib import Path

import pytest

from assistant.answering import guardrails, wording
from assistant.states import Decision

with Path(__file__).with_name("false_alarms.tsv").open(encoding="utf-8") as lines:
    MESSAGES = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("language", wording.tables())
@pytest.mark.parametrize("expect", ["article", "person"])
def test_what_is_asked_is_looked_up_and_what_is_told_brings_a_person(language, expect):
    said = [each["message"] for each in MESSAGES if (each["language"], each["expect"]) == (language, expect)]
    assert said
    assert [text for text in said if _brings_a_person(text, language) != (expect == "person")] == []


def _brings_a_person(text: str, language: str) -> bool:
    verdict = guardrails.read(text, language=language)
    return verdict is not None and verdict.decision is Decision.ESCALATE
