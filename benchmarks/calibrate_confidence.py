"""Fits the EMBEDDING_MODEL's part of assistant/answering/calibration.json on real questions, answerable and not.

Ingest the corpora first, the third for a model of several languages, then run it with the folder of evaluation sets:

    manage.py ingest $EVALUATION_DATA/techqa/corpus.jsonl.gz --collection techqa
    manage.py ingest $EVALUATION_DATA/xquad_noise/corpus.jsonl --collection xquad
    manage.py ingest $EVALUATION_DATA/gnome_help/corpus.jsonl.gz --collection gnome
    python -m benchmarks.calibrate_confidence $EVALUATION_DATA

A logistic is fitted on one half of the questions (by hash of their id) and judged on the other. The threshold is the
highest confidence that still answers ANSWERED of the answerable ones of the fitted half, ANSWERED_TRANSLATED in other
languages.
"""

import gzip
import json
import os
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import django
import numpy as np

from benchmarks.evaluation import sets

ANSWERED = 0.93
# In another language than the articles: a quotation beside the point is worse where it has to be translated first.
ANSWERED_TRANSLATED = 0.85
FOREIGN_QUESTIONS = 120
TRANSLATED_QUESTIONS = 40
RIDGE = 1.0


class Case(NamedTuple):
    """A question put to a collection: whether that holds the answer, and which half it belongs to."""

    kind: str
    collection: str
    text: str
    answerable: bool
    held_out: bool

    @property
    def translated(self) -> bool:
        return "translated" in self.kind


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    from django.conf import settings

    from assistant.answering import confidence

    measured = [(case, *_measure(case)) for case in _cases(Path(sys.argv[1]))]
    path = Path(confidence.__file__).parent / "calibration.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    english = [(case, features) for case, features, _ in measured if not case.translated]
    # Of the others those that are known as such when they are asked.
    others = [(case, features) for case, features, known in measured if case.translated and known]
    for suffix, chosen, answered in (("", english, ANSWERED), (confidence.TRANSLATED, others, ANSWERED_TRANSLATED)):
        if chosen:
            print(settings.EMBEDDING_MODEL + suffix)
            written[settings.EMBEDDING_MODEL + suffix] = fit(chosen, answered)
    path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def fit(measured: Sequence[tuple[Case, dict[str, float]]], answered: float) -> dict[str, Any]:
    """The weights, bias and threshold for these cases; prints how they do on the half that was held out.

    At the threshold the share `answered` of the fitted half's answerable questions still is.
    """
    cases, names = [case for case, _ in measured], list(measured[0][1])
    features = np.array([[row[name] for name in names] for _, row in measured])
    truth = np.array([case.answerable for case in cases])
    held_out = np.array([case.held_out for case in cases])
    weights, bias = _fit(features[~held_out], truth[~held_out], _balance(cases))
    scores = 1 / (1 + np.exp(-(features @ weights + bias)))
    threshold = float(np.quantile(scores[~held_out & truth], 1 - answered))
    _report(cases, scores, held_out, threshold)
    return {
        "weights": {name: round(float(w), 4) for name, w in zip(names, weights, strict=True)},
        "bias": round(float(bias), 4),
        "threshold": round(threshold, 4),
    }


