"""Learns knowledge/planted_words.json: the words of a sentence that speaks to an assistant.

    EVALUATION_DATA=... python -m benchmarks.train_planted

Logistic regression with a ridge penalty, on the sentences of the attacks' tuning part against those of the help
centres' tuning parts and of the own one. The table is of attacks that were left out while their words were learned, and
of the holdout articles.
"""

import json
import os
import random
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array

from benchmarks.evaluation import sets
from knowledge import planted_words

RIDGE = 1.0
# Sentences that have to hold a feature.
RAREST = 4
# Smaller weights change no verdict and would be most of the file.
NEGLIGIBLE = 0.1
# Sentences of articles learned from, and what all of the attacks' together weigh against them.
HARMLESS = 30_000
SHARE_OF_ATTACKS = 0.25
FOLDS = 3
CORPORA = ("techqa/corpus.jsonl.gz", "mtrag_cloud/corpus.jsonl.gz", "gnome_help/corpus.jsonl.gz")
ARDUINO = "arduino_help_center/arduino-help-center.tar.gz"
OWN_HELP = Path(__file__).parents[1] / "docs" / "help"
Floats = NDArray[np.float64]


def main() -> None:
    """Learn, print the table, write the weights."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    attacks = [row for row in sets.rows("injection/attacks.jsonl") if sets.part_of(row["_id"]) == "tuning"]
    articles = [*_articles("tuning"), *_own()]
    harmless = [sentence for text in articles for sentence in _sentences(text)]
    harmless = random.Random(1).sample(harmless, min(HARMLESS, len(harmless)))
    _cross_validated(attacks, harmless)
    _written(learn([s for row in attacks for s in _sentences(row["text"])], harmless))
    for part, texts in (("tuning", articles), ("holdout", list(_articles("holdout")))):
        print(f"articles of the {part} part with such a stretch: {sum(map(_has_stretch, texts))} of {len(texts)}")


def learn(attacking: Sequence[str], harmless: Sequence[str]) -> dict[str, Any]:
    """Weights as `planted_words` reads them."""
    found = [planted_words.features(sentence) for sentence in [*attacking, *harmless]]
    counts = Counter(feature for each in found for feature in each)
    places = {feature: at for at, feature in enumerate(sorted(f for f, count in counts.items() if count >= RAREST))}
    rows = [row for row, each in enumerate(found) for feature in each if feature in places]
    columns = [places[feature] for each in found for feature in each if feature in places]
    x = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(found), len(places)))
    truth = np.arange(len(found)) < len(attacking)
    importance = np.where(truth, SHARE_OF_ATTACKS * len(harmless) / len(attacking), 1.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        likely = 1 / (1 + np.exp(-np.clip(x @ weights[:-1] + weights[-1], -40, 40)))
        of_truth = np.where(truth, likely, 1 - likely)
        slope = importance * (likely - truth)
        total = -(importance * np.log(of_truth + 1e-12)).sum() + RIDGE / 2 * (weights[:-1] @ weights[:-1])
        return total, np.r_[x.T @ slope + RIDGE * weights[:-1], slope.sum()]

    start = np.zeros(len(places) + 1)
    solved = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    kept = zip(places, solved, strict=False)
    weights = {feature: round(float(weight), 2) for feature, weight in kept if abs(weight) >= NEGLIGIBLE}
    return {"bias": round(float(solved[-1]), 2), "weights": weights}


def _written(learned: dict[str, Any]) -> None:
    """JSON with a line for each feature, read from now on."""
    rows = ",\n".join(f"{json.dumps(name)}: {weight}" for name, weight in learned["weights"].items())
    text = f'{{"bias": {learned["bias"]},\n"weights": {{\n{rows}\n}}}}\n'
    Path(planted_words.__file__).with_suffix(".json").write_text(text, encoding="utf-8")
    planted_words._learned.cache_clear()


def _cross_validated(attacks: Sequence[Any], harmless: Sequence[str]) -> None:
    """How many attacks are found by words that were learned without them, and how much of them."""
    found: Counter[str] = Counter()
    shares = []
    for fold in range(FOLDS):
        _written(learn([s for row in _but(attacks, fold) for s in _sentences(row["text"])], harmless))
        for row in attacks[fold::FOLDS]:
            parts = _sentences(row["text"])
            inside = {place for stretch in _stretches(parts) for place in stretch}
            found[row["channel"]] += bool(inside)
            if inside:
                shares.append(sum(len(parts[place]) for place in inside) / sum(map(len, parts)))
    for channel, number in Counter(row["channel"] for row in attacks).items():
        print(f"{channel} attacks found, left out of learning: {found[channel]} of {number}")
    print(f"of those that were found, characters within: {np.mean(shares):.3f}")


def _but(attacks: Sequence[Any], fold: int) -> list[Any]:
    return [row for at, row in enumerate(attacks) if at % FOLDS != fold]


def _stretches(parts: Sequence[str]) -> Iterator[range]:
    return planted_words.stretches([planted_words.evidence(part) for part in parts])


def _has_stretch(text: str) -> bool:
    return any(_stretches(_sentences(text)))


def _sentences(text: str) -> list[str]:
    from knowledge.planted import folded, sentences

    return [folded(text[start:end]) for start, end in sentences(text)]


def _articles(part: str) -> Iterator[str]:
    from knowledge.sources.parsing import parse

    for corpus in CORPORA:
        yield from (row["text"] for row in sets.rows(corpus) if sets.part_of(row["_id"]) == part)
    with tarfile.open(sets.folder() / ARDUINO) as packed:
        for member in packed:
            held = packed.extractfile(member) if member.name.endswith(".md") else None
            if held is not None and sets.part_of(member.name) == part:
                yield parse(member.name, held.read()).text


def _own() -> Iterator[str]:
    from knowledge.sources.parsing import parse

    yield from (parse(path.name, path.read_bytes()).text for path in sorted(OWN_HELP.rglob("*.md")))


if __name__ == "__main__":
    main()
