"""Rankings of the real search on the holdout parts: by words, by meaning, by both, and after the second look.

One search a question serves all four: each candidate carries its BM25 score, its cosine, and, as the feature "fused",
the score of the first look. The candidates are the union of the hundred best by words and by meaning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from assistant.answering.context import standalone
from assistant.answers import Said
from assistant.states import Role
from benchmarks.evaluation import sets
from benchmarks.evaluation.corpora import ingested
from benchmarks.evaluation.tables import cell, change, table
from knowledge.evaluation.resampling import Columns, difference, estimate, mean_of
from knowledge.evaluation.retrieval import MEASURED_DEPTH, Ranking, by_document, measure
from knowledge.models import Document
from knowledge.retrieval import Candidate, Query, retrieve

SHOWN = ("recall@5", "ndcg@10")
WHOLE = "the whole, reranked"


class Asked(NamedTuple):
    """Questions to one corpus; `goal` is recall@5 / nDCG@10."""

    name: str
    corpus: str
    questions: Sequence[sets.Question]
    goal: str = ""


def _fused(candidate: Candidate) -> float:
    return candidate.features["fused"] if candidate.features else candidate.score


# The score that each ranking goes by; None: the candidate is not in it.
RANKINGS: Mapping[str, Callable[[Candidate], float | None]] = {
    "BM25 alone": lambda candidate: candidate.lexical or None,
    "dense alone": lambda candidate: candidate.dense,
    "their fusion": _fused,
    WHOLE: lambda candidate: candidate.score,
}


def section(data: Path) -> str:
    """The table of every set's rankings, and what the whole gains over the best of the others."""
    rows = [row for asked in _sets() for row in _rows(asked, ingested(data, asked.corpus))]
    told = (
        "Holdout parts. 95 % intervals and paired differences by resampling articles, or conversations where a "
        "question comes of one. All four rankings are orders of the same candidates of one search by the product. "
        "Where a history is given, the message is rewritten from it as the product does without a generative model."
    )
    head = ("set", "ranking", "recall@5", "nDCG@10", "goal")
    return f"## Retrieval\n\n{told}\n\n{table(head, rows)}"


def _sets() -> list[Asked]:
    return [
        Asked("techqa", "techqa", sets.techqa(), ".95 / .90"),
        Asked("mtrag_cloud, rewritten by a person", "mtrag_cloud", sets.mtrag("rewrite"), ".50 / .50"),
        Asked("mtrag_cloud, last turn alone", "mtrag_cloud", sets.mtrag("last turn")),
        Asked("mtrag_cloud, rewritten by us", "mtrag_cloud", sets.mtrag("history"), "as by a person"),
        Asked("gnome_help, summaries", "gnome_help", sets.gnome("en_summary")),
        Asked("xquad_noise, clean", "xquad_noise", sets.xquad("en")),
        Asked("xquad_noise, typing errors", "xquad_noise", sets.xquad("en_noise_keyboard"), "-.02 nDCG"),
        Asked("xquad_noise, translated from German", "xquad_noise", sets.xquad("en_noise_mt_from_de"), "-.02 nDCG"),
        Asked("xquad_noise, spoken and transcribed", "xquad_noise", sets.xquad("en_noise_asr"), "-.04 nDCG"),
    ]


def _rows(asked: Asked, slug: str) -> Iterator[tuple[str, ...]]:
    """One row a ranking, and one of the difference."""
    questions = [q for q in asked.questions if q.part == "holdout" and q.articles]
    groups = [sets.group_of(question) for question in questions]
    measured = _measured(questions, slug)
    name = f"{asked.name} ({len(questions)})"
    for ranking, columns in measured.items():
        figures = [cell(estimate(mean_of(shown), columns, groups)) for shown in SHOWN]
        yield name, ranking, *figures, asked.goal if ranking == WHOLE else ""
        name = ""
    yield "", "gain over the best other", *(_gain(measured, shown, groups) for shown in SHOWN), ""


def _gain(measured: Mapping[str, Columns], shown: str, groups: Sequence[str]) -> str:
    figure = mean_of(shown)
    best = max((name for name in measured if name != WHOLE), key=lambda name: figure(measured[name]))
    return change(difference(figure, measured[best], measured[WHOLE], groups))


def _measured(questions: Sequence[sets.Question], slug: str) -> dict[str, Columns]:
    """By ranking a column of each measure, one number a question."""
    articles = dict(Document.objects.filter(collection__slug=slug).values_list("pk", "article"))
    found = {question.id: retrieve(Query(_lookup(question), slug, limit=MEASURED_DEPTH)) for question in questions}
    qrels = {question.id: dict.fromkeys(question.articles, 1) for question in questions}
    measured: dict[str, Columns] = {}
    for name, score in RANKINGS.items():
        rankings = {key: _ranked(retrieval.candidates, score, articles) for key, retrieval in found.items()}
        by_question = measure(qrels, rankings)
        measured[name] = {shown: np.array([by_question[q.id][shown] for q in questions]) for shown in SHOWN}
    return measured


def _lookup(question: sets.Question) -> str:
    return standalone(question.text, [Said(Role(role), text) for role, text in question.history])


def _ranked(
    candidates: Sequence[Candidate], score: Callable[[Candidate], float | None], articles: Mapping[int, str]
) -> Ranking:
    scored = [(score(candidate), candidate) for candidate in candidates]
    ordered = [replace(candidate, score=value) for value, candidate in scored if value is not None]
    ordered.sort(key=lambda candidate: -candidate.score)
    return by_document(ordered, articles, MEASURED_DEPTH)
