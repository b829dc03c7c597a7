"""Figures of answers on a set of questions with known outcomes. The figures are pure functions."""

import json
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync

from assistant.answering.asking import answer_json, answer_once
from assistant.answers import Answer, AnswerUnavailable, Question, Said
from assistant.conversations.policy import rules_for
from assistant.states import Decision, Role

CALIBRATION_BINS = 10
_ARTICLES = frozenset({"a", "an", "the"})
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation, " "))


class UnusableInput(Exception):
    """The file of questions cannot be read; the message says where and why."""


@dataclass(frozen=True)
class Case:
    """A question with what is known of it; what is not known is None."""

    id: str
    text: str
    history: tuple[Said, ...] = ()
    expect: Decision | None = None
    answer: str | None = None
    articles: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Result:
    """A case and the answer that it got; None when it could not be run."""

    case: Case
    answer: Answer | None


def read_cases(path: Path) -> list[Case]:
    """The questions of a JSON-lines file. Raises UnusableInput."""
    try:
        # Not splitlines: other line breaks than the line feed may stand within a text.
        lines = path.read_text(encoding="utf-8").split("\n")
        return [_case(json.loads(line), number) for number, line in enumerate(lines, start=1) if line.strip()]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UnusableInput(f"{path}: {error}") from error


def run(cases: Sequence[Case], collection: str) -> Iterator[Result]:
    """Answers each case with the real code; nothing of it is stored. Raises UnknownCollection."""
    rules = rules_for(None)
    for case in cases:
        question = Question(case.text, collection, history=case.history, rules=rules)
        try:
            yield Result(case, async_to_sync(answer_once)(question))
        except AnswerUnavailable:
            yield Result(case, None)


def as_line(result: Result) -> dict[str, Any]:
    """One line of `--out`: the shape of `ask --json` plus `_id`, without turn and conversation."""
    kept = {"turn": None, "conversation": None}
    return {
        "_id": result.case.id,
        **(answer_json(result.answer) if result.answer else {"error": "unavailable"}),
        **kept,
    }


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """The contract's figures; one that the cases cannot give is None."""
    answered = [(r.case, r.answer) for r in results if r.answer is not None]
    judged = [(case.expect, answer) for case, answer in answered if case.expect is not None]
    graded = [
        (answer.confidence, case.expect is Decision.ANSWER) for case, answer in answered if _answer_or_abstain(case)
    ]
    return {
        "decision_accuracy": mean([float(expect == answer.decision) for expect, answer in judged]),
        "abstention": _precision_recall(
            [(answer.decision != Decision.ANSWER, expect != Decision.ANSWER) for expect, answer in judged]
        ),
        "auroc": auroc(graded),
        "calibration_error": calibration_error(graded),
        "citation": _citation(answered),
        "token_f1": mean([token_f1(answer.text, case.answer) for case, answer in answered if case.answer is not None]),
        "latency_ms": _latency([float(answer.timings_ms["total"]) for _, answer in answered]),
        "questions": len(results),
    }


def mean(values: Sequence[float]) -> float | None:
    """None of nothing."""
    return sum(values) / len(values) if values else None


def token_f1(answer: str, reference: str) -> float:
    """Harmonic mean of precision and recall over words, case, punctuation and English articles aside; 0..1."""
    said, wanted = Counter(_tokens(answer)), Counter(_tokens(reference))
    shared = (said & wanted).total()
    if not said or not wanted:
        return float(said == wanted)
    return 2 * shared / (said.total() + wanted.total())


def auroc(graded: Sequence[tuple[float, bool]]) -> float | None:
    """Chance that a true case has the higher confidence than a false one, ties counting half; None without both."""
    positive = [confidence for confidence, truth in graded if truth]
    negative = [confidence for confidence, truth in graded if not truth]
    if not positive or not negative:
        return None
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


def calibration_error(graded: Sequence[tuple[float, bool]]) -> float | None:
    """Mean distance between confidence and truth over ten bins of confidence, weighted by their cases."""
    if not graded:
        return None
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(CALIBRATION_BINS)]
    for confidence, truth in graded:
        bins[min(int(confidence * CALIBRATION_BINS), CALIBRATION_BINS - 1)].append((confidence, truth))
    distances = (abs(sum(c for c, _ in held) - sum(t for _, t in held)) for held in bins)
    return sum(distances) / len(graded)


def _case(row: Any, number: int) -> Case:
    try:
        return Case(
            id=str(row["_id"]),
            text=str(row["text"]),
            history=tuple(Said(Role(said["role"]), str(said["text"])) for said in row.get("history") or ()),
            expect=Decision(row["expect"]) if row.get("expect") else None,
            answer=str(row["answer"]) if row.get("answer") else None,
            articles=tuple(str(article) for article in row["articles"]) if row.get("articles") is not None else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableInput(f"line {number}: {error!r}") from error


def _answer_or_abstain(case: Case) -> bool:
    return case.expect in (Decision.ANSWER, Decision.ABSTAIN)


def _precision_recall(pairs: Sequence[tuple[bool, bool]]) -> dict[str, float | None]:
    """Of (said, true) pairs."""
    hits = sum(said and true for said, true in pairs)
    said, true = sum(said for said, _ in pairs), sum(true for _, true in pairs)
    return {"precision": hits / said if said else None, "recall": hits / true if true else None}


def _citation(answered: Sequence[tuple[Case, Answer]]) -> dict[str, float | None]:
    """Over answers whose articles are known: cited articles that are right, right articles that are cited."""
    hits = cited = known = 0
    for case, answer in answered:
        if case.articles is None or answer.decision != Decision.ANSWER:
            continue
        found, wanted = {source.article for source in answer.sources}, set(case.articles)
        hits, cited, known = hits + len(found & wanted), cited + len(found), known + len(wanted)
    return {"precision": hits / cited if cited else None, "recall": hits / known if known else None}


def _latency(totals: Sequence[float]) -> dict[str, float | None]:
    ordered = sorted(totals)
    if not ordered:
        return {"p50": None, "p95": None}
    return {
        name: ordered[min(int(len(ordered) * share), len(ordered) - 1)] for name, share in (("p50", 0.5), ("p95", 0.95))
    }


def _tokens(text: str) -> list[str]:
    return [word for word in text.lower().translate(_PUNCTUATION).split() if word not in _ARTICLES]
