"""`python -m benchmarks.train_fusion` writes knowledge/retrieval/fusion.json: the first ranking's constants.

Ingest the corpora as benchmarks/train_reranker.py tells, and set EVALUATION_DATA. One constant after the other is set
to the value that is best on the tuning parts, until none changes: best is the mean over the sets of nDCG@10 and of the
share of wanted articles among the thirty chunks that the reranker looks at. Prints what each value gives beside the
present ones, what was found, and what that changes on the holdout parts. A constant changes for a clear gain alone, as
reranker, extracts and confidence are learned from what fusion puts out and must then be learned anew.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import django
import numpy as np

from benchmarks.evaluation import sets
from benchmarks.evaluation.ranking import Floats, changed, figures
from benchmarks.train_reranker import Training, held_sets

if TYPE_CHECKING:
    from knowledge.retrieval.fusion import Scored

VALUES = {
    "DENSE_WEIGHT": (0.3, 0.4, 0.5, 0.6, 0.7),
    "TITLE_WEIGHT": (0.0, 0.25, 0.5, 0.75, 1.0, 1.25),
    "LEXICAL_CAP": (1.0, 1.5, 2.0, 3.0, 9.0),
    "LEXICAL_CAP_PER_TERM": (0.0, 0.125, 0.25, 0.5),
}
# A thousandth of the mean: the best of smaller gains moved nothing of what is shown (docs/decisions/010-retrieval.md).
CLEAR_GAIN = 1e-3
TRIED = [(name, value) for name, values in VALUES.items() for value in values]
Constants = Mapping[str, float]


class Case(NamedTuple):
    """One question of a set with what both searches found for it."""

    question: sets.Question
    scored: "list[Scored]"
    best_lexical: float
    term_count: int
    overlap: float
    articles: Mapping[int, str]


class Cases(NamedTuple):
    """A set's questions, and how much the set counts."""

    name: str
    weight: float
    cases: list[Case]


def main() -> None:
    """Print the three tables, and write the file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    from knowledge.retrieval import fusion

    gathered = [Cases(t.name, t.weight, [_gathered(q, t) for q in t.questions if q.articles]) for t in held_sets()]
    present = {name: getattr(fusion, name) for name in VALUES}
    for name, values in VALUES.items():
        print(name, *(f"{value:g}: {_objective(gathered, present | {name: value}):.4f}" for value in values))
    found = learn(gathered, present)
    print("found", found, f"{_objective(gathered, present):.4f} -> {_objective(gathered, found):.4f}")
    for of_set in gathered:
        _report(of_set, present, found)
    write(found, Path(fusion.__file__).with_name("fusion.json"))


def write(constants: Constants, path: Path) -> None:
    """The file that fusion.py reads."""
    path.write_text(json.dumps(dict(constants), indent=2) + "\n", encoding="utf-8")


def learn(gathered: Sequence[Cases], present: Constants) -> dict[str, float]:
    """The constants after coordinate ascent from the present ones; one changes for a clear gain alone."""
    best, highest = dict(present), _objective(gathered, present)
    changed = True
    while changed:
        changed = False
        for name, value in TRIED:
            reached = _objective(gathered, best | {name: value})
            if reached > highest + CLEAR_GAIN:
                best, highest, changed = best | {name: value}, reached, True
    return best


def _gathered(question: sets.Question, training: Training) -> Case:
    from knowledge.bm25 import best_possible
    from knowledge.embedding import embedder_named
    from knowledge.models import Document
    from knowledge.retrieval import Query, search, semantic, spelling
    from knowledge.retrieval.access import scope_of
    from knowledge.retrieval.frequencies import Frequencies
    from knowledge.retrieval.scoring import score
    from knowledge.retrieval.stages import Stages

    scope = scope_of(training.collection)
    assert scope is not None  # it was ingested
    embedder = embedder_named(scope.embedding_model)
    frequencies = Frequencies(scope)
    text = spelling.understand(scope, frequencies, question.text, embedder).text
    vector, query = semantic.as_literal(embedder.embed_query(text)), Query(text, training.collection)
    with search.snapshot():
        words, by_words = search.found_by_words(query, scope, frequencies, Stages())
        scored = score(scope, by_words, vector, words, query.locale, search.depth(query))
    documents = Document.objects.filter(pk__in={chunk.document_id for chunk in scored})
    articles = dict(documents.values_list("pk", "article"))
    return Case(question, scored, best_possible(words.rarity), len(words.rarity), words.overlap, articles)


def _objective(gathered: Sequence[Cases], constants: Constants) -> float:
    means = [_measured(of_set, constants, "tuning").mean() for of_set in gathered]
    return float(np.average(means, weights=[of_set.weight for of_set in gathered]))


def _measured(of_set: Cases, constants: Constants, part: sets.Part) -> Floats:
    """nDCG@10 and recall among the first thirty chunks, by question of the part."""
    chosen = (case for case in of_set.cases if case.question.part == part)
    return np.array([_figures(case, constants) for case in chosen])


def _figures(case: Case, constants: Constants) -> tuple[float, float]:
    from knowledge.retrieval import fusion
    from knowledge.retrieval.reranking import RERANKED

    for name, value in constants.items():
        setattr(fusion, name, value)
    fused = fusion.fuse(case.scored, case.best_lexical, case.term_count, case.overlap)
    ranking = [case.articles[candidate.document_id] for candidate in fused]
    wanted = set(case.question.articles)
    return figures(ranking, case.question.articles)[1], len(wanted & set(ranking[:RERANKED])) / len(wanted)


def _report(of_set: Cases, present: Constants, found: Constants) -> None:
    old, new = (_measured(of_set, constants, "holdout") for constants in (present, found))
    groups = [sets.group_of(case.question) for case in of_set.cases if case.question.part == "holdout"]
    for index, figure in enumerate(("nDCG@10", "recall@30")):
        print(f"{of_set.name:30} {figure:9} {changed(old[:, index], new[:, index], groups)}")


if __name__ == "__main__":
    main()
