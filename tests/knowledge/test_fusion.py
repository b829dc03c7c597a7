from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.fusion import Scored, fuse

cosines = st.floats(-1, 1, allow_nan=False)
bm25s = st.floats(0, 60, allow_nan=False)
scored = st.builds(
    Scored,
    chunk_id=st.integers(1, 10**9),
    document_id=st.integers(1, 100),
    dense=cosines,
    lexical=bm25s,
    title=cosines,
    preferred_locale=st.booleans(),
)
unique = st.lists(scored, max_size=30, unique_by=lambda chunk: chunk.chunk_id)


def _chunk(number: int, dense: float | None, lexical: float, preferred: bool = False) -> Scored:
    return Scored(number, number, dense, lexical, dense, preferred)


@given(unique, bm25s)
def test_every_chunk_comes_out_once_with_a_falling_score_between_0_and_1(chunks, best):
    fused = fuse(chunks, best, 5)
    assert sorted(c.chunk_id for c in fused) == sorted(c.chunk_id for c in chunks)
    scores = [c.score for c in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@given(unique, bm25s)
def test_the_order_in_which_candidates_were_found_does_not_matter(chunks, best):
    assert fuse(chunks, best, 5) == fuse(list(reversed(chunks)), best, 5)


@given(unique.filter(len), bm25s.filter(bool))
def test_what_is_better_in_both_is_never_below(chunks, best):
    fused = fuse([*chunks, _chunk(10**9 + 1, 1.0, 60.0, True)], best, 5)
    assert fused[0].score >= max(c.score for c in fused)
    assert 10**9 + 1 in [c.chunk_id for c in fused if c.score == fused[0].score]


def test_both_signals_count():
    near_and_shared = _chunk(1, 0.6, 8.0)
    only_near = _chunk(2, 0.6, 0.0)
    only_shared = _chunk(3, 0.1, 8.0)
    best, *_ = fuse([only_near, only_shared, near_and_shared, _chunk(4, 0.1, 0.0)], 20.0, 5)
    assert best.chunk_id == near_and_shared.chunk_id


def test_without_vectors_the_words_decide():
    fused = fuse([_chunk(1, None, 2.0), _chunk(2, None, 9.0)], 20.0, 5)
    assert [c.chunk_id for c in fused] == [2, 1]
    assert fused[0].dense is None


def test_of_two_alike_the_one_in_the_customers_language_comes_first():
    fused = fuse([_chunk(1, 0.7, 5.0), _chunk(2, 0.7, 5.0, preferred=True), _chunk(3, 0.0, 0.0)], 20.0, 5)
    assert fused[0].chunk_id == 2


def test_a_good_find_scores_higher_than_the_best_of_a_bad_lot():
    good = fuse([_chunk(1, 0.8, 15.0), _chunk(2, 0.1, 0.0)], 20.0, 5)
    bad = fuse([_chunk(1, 0.2, 1.0), _chunk(2, 0.1, 0.0)], 20.0, 5)
    assert good[0].score > bad[0].score + 0.3


def test_of_two_equal_chunks_the_one_whose_article_is_named_like_the_question_comes_first():
    fused = fuse(
        [Scored(1, 1, 0.5, 5.0, 0.1, False), Scored(2, 2, 0.5, 5.0, 0.8, False), Scored(3, 3, 0.1, 0.0, 0.1, False)],
        20.0,
        5,
    )
    assert [c.chunk_id for c in fused] == [2, 1, 3]


def test_one_shared_word_of_a_short_question_does_not_beat_what_is_about_it():
    others = [Scored(number, number, 0.1, 0.0, 0.1, False) for number in range(10, 60)]
    about, sharing = Scored(1, 1, 0.45, 0.0, 0.45, False), Scored(2, 2, 0.3, 9.0, 0.2, False)
    assert fuse([about, sharing, *others], 20.0, 2)[0].chunk_id == 1
    assert fuse([about, sharing, *others], 20.0, 30)[0].chunk_id == 2


def test_what_is_shared_with_a_question_in_another_language_does_not_beat_what_is_about_it():
    others = [Scored(number, number, 0.1, 0.0, 0.1, False) for number in range(10, 60)]
    about, sharing = Scored(1, 1, 0.45, 0.0, 0.45, False), Scored(2, 2, 0.3, 9.0, 0.2, False)
    assert fuse([about, sharing, *others], 20.0, 30, overlap=1.0)[0].chunk_id == 2
    assert fuse([about, sharing, *others], 20.0, 30, overlap=0.1)[0].chunk_id == 1


def test_without_vectors_little_overlap_leaves_the_order_of_the_words():
    fused = fuse([_chunk(1, None, 2.0), _chunk(2, None, 9.0)], 20.0, 5, overlap=0.05)
    assert [c.chunk_id for c in fused] == [2, 1]
