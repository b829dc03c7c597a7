import numpy as np
import pytest

from benchmarks.evaluation.rankings import NDCG, RECALL, WHOLE, WORDS
from benchmarks.evaluation.retrieval import Asked, Measured, _rows


def _measured(ids: list[str], found: list[float]) -> Measured:
    columns = {RECALL: np.ones(len(ids)), NDCG: np.array(found)}
    return Measured(ids, ids, {WORDS: columns, WHOLE: columns})


def test_what_noise_costs_is_a_row_of_its_own_with_the_goal() -> None:
    done = {
        "xquad_noise, clean": _measured(["a", "b"], [1.0, 0.8]),
        "xquad_noise, noisy": _measured(["a", "b"], [0.9, 0.7]),
    }
    asked = Asked("xquad_noise, noisy", "xquad_noise", [], "at least -.02 nDCG", "xquad_noise, clean")
    *others, (_, told, recall, ndcg, goal) = _rows(asked, done)
    assert told == "the whole, reranked, less clean"
    assert recall.startswith("+.000 (")
    assert ndcg.startswith("-.100 (-.100 to -.100)")
    assert goal == "at least -.02 nDCG"
    assert not any(row[-1] for row in others)


def test_other_questions_are_not_subtracted() -> None:
    done = {"clean": _measured(["a", "b"], [1.0, 1.0]), "noisy": _measured(["a", "c"], [1.0, 1.0])}
    with pytest.raises(ValueError, match="same questions"):
        list(_rows(Asked("noisy", "", [], "", "clean"), done))
