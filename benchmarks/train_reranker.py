"""Learns, for the EMBEDDING_MODEL, its part of knowledge/retrieval/reranker.json on real questions with known articles.

Ingest the corpora first, then run it with EVALUATION_DATA set to the folder of evaluation sets; a set whose corpus is
not there is left out:

    manage.py ingest $EVALUATION_DATA/techqa/corpus.jsonl.gz --collection techqa
    manage.py ingest $EVALUATION_DATA/mtrag_cloud/corpus.jsonl.gz --collection mtrag
    manage.py ingest $EVALUATION_DATA/gnome_help/corpus.jsonl.gz --collection gnome
    manage.py ingest $EVALUATION_DATA/xquad_noise/corpus.jsonl --collection xquad
    python -m benchmarks.train_reranker

Listwise softmax regression on the tuning parts; the table compares fused and reranked order on the holdout parts.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import django
import numpy as np
from numpy.typing import NDArray

from benchmarks import listwise
from benchmarks.evaluation import sets
from benchmarks.evaluation.ranking import Floats, changed, figures

# Chosen by fourfold cross-validation on the tuning parts: 2 and 5 cost .002 of nDCG, 20 as much as nothing.
RIDGE = 60.0


@dataclass(frozen=True)
class Training:
    """A set of questions for one collection, and how much each of them counts."""

    name: str
    collection: str
    questions: Sequence[sets.Question]
    weight: float


@dataclass(frozen=True)
class Ranked:
    """One question's candidates: features (candidates, features), score before, article and relevance of each."""

    question: sets.Question
    features: Floats
    fused: Floats
    articles: tuple[str, ...]
    relevant: NDArray[np.bool_]
    weight: float


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    from django.conf import settings

    from knowledge.retrieval import reranking

    names: list[str] = []
    by_set = {
        training.name: [_ranked(question, training, names) for question in training.questions]
        for training in held_sets()
    }
    tuning = [ranked for cases in by_set.values() for ranked in cases if ranked.question.part == "tuning"]
    weights = learn(tuning)
    learned = {
        "questions": {name: sum(r.question.part == "tuning" for r in cases) for name, cases in by_set.items()},
        "weights": {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    }
    path = Path(reranking.__file__).with_name("reranker.json")
    written = json.loads(path.read_text(encoding="utf-8")) | {settings.EMBEDDING_MODEL: learned}
    path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    for name, cases in by_set.items():
        holdout = [ranked for ranked in cases if ranked.question.part == "holdout"]
        _report(name, holdout, weights)


def held_sets() -> list[Training]:
    """Those whose corpus is there. Sets of like kind share their weight, so that no kind drowns the others."""
    from django.conf import settings

    from knowledge.models import Collection

    wanted = _english() + (_other_languages() if settings.EMBEDDING_MODEL != "local" else [])
    held = set(Collection.objects.values_list("slug", flat=True))
    return [training for training in wanted if training.collection in held]


def _english() -> list[Training]:
    return [
        Training("techqa", "techqa", sets.techqa(), 1.0),
        Training("mtrag, rewritten by a person", "mtrag", sets.mtrag("rewrite"), 1.0),
        Training("mtrag, last turn alone", "mtrag", sets.mtrag("last turn"), 0.5),
        Training("gnome, summaries of pages", "gnome", sets.gnome("en_summary"), 0.5),
        Training("xquad", "xquad", sets.xquad("en"), 0.3),
        Training("xquad, keyboard", "xquad", sets.xquad("en_noise_keyboard"), 0.15),
        Training("xquad, speech", "xquad", sets.xquad("en_noise_asr"), 0.15),
    ]


def _other_languages() -> list[Training]:
    """Questions about the English articles in languages that `local` does not read."""
    return [
        *(Training(f"gnome, {form}", "gnome", sets.gnome(form), 0.3) for form in sets.GNOME_LANGUAGES),
        *(Training(f"xquad, {form}", "xquad", sets.xquad(form), 0.1) for form in sets.XQUAD_LANGUAGES),
    ]


def _ranked(question: sets.Question, training: Training, names: list[str]) -> Ranked:
    from knowledge.models import Document
    from knowledge.retrieval import Query, retrieve

    looked_at = [c for c in retrieve(Query(question.text, training.collection)).candidates if c.features is not None]
    looked_at.sort(key=lambda candidate: candidate.chunk_id)
    article_of = dict(Document.objects.filter(pk__in={c.document_id for c in looked_at}).values_list("pk", "article"))
    names[:] = [name for name in looked_at[0].features or {} if name != "fused"]
    articles = tuple(article_of[candidate.document_id] for candidate in looked_at)
    features = np.array([[(c.features or {})[name] for name in names] for c in looked_at])
    fused = np.array([(c.features or {})["fused"] for c in looked_at])
    relevant = np.array([article in question.articles for article in articles])
    return Ranked(question, features, fused, articles, relevant, training.weight)


def learn(cases: Sequence[Ranked]) -> Floats:
    """Weights of the features: those of the relevant candidates are to have all of the odds, however shared."""
    whole = np.concatenate([case.features for case in cases])
    usable = [case for case in cases if case.relevant.any() and not case.relevant.all()]
    lists = [listwise.Ranked(case.features, partial(_relevant, case.relevant), case.weight) for case in usable]
    count = whole.shape[1]
    return listwise.learn(lists, whole.std(axis=0) + 1e-9, np.full(count, RIDGE), np.zeros(count))


def _relevant(relevant: NDArray[np.bool_], scores: Floats) -> Floats:
    odds = listwise.softmax(scores) * relevant
    shares: Floats = odds / odds.sum()
    return shares


def _report(name: str, cases: Sequence[Ranked], weights: Floats) -> None:
    """Holdout figures of the fused and of the learned order, and their difference."""
    judged = [case for case in cases if case.question.articles]
    groups = [sets.group_of(case.question) for case in judged]
    old = np.array([_figures(case, case.fused) for case in judged])
    new = np.array([_figures(case, case.features @ weights) for case in judged])
    for index, figure in enumerate(("recall@5", "nDCG@10")):
        print(f"{name:30} {figure:8} {changed(old[:, index], new[:, index], groups)}")


def _figures(case: Ranked, marks: Floats) -> tuple[float, float]:
    """recall@5 and nDCG@10 of the articles, each by its best chunk."""
    return figures([case.articles[index] for index in np.argsort(-marks, kind="stable")], case.question.articles)


if __name__ == "__main__":
    main()