def _cases(data: Path) -> Iterator[Case]:
    for row in _rows(data / "techqa/queries.jsonl"):
        answerable = bool(row["metadata"]["answerable"])
        yield Case("techqa" if answerable else "techqa unanswerable", "techqa", row["text"], answerable, _held_out(row))
    for row in list(_rows(data / "xquad_noise/queries_en.jsonl"))[::2]:
        yield Case("xquad", "xquad", row["text"], True, _held_out(row))
    support = [row for row in _rows(data / "sumo_questions_2023/questions.jsonl.gz") if row["locale"] == "en-US"]
    requests = list(_rows(data / "clinc_oos/utterances.jsonl"))
    for source, rows in (("sumo", support), ("clinc", requests)):
        for collection in ("techqa", "xquad"):
            for row in rows[:: len(rows) // FOREIGN_QUESTIONS]:
                yield Case(f"{source} on {collection}", collection, row["text"], False, _held_out(row))
    from django.conf import settings

    if settings.EMBEDDING_MODEL != "local":
        yield from _cases_in_other_languages(data)


def _cases_in_other_languages(data: Path) -> Iterator[Case]:
    """Questions put to English articles: to those that hold the answer, and to others'."""
    for language in sets.XQUAD_LANGUAGES:
        rows = list(_rows(data / f"xquad_noise/queries_{language}.jsonl"))
        for row in rows[:: len(rows) // TRANSLATED_QUESTIONS]:
            yield Case("xquad, translated", "xquad", row["text"], True, _held_out(row))
            yield Case("xquad, translated, on techqa", "techqa", row["text"], False, _held_out(row))
    for language in sets.GNOME_LANGUAGES:
        rows = list(_rows(data / f"gnome_help/queries_{language}.jsonl"))
        for row in rows[:: len(rows) // TRANSLATED_QUESTIONS]:
            yield Case("gnome, translated", "gnome", row["text"], True, _held_out(row))
            yield Case("gnome, translated, on xquad", "xquad", row["text"], False, _held_out(row))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _held_out(row: dict[str, Any]) -> bool:
    return bool(sha256(str(row["_id"]).encode()).digest()[0] % 2)


def _measure(case: Case) -> tuple[dict[str, float], bool]:
    """The features, and whether the question is in another language than what was found."""
    from assistant.answering import confidence
    from assistant.answering.readings import look_up

    passages = look_up(case.text, case.collection, "en", 6).passages
    return confidence.measure(case.text, passages), confidence.is_translated(case.text, passages)


def _balance(cases: list[Case]) -> np.ndarray:
    """Importance of the fitted half: each kind of question counts the same, each class half of all."""
    used = [case for case in cases if not case.held_out]
    kinds = {kind: sum(case.kind == kind for case in used) for kind in {case.kind for case in used}}
    classes = {flag: len({case.kind for case in used if case.answerable is flag}) for flag in (True, False)}
    return np.array([len(used) / (2 * kinds[case.kind] * classes[case.answerable]) for case in used])


def _fit(features: np.ndarray, truth: np.ndarray, importance: np.ndarray) -> tuple[np.ndarray, float]:
    """Ridge logistic regression by Newton's method, on features of one scale: cosines of E5 differ by hundredths."""
    scale = features.std(axis=0) + 1e-9
    x = np.hstack([features / scale, np.ones((len(features), 1))])
    w = np.zeros(x.shape[1])
    ridge = np.diag([RIDGE] * features.shape[1] + [0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (importance * (p - truth)) + ridge @ w
        hessian = (x.T * (importance * p * (1 - p))) @ x + ridge
        w -= np.linalg.solve(hessian, gradient)
    return w[:-1] / scale, float(w[-1])


def _report(cases: list[Case], scores: np.ndarray, held_out: np.ndarray, threshold: float) -> None:
    for kind in sorted({case.kind for case in cases}):
        of_kind = np.array([case.kind == kind for case in cases]) & held_out
        print(f"{kind:22} answered {np.mean(scores[of_kind] >= threshold):.3f} of {of_kind.sum()}")
    against = {
        "techqa": ("techqa unanswerable", "sumo on techqa", "clinc on techqa"),
        "xquad, translated": ("xquad, translated, on techqa",),
        "gnome, translated": ("gnome, translated, on xquad",),
    }
    for answerable, others in against.items():
        positive = scores[held_out & np.array([case.kind == answerable for case in cases])]
        for kind in others:
            negative = scores[held_out & np.array([case.kind == kind for case in cases])]
            if len(positive) and len(negative):
                auc = np.mean(positive[:, None] > negative) + 0.5 * np.mean(positive[:, None] == negative)
                print(f"AUC {answerable} against {kind}: {auc:.3f}")


if __name__ == "__main__":
    main()
