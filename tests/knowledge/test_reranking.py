import math
from array import array
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.query import Candidate
from knowledge.retrieval.reranking import Contender, measure, proximity, rerank, weights

RARITY = {1: 3.0, 2: 2.0, 3: 1.0}
TERMS = st.lists(st.integers(1, 9), max_size=40)


def contender(
    chunk: int, *, terms=(), title=(), headings=(), document=None, score=0.5, dense=0.5, lexical=1.0, preferred=False,
    written_at=None,
):  # fmt: skip
    return Contender(
        candidate=Candidate(chunk, document or chunk, score, dense, lexical),
        title=0.5,
        title_terms=frozenset(title),
        heading_terms=frozenset(headings),
        terms=array("i", terms),
        ordinal=0,
        preferred_locale=preferred,
        written_at=written_at,
    )


@st.composite
def contenders(draw):
    count = draw(st.integers(1, 12))
    share = st.floats(0, 1)
    return [
        contender(
            chunk,
            terms=draw(TERMS),
            title=draw(TERMS),
            headings=draw(TERMS),
            document=draw(st.integers(1, 4)),
            score=draw(share),
            dense=draw(share),
            lexical=draw(st.floats(0, 12)),
        )
        for chunk in range(1, count + 1)
    ]


@given(contenders())
def test_every_candidate_comes_back_once_in_order_and_on_the_same_level(looked_at):
    ranked = rerank(looked_at, RARITY)
    assert sorted(c.chunk_id for c in ranked) == [c.candidate.chunk_id for c in looked_at]
    scores = [candidate.score for candidate in ranked]
    assert scores == sorted(scores, reverse=True)
    old = [c.candidate.score for c in looked_at]
    assert scores[0] == pytest.approx(max(old), abs=1e-6)
    assert min(scores) >= min(old) - 1e-6


@pytest.mark.parametrize("model", ["local", "local-multilingual"])
@given(looked_at=contenders())
def test_features_are_those_that_the_model_weighs_and_finite(looked_at, model):
    for features in measure(looked_at, RARITY):
        assert features.keys() == weights(model).keys() | {"fused"}
        assert all(math.isfinite(value) for value in features.values())
        assert 0 <= features["cover"] <= 1 + 1e-9
        assert 0 <= features["proximity"] <= 1


def test_a_chunk_that_holds_the_questions_words_side_by_side_comes_first():
    beside = contender(2, terms=[5, 1, 2, 3, 6])
    apart = contender(1, terms=[1, 5, 6, 7, 2, 8, 9, 5, 3])
    assert [c.chunk_id for c in rerank([apart, beside], RARITY)] == [2, 1]
    assert proximity([1, 2, 3], RARITY) == 1
    assert proximity([3, 9, 9, 2], RARITY) < 0.5
    assert proximity([4, 5], RARITY) == 0


def test_a_title_that_was_asked_for_counts():
    named, other = contender(2, terms=[1, 2], title=[1, 2]), contender(1, terms=[1, 2], title=[8, 9])
    assert rerank([other, named], RARITY)[0].chunk_id == 2


def test_the_customers_language_decides_between_equals():
    foreign, own = contender(1, terms=[1]), contender(2, terms=[1], preferred=True)
    assert rerank([foreign, own], RARITY)[0].chunk_id == 2


def test_each_embedding_model_has_weights_of_its_own_and_an_unknown_one_those_of_local():
    assert weights("local-multilingual") != weights("local") == weights("served-somewhere")


def test_a_stray_word_of_a_question_in_another_language_counts_little():
    about, sharing = contender(1, dense=0.6, lexical=0.0), contender(2, dense=0.5, lexical=6.0)
    spread = {overlap: measure([about, sharing], RARITY, overlap)[1]["lexical_z"] for overlap in (1.0, 0.1, 0.0)}
    assert spread[1.0] == pytest.approx(5 * spread[0.1])
    assert spread[0.0] == 0


def test_nothing_is_found_of_nothing():
    assert rerank([], RARITY) == []
    assert rerank([contender(1)], {})[0].score == 0.5


OLD, NEW = datetime(2021, 5, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second", "best"),
    [
        ({"written_at": OLD}, {"written_at": NEW}, 2),
        ({"written_at": NEW}, {"written_at": OLD}, 1),
        ({"written_at": None}, {"written_at": NEW}, 1),
        ({"written_at": OLD, "title": (8,)}, {"written_at": NEW, "title": (9,)}, 1),
        ({"written_at": OLD, "dense": 0.9, "lexical": 12.0}, {"written_at": NEW, "dense": 0.3}, 1),
        ({"written_at": OLD, "preferred": True}, {"written_at": NEW}, 1),
    ],
    ids=["newer last", "newer first", "without a date", "another title", "a much better answer", "a translation"],
)
def test_the_newer_of_two_editions_goes_first_when_they_answer_alike(first, second, best):
    looked_at = [
        contender(number, **{"title": (1,), "terms": (1, 2)} | said) for number, said in ((1, first), (2, second))
    ]
    assert rerank(looked_at, RARITY)[0].chunk_id == best
