"""Learns assistant/llm/extracts.json on real questions with experts' answers.

Ingest the corpora first, then run it with EVALUATION_DATA set to the folder of evaluation sets:

    manage.py ingest $EVALUATION_DATA/techqa/corpus.jsonl.gz --collection techqa
    manage.py ingest $EVALUATION_DATA/mtrag_cloud/corpus.jsonl.gz --collection mtrag
    manage.py ingest $EVALUATION_DATA/xquad_noise/corpus.jsonl --collection xquad
    python -m benchmarks.train_extracts

Listwise softmax regression (ListNet, Cao et al. 2007) on the tuning parts: each stretch of the articles found is to be
the more likely, the more words it shares with the expert's answer (token F1). The table gives the mean F1 of the
likeliest stretch, fourfold cross-validated on the tuning parts and on the holdout parts.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import django
import numpy as np
from numpy.typing import NDArray

from benchmarks import listwise
from benchmarks.evaluation import sets

# Chosen by cross-validation on the tuning parts, like the set of features.
RIDGE = 3.0
# How sharply the target prefers the better stretch: at .1 answers are shorter, at .3 longer, and neither better.
TEMPERATURE = 0.15
# Features that vary less are not blown up.
LEAST_DEVIATION = 0.15
# Set by hand. The sets' articles are plain text, whose headings say "Cause" or "Answer"; in a help centre they name
# what is asked, and the section under a heading that is the question is its answer. And an expert's answer may share
# most words with a sentence that only repeats the question.
BELIEVED = {"named": 1.5, "restates": -1.0}
AS_GOOD_AS_CERTAIN = 1e6
FOLDS = 4
PASSAGES = 6
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A question's stretches: features (stretches, features) and token F1 with the expert's answer."""

    kind: str
    part: sets.Part
    features: Floats
    f1: Floats
    weight: float


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    from assistant.llm import extracts

    names: list[str] = []
    cases = list(_cases(names))
    tuning = [case for case in cases if case.part == "tuning"]
    weights = learn(tuning, names)
    _report(cases, weights, names)
    written = {
        "learned_by": "python -m benchmarks.train_extracts",
        "questions": {kind: sum(case.kind == kind for case in tuning) for kind in ("techqa", "mtrag", "xquad")},
        "weights": {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    }
    path = Path(extracts.__file__).with_name("extracts.json")
    path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def _cases(names: list[str]) -> Iterator[Case]:
    """xquad's questions ask for one fact of an encyclopedia: they count less than customers' questions."""
    for question in sets.techqa():
        if question.answer:
            yield _case("techqa", question, question.answer, 1.0, names)
    for question in sets.mtrag("rewrite"):
        if answer := sets.mtrag_answers().get(question.id):
            yield _case("mtrag", question, answer, 1.0, names)
    for question in sets.xquad("en")[::2]:
        if sentence := sets.xquad_sentence(question):
            yield _case("xquad", question, sentence, 0.3, names)


def _case(kind: str, question: sets.Question, answer: str, weight: float, names: list[str]) -> Case:
    from assistant.answering.figures import token_f1
    from assistant.answering.readings import look_up
    from assistant.llm.extracts import extracts
    from assistant.llm.wanted import wanted_in

    readings = look_up(question.text, kind, "en", PASSAGES).readings
    found = extracts(readings, wanted_in(question.text, [(r.text, r.language) for r in readings]))
    names[:] = list(found[0].features)
    features = np.array([[extract.features[name] for name in names] for extract in found])
    f1 = [token_f1(readings[e.reading].text[e.start : e.end], answer) for e in found]
    return Case(kind, question.part, features, np.array(f1), weight)


def learn(cases: Sequence[Case], names: Sequence[str]) -> Floats:
    """Weights of the features: each stretch is to have its share of the odds by token F1."""
    whole = np.concatenate([case.features for case in cases])
    scale = np.maximum(whole.std(axis=0), LEAST_DEVIATION)
    expected = np.array([BELIEVED.get(name, 0.0) for name in names]) * scale
    ridge = np.array([AS_GOOD_AS_CERTAIN if name in BELIEVED else RIDGE for name in names])
    lists = [listwise.Ranked(case.features, partial(_by_f1, case.f1), case.weight) for case in cases]
    return listwise.learn(lists, scale, ridge, expected)


def _by_f1(f1: Floats, scores: Floats) -> Floats:
    return listwise.softmax(f1 / TEMPERATURE)


def _report(cases: Sequence[Case], weights: Floats, names: Sequence[str]) -> None:
    tuning = [case for case in cases if case.part == "tuning"]
    fold = np.random.default_rng(0).integers(0, FOLDS, len(tuning))
    validated = {
        id(case): _chosen(case, held_out)
        for number in range(FOLDS)
        for held_out in [learn([case for case, k in zip(tuning, fold, strict=True) if k != number], names)]
        for case, k in zip(tuning, fold, strict=True)
        if k == number
    }
    for kind in ("techqa", "mtrag", "xquad"):
        inside = [validated[id(case)] for case in tuning if case.kind == kind]
        outside = [_chosen(case, weights) for case in cases if case.kind == kind and case.part == "holdout"]
        best = [case.f1.max() for case in cases if case.kind == kind and case.part == "holdout"]
        print(
            f"{kind:8} validated {np.mean(inside):.3f} of {len(inside)}, holdout {np.mean(outside):.3f} "
            f"of {len(outside)}, the best stretch there {np.mean(best):.3f}"
        )


def _chosen(case: Case, weights: Floats) -> float:
    return float(case.f1[np.argmax(case.features @ weights)])


if __name__ == "__main__":
    main()
