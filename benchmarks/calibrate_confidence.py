"""Fits the EMBEDDING_MODEL's part of assistant/answering/calibration.json on real questions, answerable and not.

Ingest the corpora first, then run it with EVALUATION_DATA set to the folder of evaluation sets:

    manage.py ingest $EVALUATION_DATA/techqa/corpus.jsonl.gz --collection techqa
    manage.py ingest $EVALUATION_DATA/xquad_noise/corpus.jsonl --collection xquad
    manage.py ingest $EVALUATION_DATA/gnome_help/corpus.jsonl.gz --collection gnome
    python -m benchmarks.calibrate_confidence

Three logistics on the tuning parts. "subject" tells questions to this help centre, answerable or not, from questions
to others; "answer" tells questions from the same questions when the articles that answer them are unpublished, and
from those that no article answers. The last, "confidence", calibrates the log-odds of their product, in a mix like a
help desk's: most questions have an answer. The threshold follows from what a wrong answer is taken to cost.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import django
import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluation import sets

FOREIGN_QUESTIONS = 300
TRANSLATED_QUESTIONS = 40
RIDGE = 3.0
# What a wrong answer is taken to cost, in unneeded handoffs (docs/decisions/016); 1 with other models.
WRONG_ANSWER_COST = {"local": 1.1}
SUBJECT = ("dense", "fused", "cover_all")
# By hand: the sets have hardly a question of two or three words, and no headings (docs/decisions/021).
NAMED = 2.0
ANSWER = ("standing", "dense", "fused", "missing")
CONFIDENCE = ("log_odds", "beyond")
PASSAGES = 6
Floats = NDArray[np.float64]


class Case(NamedTuple):
    """A question put to a collection; `kind` says what it is, `without` the articles that are unpublished for it."""

    kind: str
    collection: str
    text: str
    part: sets.Part
    without: tuple[str, ...] = ()


class Mix(NamedTuple):
    """How much each kind counts where it is an example of something: sets of like kind share their weight."""

    ours: Mapping[str, float]
    foreign: Mapping[str, float]
    answered: Mapping[str, float]
    unanswered: Mapping[str, float]
    desk: Mapping[str, float]


SAME_LANGUAGE = Mix(
    ours={"techqa": 1.0, "techqa unanswerable": 0.5, "techqa in short": 0.5, "xquad": 0.5, "gnome": 0.5},
    foreign={"clinc": 1.0, "sumo": 0.6, "sumo in short": 0.5, "banking": 0.5},
    answered={"techqa": 1.0, "techqa in short": 0.4, "xquad": 0.3, "gnome": 0.4},
    unanswered={
        "techqa unanswerable": 1.0, "techqa without": 0.5, "techqa in short without": 0.4, "xquad without": 0.3,
        "gnome without": 0.4,
    },
    desk={
        "techqa": 0.45, "techqa unanswerable": 0.12, "techqa in short": 0.09, "techqa in short without": 0.02,
        "xquad": 0.1, "xquad without": 0.03, "gnome": 0.1, "gnome without": 0.03, "clinc": 0.03, "sumo": 0.02,
        "sumo in short": 0.01,
    },
)  # fmt: skip
TRANSLATED = Mix(
    ours={"xquad translated": 0.5, "gnome translated": 1.0},
    foreign={"xquad translated, foreign": 1.0, "gnome translated, foreign": 1.0},
    answered={"xquad translated": 0.5, "gnome translated": 1.0},
    unanswered={"xquad translated, without": 0.5, "gnome translated, without": 1.0},
    desk={
        "xquad translated": 0.2, "gnome translated": 0.4, "xquad translated, without": 0.05,
        "gnome translated, without": 0.1, "xquad translated, foreign": 0.1, "gnome translated, foreign": 0.15,
    },
)  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    from django.conf import settings

    from assistant.answering import confidence

    path = Path(confidence.__file__).parent / "calibration.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    written[settings.EMBEDDING_MODEL] = _fitted(list(_cases()), SAME_LANGUAGE, settings.EMBEDDING_MODEL)
    if settings.EMBEDDING_MODEL != "local":
        translated = _fitted(list(_cases_in_other_languages()), TRANSLATED, settings.EMBEDDING_MODEL)
        written[settings.EMBEDDING_MODEL + confidence.TRANSLATED] = translated
    path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def _fitted(cases: Sequence[Case], mix: Mix, embedding_model: str) -> dict[str, Any]:
    from assistant.answering import confidence, thresholds

    measured = [_measure(case) for case in cases]
    subject, of_subject = _with_named(measured, *_model(cases, measured, SUBJECT, mix.ours, mix.foreign))
    answer, of_answer = _model(cases, measured, ANSWER, mix.answered, mix.unanswered)
    truth = np.array([case.kind in mix.answered for case in cases])
    products = [confidence.of_product(float(product)) for product in of_subject * of_answer]
    calibrated, scores = _logistic(products, CONFIDENCE, truth, _importance(cases, mix.desk))
    least = round(thresholds.threshold(WRONG_ANSWER_COST.get(embedding_model, 1.0)), 4)
    _report(cases, scores, mix, least)
    return {"subject": subject, "answer": answer, "confidence": calibrated, "threshold": least}


def _cases() -> Iterator[Case]:
    for question in sets.techqa():
        kind = "techqa" if question.articles else "techqa unanswerable"
        yield Case(kind, "techqa", question.text, question.part)
        if question.articles:
            yield Case("techqa without", "techqa", question.text, question.part, question.articles)
            short = question.text.partition("\n")[0]
            yield Case("techqa in short", "techqa", short, question.part)
            yield Case("techqa in short without", "techqa", short, question.part, question.articles)
    for kind, questions in (("xquad", sets.xquad("en")[::2]), ("gnome", sets.gnome("en_summary"))):
        for question in questions:
            yield Case(kind, kind, question.text, question.part)
            yield Case(f"{kind} without", kind, question.text, question.part, question.articles)
    for name, texts in _foreign().items():
        for collection in ("techqa", "xquad", "gnome"):
            for text, part in texts:
                yield Case(name, collection, text, part)


def _foreign() -> dict[str, list[tuple[str, sets.Part]]]:
    """Requests to other assistants and customers; what is small talk never gets as far as a lookup."""
    from assistant.answering import guardrails

    support = [row for row in sets.rows("sumo_questions_2023/questions.jsonl.gz") if row["locale"] == "en-US"]
    requests = [row for row in sets.rows("clinc_oos/utterances.jsonl") if guardrails.read(row["text"]) is None]
    banking = list(sets.rows("banking77/utterances.jsonl.gz"))
    return {
        name: [
            (asked.format_map(row), sets.part_of(str(row["_id"])))
            for row in rows[:: max(len(rows) // FOREIGN_QUESTIONS, 1)]
        ]
        for name, rows, asked in (
            ("sumo", support, "{title}\n{text}"),
            ("sumo in short", support, "{title}"),
            ("clinc", requests, "{text}"),
            ("banking", banking, "{text}"),
        )
    }


def _cases_in_other_languages() -> Iterator[Case]:
    """Questions put to English articles: to those that hold the answer, and to others'."""
    asked = [
        *(("xquad", "techqa", sets.xquad(language)) for language in sets.XQUAD_LANGUAGES),
        *(("gnome", "xquad", sets.gnome(language)) for language in sets.GNOME_LANGUAGES),
    ]
    for own, other, questions in asked:
        for question in questions[:: max(len(questions) // TRANSLATED_QUESTIONS, 1)]:
            yield Case(f"{own} translated", own, question.text, question.part)
            yield Case(f"{own} translated, without", own, question.text, question.part, question.articles)
            yield Case(f"{own} translated, foreign", other, question.text, question.part)


def _measure(case: Case) -> dict[str, float]:
    from django.db import transaction

    from assistant.answering import confidence
    from assistant.answering.readings import look_up
    from knowledge.models import Document

    with transaction.atomic():
        own = Document.objects.filter(collection__slug=case.collection)
        own.filter(article__in=case.without).update(status=Document.Status.UNPUBLISHED)
        passages = look_up(case.text, case.collection, "en", PASSAGES).passages
        transaction.set_rollback(True)
    return confidence.measure(case.text, passages)


def _model(
    cases: Sequence[Case],
    measured: Sequence[Mapping[str, float]],
    names: Sequence[str],
    positive: Mapping[str, float],
    negative: Mapping[str, float],
) -> tuple[dict[str, Any], Floats]:
    """A logistic that tells kinds apart, both classes counting the same; and its reading of every case."""
    importance = _importance(cases, positive) / 2 + _importance(cases, negative) / 2
    return _logistic(measured, names, np.array([case.kind in positive for case in cases]), importance)


def _with_named(
    measured: Sequence[Mapping[str, float]], model: dict[str, Any], reading: Floats
) -> tuple[dict[str, Any], Floats]:
    """The model of the subject and its reading with the weight that is set by hand."""
    named = np.array([row["named"] for row in measured])
    odds = reading / (1 - reading) * np.exp(NAMED * named)
    return {**model, "weights": {**model["weights"], "named": NAMED}}, odds / (1 + odds)


def _logistic(
    measured: Sequence[Mapping[str, float]], names: Sequence[str], truth: NDArray[np.bool_], importance: Floats
) -> tuple[dict[str, Any], Floats]:
    """What was fitted, as calibration.json holds it; and its reading of every case."""
    features = np.array([[row[name] for name in names] for row in measured])
    weights, bias = _fit(features, truth, importance)
    model = {"weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)}, "bias": round(bias, 4)}
    return model, 1 / (1 + np.exp(-(features @ weights + bias)))


def _importance(cases: Sequence[Case], kinds: Mapping[str, float]) -> Floats:
    """Of the tuning part, its whole as many as its cases; each kind its share, those without cases none."""
    used = [case.kind if case.part == "tuning" else "" for case in cases]
    counts = {kind: used.count(kind) for kind in kinds}
    total = sum(share for kind, share in kinds.items() if counts[kind])
    size = sum(map(bool, used))
    return np.array([size * kinds.get(kind, 0.0) / total / max(counts.get(kind, 1), 1) for kind in used])


def _fit(features: Floats, truth: NDArray[np.bool_], importance: Floats) -> tuple[Floats, float]:
    """Ridge logistic regression by Newton's method, on features in units of their deviation."""
    used = importance > 0
    x, y, w = features[used], truth[used].astype(float), importance[used]
    mean = np.average(x, axis=0, weights=w)
    scale = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=w)) + 1e-9
    x = np.hstack([(x - mean) / scale, np.ones((len(x), 1))])
    b = np.zeros(x.shape[1])
    ridge = np.diag([RIDGE] * features.shape[1] + [0.0])
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ b))
        curvature = (x.T * (w * p * (1 - p))) @ x + ridge
        b -= np.linalg.solve(curvature, x.T @ (w * (p - y)) + ridge @ b)
    weights = b[:-1] / scale
    return weights, float(b[-1] - weights @ mean)


