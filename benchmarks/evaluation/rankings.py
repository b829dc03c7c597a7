"""The orders that one search gives its candidates: by words, by meaning, by both, and after the second look.

Each candidate carries its BM25 score, its cosine, and, as the feature "fused", the score of the first look. The
candidates are the union of the hundred best by words and by meaning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from assistant.answering.context import standalone
from assistant.answers import Said
from assistant.states import Role
from benchmarks.evaluation import sets
from knowledge.evaluation.resampling import Columns
from knowledge.evaluation.retrieval import MEASURED_DEPTH, Ranking, by_document, measure
from knowledge.models import Document
from knowledge.retrieval import Candidate, Query, retrieve

RECALL, NDCG = "recall@5", "ndcg@10"
SHOWN = (RECALL, NDCG)
WORDS, MEANING, FUSED, WHOLE = "BM25 alone", "dense alone", "their fusion", "the whole, reranked"


def _fused(candidate: Candidate) -> float:
    return candidate.features["fused"] if candidate.features else candidate.score


# The score that each ranking goes by; None: the candidate is not in it.
_SCORES: Mapping[str, Callable[[Candidate], float | None]] = {
    WORDS: lambda candidate: candidate.lexical or None,
    MEANING: lambda candidate: candidate.dense,
    FUSED: _fused,
    WHOLE: lambda candidate: candidate.score,
}


def measured(questions: Sequence[sets.Question], slug: str) -> dict[str, Columns]:
    """By ranking a column of each of SHOWN, one number a question; articles are ranked by their best chunk."""
    articles = dict(Document.objects.filter(collection__slug=slug).values_list("pk", "article"))
    found = {question.id: retrieve(Query(_lookup(question), slug, limit=MEASURED_DEPTH)) for question in questions}
    qrels = {question.id: dict.fromkeys(question.articles, 1) for question in questions}
    columns: dict[str, Columns] = {}
    for name, score in _SCORES.items():
        rankings = {key: _ranked(retrieval.candidates, score, articles) for key, retrieval in found.items()}
        by_question = measure(qrels, rankings)
        columns[name] = {shown: np.array([by_question[q.id][shown] for q in questions]) for shown in SHOWN}
    return columns


def _lookup(question: sets.Question) -> str:
    return standalone(question.text, [Said(Role(role), text) for role, text in question.history])


def _ranked(
    candidates: Sequence[Candidate], score: Callable[[Candidate], float | None], articles: Mapping[int, str]
) -> Ranking:
    scored = [(score(candidate), candidate) for candidate in candidates]
    ordered = [replace(candidate, score=value) for value, candidate in scored if value is not None]
    ordered.sort(key=lambda candidate: -candidate.score)
    return by_document(ordered, articles, MEASURED_DEPTH)
