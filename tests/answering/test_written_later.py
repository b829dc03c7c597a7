"""Anger and danger in many registers and languages, and what only sounds so: benchmarks/escalation/tuning.tsv."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering import guardrails
from assistant.states import Decision

FILE = Path(__file__).parents[2] / "benchmarks" / "escalation" / "tuning.tsv"
# Known to be read wrongly: what is wrong is told without a word of anger, or anger is about what the question asks.
MISREAD = {
    "This is totally out of order, you just charged me and vanished",
    "unbelievable!! two weeks without an answer",
    "This is driving me nuts, where is the dark mode?",
}


def rows(kind: str, expect: str) -> Iterator[tuple[str, str]]:
    for line in FILE.read_text(encoding="utf-8").splitlines()[1:]:
        of, wanted, language, text = line.split("\t")
        if (of, wanted) == (kind, expect):
            yield language, text


@pytest.mark.parametrize(("kind", "reason"), [("anger", "upset"), ("safety", "safety")])
def test_anger_and_danger_bring_a_person_in_every_language(kind, reason):
    for language, text in rows(kind, "escalate"):
        if text not in MISREAD:
            verdict = guardrails.read(text, language=language)
            assert verdict, text
            assert (verdict.decision, verdict.reason) == (Decision.ESCALATE, reason), text


@pytest.mark.parametrize("kind", ["anger", "safety"])
def test_what_only_sounds_so_brings_nobody(kind):
    for language, text in rows(kind, "answer"):
        verdict = guardrails.read(text, language=language)
        assert verdict is None or verdict.decision is not Decision.ESCALATE or text in MISREAD, text
