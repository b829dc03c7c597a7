"""How often a message of one question is divided, and one of two is not: the words alone are read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np

from assistant.answering.several import questions
from benchmarks.evaluation import sets
from benchmarks.evaluation.tables import cell, table
from knowledge.evaluation.resampling import estimate, mean_of
from knowledge.languages import language_of_message

PAIRS = 1_000
SEED = 1
# Longer ones are read as one question on purpose when there are two of them.
LONGEST_OF_A_PAIR = 110
UTTERANCES = {
    "sumo_questions_2023": "sumo_questions_2023/questions.jsonl.gz",
    "clinc_oos": "clinc_oos/utterances.jsonl",
    "banking77": "banking77/utterances.jsonl.gz",
}


def section(data: Path) -> str:
    """The table of both."""
    told = (
        "Holdout parts. Sets of one question a message, in which some messages really ask several things; and pairs of "
        "banking77's questions of different intents, written one after the other, or joined by `and`. 95 % intervals "
        "by resampling messages."
    )
    rows = [*(_row(name, _divided(texts)) for name, texts in _single()), *(_row(*pair) for pair in _pairs())]
    return f"## Several questions in one message\n\n{told}\n\n{table(('messages', 'number', 'divided'), rows)}"


def _row(name: str, divided: Sequence[bool]) -> tuple[str, ...]:
    column = {"divided": np.array(divided, dtype=float)}
    return name, str(len(divided)), cell(estimate(mean_of("divided"), column))


def _divided(texts: Sequence[str]) -> list[bool]:
    asked = (questions(text, language_of_message(text) or "en") for text in texts)
    return [sum(not part.doubtful for part in parts) > 1 for parts in asked]


def _single() -> Iterator[tuple[str, list[str]]]:
    yield "techqa", [question.text for question in sets.techqa() if question.part == "holdout"]
    yield "mtrag_cloud, last turns", [turn.text for turn in sets.mtrag("last turn") if turn.part == "holdout"]
    for name, path in UTTERANCES.items():
        yield name, [row["text"] for row in sets.rows(path) if sets.part_of(str(row["_id"])) == "holdout"]


def _pairs() -> Iterator[tuple[str, list[bool]]]:
    """Whether each pair is divided, and right before its second question."""
    held = (row for row in sets.rows(UTTERANCES["banking77"]) if sets.part_of(str(row["_id"])) == "holdout")
    asked = [(row["text"].strip(), row["intent"]) for row in held]
    asked = [(text, intent) for text, intent in asked if _plain(text)]
    draw = Random(SEED)
    pairs = [draw.sample(asked, 2) for _ in range(PAIRS)]
    texts = [(first, second) for (first, one), (second, other) in pairs if one != other]
    yield "banking77, one after the other", [_apart(f"{one} {other}", other) for one, other in texts]
    joined = ((f"{one.rstrip('? ')} and {other[0].lower()}{other[1:]}", other) for one, other in texts)
    yield "banking77, joined by `and`", [_apart(text, other) for text, other in joined]


def _plain(text: str) -> bool:
    return text.endswith("?") and text.count("?") == 1 and "." not in text and len(text) < LONGEST_OF_A_PAIR


def _apart(text: str, second: str) -> bool:
    parts = questions(text)
    return len(parts) == 2 and parts[1].question.lower() == second.lower()
