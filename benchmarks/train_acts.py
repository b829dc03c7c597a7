"""Learns assistant/answering/acts.json: what a customer's sentence does.

    EVALUATION_DATA=... python -m benchmarks.train_acts

Softmax regression with a ridge penalty on phrases of our own and on the tuning parts of real questions and requests
(benchmarks/acts/). The table is of the holdout parts.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array

from assistant.answering import acts
from assistant.answers import ASKED
from benchmarks.acts.examples import Example, phrases, real, run_together
from benchmarks.evaluation import sets

RIDGE = 1.0
# Examples that have to hold a word, or a feature: rarer ones say more about those than about an act.
KNOWN = 4
RAREST = 3
# What all sentences of an act weigh at least: most acts have few phrases.
LEAST_WEIGHT = 1000.0
# Smaller weights change no decision and would be most of the file.
NEGLIGIBLE = 0.1
RESAMPLES = 2000
Floats = NDArray[np.float64]


def main() -> None:
    """Learn, write the weights, and print the table."""
    ours = list(phrases())
    # What the phrases alone teach tells a question's courtesies from the question.
    first = acts.Acts(learn(ours))
    asked = list(real("tuning", first.read))
    fitted = learn([*ours, *asked, *run_together(ours, asked)])
    (Path(acts.__file__).parent / "acts.json").write_text(_lines(fitted), encoding="utf-8")
    acts.learned.cache_clear()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    _report()


def _lines(fitted: Mapping[str, Any]) -> str:
    """JSON with a line for each feature."""
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in fitted["features"].items())
    return f'{{"acts": {json.dumps(fitted["acts"])},\n"features": {{\n{rows}\n}}}}\n'


def learn(examples: Sequence[Example], ridge: float = RIDGE) -> dict[str, Any]:
    """Weights as `acts.Acts` reads them: softmax regression, maximum a posteriori under a normal prior."""
    names = sorted({example.act for example in examples})
    known = _known_words(examples)
    found = [acts.features(example.text, known) for example in examples]
    counts = Counter(feature for each in found for feature in each)
    vocabulary = sorted(feature for feature, count in counts.items() if count >= RAREST)
    x = _matrix(found, {feature: at for at, feature in enumerate(vocabulary)})
    truth = np.array([names.index(example.act) for example in examples])
    weights = _fitted(x, truth, _importance(examples), len(names), ridge)
    weights -= weights.mean(axis=1, keepdims=True)
    kept = {}
    for feature, row in zip(vocabulary, weights, strict=True):
        telling = {act: round(float(w), 2) for act, w in zip(names, row, strict=True) if abs(w) >= NEGLIGIBLE}
        if telling or feature in known:
            kept[feature] = telling
    return {"acts": names, "features": kept}


def _known_words(examples: Sequence[Example]) -> frozenset[str]:
    """Words that are common enough in the examples; all others are unknown ones, in learning as in reading."""
    counts = Counter(word for example in examples for word in set(acts.plain_words(example.text)))
    return frozenset(word for word, count in counts.items() if count >= KNOWN)


def _matrix(found: Sequence[set[str]], places: Mapping[str, int]) -> csr_array:
    """One row an example, 1 where it has the feature."""
    rows, columns = [], []
    for row, features in enumerate(found):
        at = sorted(places[feature] for feature in features if feature in places)
        rows += [row] * len(at)
        columns += at
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(found), len(places)))


def _importance(examples: Sequence[Example]) -> Floats:
    counts = Counter(example.act for example in examples)
    return np.array([max(LEAST_WEIGHT / counts[example.act], 1.0) for example in examples])


def _fitted(x: csr_array, truth: NDArray[np.int64], importance: Floats, acts_count: int, ridge: float) -> Floats:
    rows, shape = np.arange(len(truth)), (x.shape[1], acts_count)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        scores = x @ weights
        scores -= scores.max(axis=1, keepdims=True)
        share = np.exp(scores)
        share /= share.sum(axis=1, keepdims=True)
        total = -(importance * np.log(share[rows, truth] + 1e-12)).sum() + ridge / 2 * (flat @ flat)
        share[rows, truth] -= 1
        share *= importance[:, None]
        return total, (x.T @ share + ridge * weights).ravel()

    solved = minimize(loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 120})
    fitted: Floats = solved.x.reshape(shape)
    return fitted


def _report() -> None:
    """How often each verdict falls on the holdout part of each set, and the wish for a person with its interval."""
    from assistant.answering import guardrails

    for name, texts in _held_out():
        said = Counter(verdict.reason for text in texts if (verdict := guardrails.read(text)) is not None)
        print(f"{name:20} {len(texts):5}  {', '.join(f'{reason} {count}' for reason, count in said.most_common())}")
    rows = [row for row in sets.rows("nlupp_banking/utterances.jsonl") if sets.part_of(str(row["_id"])) == "holdout"]
    for wanted, name in ((True, "recall"), (False, "false alarms")):
        of = [_brings_a_person(row["text"]) for row in rows if row["wants_human"] is wanted]
        low, high = _interval(of)
        print(f"a person is brought, {name}: {np.mean(of):.3f} ({low:.3f} to {high:.3f}) of {len(of)}")


def _brings_a_person(text: str) -> bool:
    from assistant.answering import guardrails

    verdict = guardrails.read(text)
    return verdict is not None and verdict.reason in (ASKED, guardrails.UPSET)


def _held_out() -> Iterator[tuple[str, list[str]]]:
    small: dict[str, list[str]] = {}
    for row in sets.rows("clinc_oos/utterances.jsonl"):
        if sets.part_of(str(row["_id"])) == "holdout":
            small.setdefault("clinc " + (row["intent"] if row["domain"] == "small_talk" else "others"), []).append(
                row["text"]
            )
    yield from sorted(small.items())
    for name in (
        "nlupp_banking/utterances.jsonl",
        "banking77/utterances.jsonl.gz",
        "sumo_questions_2023/questions.jsonl.gz",
    ):
        yield name.split("/")[0], [r["text"] for r in sets.rows(name) if sets.part_of(str(r["_id"])) == "holdout"]
    for name, questions in (
        ("techqa", sets.techqa()),
        ("mtrag", sets.mtrag("last turn")),
        ("xquad", sets.xquad()),
        ("xquad de", sets.xquad("de")),
    ):
        yield name, [question.text for question in questions if question.part == "holdout"]


def _interval(values: Sequence[bool]) -> tuple[float, float]:
    """The 95 % bootstrap interval of a share."""
    draw = np.random.default_rng(0)
    means = draw.choice(np.array(values, dtype=float), (RESAMPLES, len(values))).mean(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


if __name__ == "__main__":
    main()
