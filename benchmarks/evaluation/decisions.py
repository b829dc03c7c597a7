"""What is answered, and how sure the product says it is: questions of techqa's help centre, and of others.

Confidences are those of questions that were looked up: a message that needs no article has none.
"""

import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from assistant.answering import guardrails
from assistant.answering.evaluation import Case, run
from assistant.answering.figures import auroc, calibration_error
from assistant.answering.thresholds import recommended_cost, threshold
from assistant.answers import ASKED, Answer
from assistant.states import Decision
from benchmarks.evaluation import sets
from benchmarks.evaluation.corpora import ingested
from benchmarks.evaluation.intervals import estimated
from benchmarks.evaluation.tables import cell, table
from knowledge.evaluation.resampling import Columns, Figure, mean_of
from knowledge.models import Collection

# Of the long sets, evenly spread over the holdout part.
FOREIGN_QUESTIONS = 400
# Our own: by language, written before the learned acts were measured on it.
COMPANY = Path(__file__).parents[1] / "acts" / "company.tsv"
# What a wrong answer costs, in unneeded handoffs, beside what is recommended.
COSTS = (1.5, 2.5, 4.0, 9.0)
COSTS_TOLD = "What is answered at which cost of a wrong answer, in unneeded handoffs; first the recommended one."
# Both bring one; nlupp_banking labels anger at the assistant "handoff", too.
BRINGS_PERSON = (ASKED, guardrails.UPSET)
# And it so labels customers who refuse a person: "you don't need to transfer me". Those are to be left alone.
REFUSES = re.compile(r"\b(?:don't|dont|do not)\b(?: \w+){0,3} transfer me\b", re.I)


class Asked(NamedTuple):
    """A question of a set, the articles that answer it, and what the product said."""

    kind: str
    group: str
    answer: Answer
    right: frozenset[str] = frozenset()

    @property
    def looked_up(self) -> bool:
        """Whether its confidence is that of what was found."""
        return self.answer.timings_ms.get("retrieve", 0) > 0 and self.answer.reason != guardrails.SMALL_TALK_REASON

    @property
    def answered(self) -> bool:
        return self.answer.decision == Decision.ANSWER

    @property
    def from_an_article(self) -> bool:
        return self.answered and bool(self.answer.sources)

    @property
    def rightly(self) -> bool:
        return self.answered and any(source.article in self.right for source in self.answer.sources)


def section(data: Path) -> str:
    """Confidence and decisions on techqa's collection, and the wish for a person."""
    slug = ingested(data, "techqa")
    asked = [*_techqa(slug), *_foreign(slug)]
    told = (
        "Holdout parts, asked of techqa's articles, answers in quoted passages. 95 % intervals by resampling articles; "
        "Wilson's where all that is asked fared alike."
    )
    rows = [*_confidence_rows(asked), *_decision_rows(asked), *_person_rows(), *_company_rows()]
    figures = table(("figure", "questions", "value", "goal"), rows)
    return f"## Decisions\n\n{told}\n\n{figures}\n\n{COSTS_TOLD}\n\n{_by_cost(asked)}"


def _techqa(slug: str) -> Iterator[Asked]:
    questions = [question for question in sets.techqa() if question.part == "holdout"]
    kinds = ["answerable" if question.articles else "unanswerable" for question in questions]
    texts = [question.text for question in questions]
    for kind, question, answer in zip(kinds, questions, _answers(texts, slug), strict=True):
        yield Asked(kind, sets.group_of(question), answer, frozenset(question.articles))