def _report(cases: Sequence[Case], scores: Floats, mix: Mix, least: float) -> None:
    """Holdout figures."""
    kinds = np.array([f"{case.kind} on {case.collection}" if case.kind in mix.foreign else case.kind for case in cases])
    holdout = np.array([case.part == "holdout" for case in cases])
    for kind in sorted(set(kinds)):
        of_kind = scores[(kinds == kind) & holdout]
        print(f"{kind:34} answered {np.mean(of_kind >= least):.3f} of {len(of_kind)}")
    if mix is TRANSLATED:
        return
    positive = scores[holdout & (kinds == "techqa")]
    for kind in ("techqa unanswerable", "techqa without", "sumo on techqa", "clinc on techqa"):
        negative = scores[holdout & (kinds == kind)]
        auc = np.mean(positive[:, None] > negative[None, :]) + 0.5 * np.mean(positive[:, None] == negative[None, :])
        print(f"AUC techqa against {kind}: {auc:.3f}")
    own = holdout & np.isin(kinds, ["techqa", "techqa unanswerable"])
    print(f"calibration error on techqa: {_calibration_error(scores[own], kinds[own] == 'techqa'):.3f}")


def _calibration_error(scores: Floats, truth: NDArray[np.bool_]) -> float:
    from assistant.answering.figures import calibration_error

    return calibration_error(scores, truth.astype(float))


if __name__ == "__main__":
    main()
