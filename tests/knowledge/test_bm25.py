import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.bm25 import K1, B, best_possible, chunk_weights, inverse_document_frequency, query_weights, rarities

texts = st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=40), min_size=1, max_size=12)


def reference(query: list[int], chunk: list[int], corpus: list[list[int]], average_length: float) -> float:
    """BM25 as in Robertson and Zaragoza (2009), with Lucene's idf."""
    score = 0.0
    for term in set(query):
        holding = sum(term in other for other in corpus)
        if not holding:
            continue
        idf = math.log(1 + (len(corpus) - holding + 0.5) / (holding + 0.5))
        frequency = chunk.count(term)
        norm = K1 * (1 - B + B * len(chunk) / average_length)
        score += idf * frequency * (K1 + 1) / (frequency + norm)
    return score


@given(texts, st.lists(st.integers(0, 25), max_size=15))
def test_the_inner_product_of_both_parts_is_bm25(corpus, query):
    holding = {term: sum(term in chunk for chunk in corpus) for term in range(26)}
    asked = query_weights(query, holding, len(corpus))
    for chunk in corpus:
        carried = chunk_weights(chunk, 12.5)
        score = sum(weight * carried.get(term, 0.0) for term, weight in asked.items())
        assert score == pytest.approx(reference(query, chunk, corpus, 12.5))
        assert score <= best_possible(rarities(query, holding, len(corpus))) + 1e-9


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_a_rarer_term_never_tells_less(holding, total):
    assert inverse_document_frequency(holding, total) > 0
    assert inverse_document_frequency(holding, total) >= inverse_document_frequency(holding + 1, total)


def test_a_text_without_terms_weighs_nothing():
    assert chunk_weights([], 100.0) == {}
    assert query_weights([], {}, 0) == {}
    assert best_possible(rarities([], {}, 0)) == 0