def _foreign(slug: str) -> Iterator[Asked]:
    """Questions about another product, and requests to an assistant that sells nothing."""
    support = [row for row in sets.rows("sumo_questions_2023/questions.jsonl.gz") if row["locale"] == "en-US"]
    for kind, rows in (("sumo", support), ("clinc", list(sets.rows("clinc_oos/utterances.jsonl")))):
        held = [row for row in rows if sets.part_of(str(row["_id"])) == "holdout"]
        picked = held[:: max(1, len(held) // FOREIGN_QUESTIONS)]
        for row, answer in zip(picked, _answers([row["text"] for row in picked], slug), strict=True):
            yield Asked(kind, str(row["_id"]), answer)


def _answers(texts: Sequence[str], slug: str) -> Iterator[Answer]:
    for result in run([Case(str(number), text) for number, text in enumerate(texts)], slug):
        if result.answer is None:
            raise RuntimeError("the knowledge base could not be read")
        yield result.answer


def _confidence_rows(asked: Sequence[Asked]) -> Iterator[tuple[str, ...]]:
    for kind, goal in (("unanswerable", ".82"), ("sumo", ".99"), ("clinc", "")):
        yield _row(f"AUC, techqa answerable against {kind}", asked, _auc, goal, kinds=("answerable", kind))
    within = ("answerable", "unanswerable")
    yield _row("calibration error, techqa", asked, _calibration, ".05", kinds=within)
    yield _row("calibration error, all four", asked, _calibration, "")


def _decision_rows(asked: Sequence[Asked]) -> Iterator[tuple[str, ...]]:
    yield _row("techqa answerable, answered", asked, mean_of("answered"), "at least .90", kinds=("answerable",))
    yield _row("techqa unanswerable, answered", asked, mean_of("answered"), "", kinds=("unanswerable",))
    yield _row("sumo, answered from an article", asked, mean_of("from_an_article"), "", kinds=("sumo",))
    yield _row("clinc, answered from an article", asked, mean_of("from_an_article"), "at most .02", kinds=("clinc",))


def _by_cost(asked: Sequence[Asked]) -> str:
    """What is answered of each kind at the threshold that follows from what a wrong answer costs."""
    columns = [("answerable", "answered"), ("answerable", "rightly"), ("unanswerable", "answered")]
    columns += [("sumo", "from_an_article"), ("clinc", "from_an_article")]
    rows = []
    for cost in (recommended_cost(), *COSTS):
        shares, least = [], threshold(cost)
        for kind, what in columns:
            of = [one for one in asked if one.kind == kind]
            shares.append(sum(getattr(one, what) and one.answer.confidence >= least for one in of) / len(of))
        rows.append((f"{cost:.2g}", f"{least:.2f}", *(f"{share:.3f}" for share in shares)))
    names = ("cost", "threshold", "answerable, answered", "and an article that answers it is cited")
    return table((*names, "unanswerable, answered", "sumo, answered", "clinc, answered"), rows)


def _person_rows() -> Iterator[tuple[str, ...]]:
    """nlupp_banking asked of an empty collection: the wish is read from the words alone."""
    rows = [row for row in sets.rows("nlupp_banking/utterances.jsonl") if sets.part_of(str(row["_id"])) == "holdout"]
    answers = _answers([row["text"] for row in rows], _empty())
    brought = np.array([answer.reason in BRINGS_PERSON for answer in answers], dtype=float)
    labelled = np.array([row["wants_human"] for row in rows])
    refused = np.array([bool(REFUSES.search(row["text"])) for row in rows])
    for name, of, goal in (
        ("wants one: recall", labelled & ~refused, ".97"),
        ("refuses one, labelled as wanting one", labelled & refused, "0"),
        ("others: false alarms", ~labelled, "at most .01"),
    ):
        if of.any():
            figure = cell(estimated(mean_of("brought"), {"brought": brought[of]}))
            yield f"nlupp_banking, a person is brought; {name}", str(int(of.sum())), figure, goal


def _company_rows() -> Iterator[tuple[str, ...]]:
    """Questions to a company that nothing answers: small talk is the one answer that none of them may get."""
    lines = COMPANY.read_text(encoding="utf-8").splitlines()[1:]
    held = [line.split("\t") for line in lines if sets.part_of(line.split("\t")[1]) == "holdout"]
    for name, of in (
        ("in English", [text for language, text in held if language == "en"]),
        ("in eleven other languages", [text for language, text in held if language != "en"]),
    ):
        talked = np.array([each.reason == guardrails.SMALL_TALK_REASON for each in _answers(of, _empty())], dtype=float)
        figure = cell(estimated(mean_of("talked"), {"talked": talked}))
        yield f"questions to a company {name}, answered with small talk", str(len(of)), figure, ""


def _empty() -> str:
    """A new collection without articles."""
    return Collection.objects.create(slug=f"empty-{uuid.uuid4().hex[:8]}", name="Empty", locale="en").slug


def _row(name: str, asked: Sequence[Asked], figure: Figure, goal: str, kinds: Sequence[str] = ()) -> tuple[str, ...]:
    of = [one for one in asked if not kinds or one.kind in kinds]
    if figure in (_auc, _calibration):
        of = [one for one in of if one.looked_up]
    return name, str(len(of)), cell(estimated(figure, _columns(of), [one.group for one in of])), goal


def _columns(asked: Sequence[Asked]) -> Columns:
    return {
        "confidence": np.array([one.answer.confidence for one in asked]),
        "answerable": np.array([one.kind == "answerable" for one in asked], dtype=float),
        "answered": np.array([one.answered for one in asked], dtype=float),
        "from_an_article": np.array([one.from_an_article for one in asked], dtype=float),
    }


def _auc(columns: Columns) -> float:
    return auroc(columns["confidence"], columns["answerable"])


def _calibration(columns: Columns) -> float:
    return calibration_error(columns["confidence"], columns["answerable"])
