"""How often a message of one question is divided, and one of two is not: the words alone are read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import numpy as np

from assistant.answering.several import questions
from benchmarks.evaluation import sets
from benchmarks.evaluation.intervals import estimated
from benchmarks.evaluation.several_tongues import Tongue, tongues
from benchmarks.evaluation.tables import cell, table
from knowledge.evaluation.resampling import mean_of
from knowledge.languages import language_of_message

PAIRS = 1_000
PAIRS_OF_A_TONGUE = 300
SEED = 1
PART: sets.Part = "holdout"
# Longer ones are read as one question on purpose when there are two of them.
LONGEST_OF_A_PAIR = 110
UTTERANCES = {
    "sumo_questions_2023": "sumo_questions_2023/questions.jsonl.gz",
    "clinc_oos": "clinc_oos/utterances.jsonl",
    "banking77": "banking77/utterances.jsonl.gz",
}
# How two questions become one message; `bare` is without its mark.
FORMS: Mapping[str, Callable[[str, str], str]] = {
    "one after the other": lambda one, other: f"{one} {other}",
    "joined by `and`": lambda one, other: f"{_bare(one)} and {_lowered(other)}",
    "`1) … 2) …`": lambda one, other: f"1) {one} 2) {other}",
    "`1.` and `2.` on lines, without marks": lambda one, other: f"1. {_bare(one)}\n2. {_bare(other)}",
    "`-` on lines": lambda one, other: f"- {one}\n- {other}",
    "`a. … b. …`": lambda one, other: f"a. {one} b. {other}",
    "`I also want to know …`": lambda one, other: f"{one} I also want to know {_lowered(other)}",
    "`Another question: …`": lambda one, other: f"{one} Another question: {_lowered(other)}",
    "`Second, …`": lambda one, other: f"{one} Second, {_lowered(other)}",
    "`… btw …`": lambda one, other: f"{_bare(one)} btw {_lowered(other)}",
    "`…, plus, …`": lambda one, other: f"{_bare(one)}, plus, {_lowered(other)}",
}


def section(data: Path) -> str:
    """The tables of both."""
    told = (
        "Holdout parts. Sets of one question a message, in which some messages really ask several things; and pairs of "
        "banking77's questions of different intents, written in eleven ways. 95 % intervals by resampling messages; "
        "Wilson's where all fared alike."
    )
    rows = [*(_row(name, _divided(texts)) for name, texts in _single()), *(_row(*pair) for pair in _pairs())]
    others = (
        "Other languages: xquad's questions, and gnome_help's titles made into questions, each alone and in pairs of "
        "different articles. A list is `1. … 2. …` without marks."
    )
    return "\n\n".join(
        [
            "## Several questions in one message",
            told,
            table(("messages", "number", "divided"), rows),
            others,
            table(
                ("language", "alone", "divided", "pairs", "one after the other", "joined", "announced", "listed"),
                [_of_tongue(tongue) for tongue in tongues()],
            ),
        ]
    )


def _row(name: str, divided: Sequence[bool]) -> tuple[str, ...]:
    return name, str(len(divided)), _share(divided)


def _share(divided: Sequence[bool]) -> str:
    return cell(estimated(mean_of("divided"), {"divided": np.array(divided, dtype=float)}))


def _divided(texts: Sequence[str]) -> list[bool]:
    asked = (questions(text, language_of_message(text) or "en") for text in texts)
    return [sum(not part.doubtful for part in parts) > 1 for parts in asked]


def _single() -> Iterator[tuple[str, list[str]]]:
    yield "techqa", [question.text for question in sets.techqa() if question.part == PART]
    yield "mtrag_cloud, last turns", [turn.text for turn in sets.mtrag("last turn") if turn.part == PART]
    for name, path in UTTERANCES.items():
        yield name, [row["text"] for row in sets.rows(path) if sets.part_of(str(row["_id"])) == PART]


def _pairs() -> Iterator[tuple[str, list[bool]]]:
    """Whether each pair is divided, and right before its second question."""
    held = (row for row in sets.rows(UTTERANCES["banking77"]) if sets.part_of(str(row["_id"])) == PART)
    asked = [(row["text"].strip(), row["intent"]) for row in held]
    asked = [(text, intent) for text, intent in asked if _plain(text)]
    draw = Random(SEED)
    pairs = [draw.sample(asked, 2) for _ in range(PAIRS)]
    texts = [(first, second) for (first, one), (second, other) in pairs if one != other]
    for name, form in FORMS.items():
        yield f"banking77, {name}", [_apart(form(one, other), other) for one, other in texts]


def _of_tongue(tongue: Tongue) -> tuple[str, ...]:
    held = [question for question in tongue.questions() if question.part == PART]
    draw = Random(SEED)
    drawn = [draw.sample(held, 2) for _ in range(PAIRS_OF_A_TONGUE)]
    pairs = [(one.text, two.text) for one, two in drawn if one.articles != two.articles]
    pairs = [pair for pair in pairs if max(map(len, pair)) < LONGEST_OF_A_PAIR]
    forms: tuple[Callable[[str, str], str], ...] = (
        lambda one, two: f"{one} {two}",
        lambda one, two: f"{_bare(one)}{tongue.joined}{_lowered(two)}",
        lambda one, two: f"{one}{tongue.announced}{_lowered(two)}",
        lambda one, two: f"1. {_bare(one)}\n2. {_bare(two)}",
    )
    return (
        tongue.code,
        str(len(held)),
        _share([len(questions(question.text, tongue.code)) > 1 for question in held]),
        str(len(pairs)),
        *(_share([_apart(form(one, two), two, tongue.code) for one, two in pairs]) for form in forms),
    )


def _plain(text: str) -> bool:
    return text.endswith("?") and text.count("?") == 1 and "." not in text and len(text) < LONGEST_OF_A_PAIR


def _bare(text: str) -> str:
    return text.rstrip("?？ ")


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _apart(text: str, second: str, language: str = "en") -> bool:
    parts = questions(text, language)
    return len(parts) == 2 and _bare(parts[1].question).lower() == _bare(second).lower()
