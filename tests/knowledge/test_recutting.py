"""After an upgrade that cuts words into other terms: what is indexed is found as before, and soon by today's."""

import pytest
from pgvector import SparseVector

from knowledge import tasks
from knowledge.indexing import index_documents, recut_missing
from knowledge.models import LEXICAL_DIMENSIONS, Chunk, ChunkTerms, IndexedDocument, TermStatistic
from knowledge.retrieval import Query, retrieve
from knowledge.terms import term_id
from tests.knowledge.library import article, rewrite

pytestmark = pytest.mark.django_db

TEXT = "# Privacy\n\nWe keep your e-mail for a year.\n\n## Elsewhere\n\nNobody else is told."


def lexical(question: str) -> float:
    return max(candidate.lexical or 0.0 for candidate in retrieve(Query(question, "shop")).candidates)


def counts() -> dict[int, int]:
    return dict(TermStatistic.objects.filter(chunk_count__gt=0).values_list("term", "chunk_count"))


def cut_as_before() -> None:
    """As the version before wrote it, which knew of no mark."""
    for chunk in Chunk.objects.all():
        terms = [term_id(term) for term in ("keep", "e", "mail", "e-mail", "year")]
        ChunkTerms.objects.filter(chunk=chunk).delete()
        weights = SparseVector(dict.fromkeys(terms, 1.0), LEXICAL_DIMENSIONS)
        copied = {name: getattr(chunk, name) for name in ("generation_id", "collection_id", "published")}
        ChunkTerms.objects.create(chunk=chunk, terms=terms, weights=weights, **copied)
    IndexedDocument.objects.update(terms_of="")


def test_words_are_found_as_they_were_cut_and_by_the_sweep_as_they_are_cut_today():
    index_documents([article("privacy", TEXT), article("hidden", TEXT, status="unpublished")])
    chunks, terms, held = (
        list(Chunk.objects.values_list("pk", flat=True).order_by("pk")),
        list(ChunkTerms.objects.order_by("chunk").values_list("chunk", "published", "terms")),
        counts(),
    )
    cut_as_before()
    assert lexical("What do you do with my mail?") > 0 == lexical("What do you do with my email?")
    tasks.index_pending()
    assert lexical("What do you do with my email?") > 0
    assert list(Chunk.objects.values_list("pk", flat=True).order_by("pk")) == chunks
    assert list(ChunkTerms.objects.order_by("chunk").values_list("chunk", "published", "terms")) == terms
    assert counts() == held


def test_nothing_is_cut_twice_and_that_costs_one_query(django_assert_num_queries):
    index_documents([article(f"privacy-{number}", TEXT) for number in range(3)])
    cut_as_before()
    assert recut_missing(2) == 2
    assert recut_missing(2) == 1
    with django_assert_num_queries(1):
        assert recut_missing(2) == 0


def test_an_article_that_the_version_before_indexes_meanwhile_is_cut_again():
    document = article("privacy", TEXT)
    index_documents([document])
    mark = IndexedDocument.objects.get().terms_of
    index_documents([rewrite(document, TEXT + " Nor later.")])
    IndexedDocument.objects.update(terms_of=mark)  # it knows nothing of it
    assert recut_missing(10) == 1


def test_a_question_lacks_no_word_that_articles_write_otherwise():
    index_documents([article("network", "# Network\n\nThe wifi of the shop is free.")])
    assert lexical("wi-fi") == lexical("wifi") > 0
