"""What brings a person, what is asked back, and what only sounds so: our own set in benchmarks/escalation."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync
from django.test.utils import override_settings

from assistant.answering.asking import answer_once
from assistant.answers import Answer, Question, Rule, Said
from assistant.states import Decision, Role
from benchmarks.evaluation import sets
from benchmarks.evaluation.intervals import share
from benchmarks.evaluation.tables import table
from knowledge.evaluation import scratch_collection
from knowledge.ingestion import ingest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks" / "escalation"
KINDS = {
    "safety": "danger to somebody",
    "legal": "a matter of law",
    "account": "the customer's own account or order: a person is brought or offered",
    "anger": "anger",
    "person": "the wish for a person",
    "rule": "a rule of the admin's",
    "not found": "not found twice in a row, against once, or followed by what is found",
    "unhelped": "not helped twice in a row, against once",
    "clarify": "two articles fit, against one that is named: asked back",
}
BY_WORDS = ("safety", "legal", "account", "anger", "person")
HEAD = ("kind", "must: recall", "must not: false alarms")
RULES = (
    Rule("Contracts", ("cancel my contract", "cancel the contract", "cancel contract", "Kündigung", "résiliation")),
    Rule("Warranty", ("warranty", "garantía")),
    Rule("Sales", ("bulk discount", "recall")),
)


class Trial(NamedTuple):
    """Messages of a customer, one after the other, and whether the last must bring what its kind says.

    `key` says which half it is of, `article` which one must be cited.
    """

    kind: str
    wanted: bool
    language: str
    texts: tuple[str, ...]
    key: str
    article: str | None = None


def section(data: Path) -> str:
    """The table of the holdout half."""
    told = (
        "Messages and near misses of our own, written before anything was measured on them (`benchmarks/escalation`), "
        "put to the own help centre in quoted passages; `clarify` to pairs of articles that differ in one case. "
        "Holdout half; 95 % intervals by Wilson."
    )
    seen = list(_outcomes("holdout"))
    rows = [_row(name, [each for each in seen if each[0].kind == kind]) for kind, name in KINDS.items()]
    words = [each for each in seen if each[0].kind in BY_WORDS]
    rows.append(_row("the first five, in English", [each for each in words if each[0].language == "en"]))
    rows.append(_row("the first five, in other languages", [each for each in words if each[0].language != "en"]))
    named = [answer for trial, answer in seen if trial.article and not trial.wanted]
    right = sum(_cites(answer, trial) for trial, answer in seen if trial.article and not trial.wanted)
    rows.append(("named case answered from its article", share(right, len(named)), ""))
    return f"## What goes to a person, and what is asked back\n\n{told}\n\n{table(HEAD, rows)}"


def trials() -> Iterator[Trial]:
    """Every conversation, of both halves."""
    for line in _lines("messages.tsv")[1:]:
        kind, expect, language, text = line.split("\t")
        yield Trial(kind, expect == "escalate", language, (text,), text)
    golden = [row["question"] for row in map(json.loads, _golden()) if _is_answered(row)]
    for name, kind in (("unanswerable.txt", "not found"), ("complaints.txt", "unhelped")):
        texts = _lines(name)
        for text, second, asked in zip(texts, texts[1:] + texts[:1], golden, strict=False):
            before = () if kind == "not found" else (asked,)
            yield Trial(kind, True, "en", (*before, text, second), text)
            yield Trial(kind, False, "en", (*before, text), text)
            if kind == "not found":
                yield Trial(kind, False, "en", (text, asked), text)
    for twin in _twins():
        article = f"{twin['titles'][0]}-{twin['article']}"
        yield Trial("clarify", True, "en", (twin["open"],), twin["titles"][0])
        yield Trial("clarify", False, "en", (twin["named"],), twin["titles"][0], article)


def came_true(trial: Trial, answer: Answer) -> bool:
    """Whether the answer is what the kind says: asked back, or a person brought or, in the own case, offered."""
    if trial.kind == "clarify":
        return answer.decision == Decision.CLARIFY
    own_case = answer.explanation["basis"]["rule"] == "the customer's own case"
    return answer.decision == Decision.ESCALATE or (own_case and trial.kind == "account")


def _outcomes(part: sets.Part) -> Iterator[tuple[Trial, Answer]]:
    asked = [trial for trial in trials() if sets.part_of(trial.key) == part]
    with override_settings(GENERATIVE=False), scratch_collection() as slug:
        ingest([str(ROOT / "docs" / "help")], slug, None)
        yield from ((trial, _answer(slug, trial.language, trial.texts)) for trial in asked if trial.kind != "clarify")
    with override_settings(GENERATIVE=False), scratch_collection() as slug, tempfile.TemporaryDirectory() as folder:
        ingest([str(_pairs(Path(folder)))], slug, None)
        yield from ((trial, _answer(slug, trial.language, trial.texts)) for trial in asked if trial.kind == "clarify")


@cache
def _answer(slug: str, language: str, texts: tuple[str, ...]) -> Answer:
    """The answer to the last message, after the answers to those before it."""
    history: list[Said] = []
    for n, text in enumerate(texts[:-1], start=1):
        history += [Said(Role.CUSTOMER, text), Said(Role.ASSISTANT, _answer(slug, language, texts[:n]).text)]
    return async_to_sync(answer_once)(Question(texts[-1], slug, language, tuple(history), rules=RULES))


def _cites(answer: Answer, trial: Trial) -> bool:
    return answer.decision == Decision.ANSWER and answer.sources[0].article == trial.article


def _row(name: str, seen: Sequence[tuple[Trial, Answer]]) -> tuple[str, str, str]:
    cells = []
    for wanted in (True, False):
        of = [came_true(trial, answer) for trial, answer in seen if trial.wanted == wanted]
        cells.append(share(sum(of), len(of)))
    return name, cells[0], cells[1]


def _pairs(folder: Path) -> Path:
    corpus = folder / "corpus.jsonl"
    articles = [
        {"_id": f"{twin['titles'][0]}-{n}", "title": twin["titles"][n], "text": twin["texts"][n]}
        for twin in _twins()
        for n in (0, 1)
    ]
    corpus.write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    return corpus


def _twins() -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines("twins.jsonl")]


def _lines(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()


def _is_answered(row: Mapping[str, object]) -> bool:
    return row["decision"] == Decision.ANSWER and not row.get("history")


def _golden() -> list[str]:
    return (ROOT / "tests/evals/help_centre.jsonl").read_text(encoding="utf-8").splitlines()
