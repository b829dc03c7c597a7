import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from knowledge.embedding import EmbeddingUnavailable
from knowledge.indexing import active_generation, index_documents, unindex_documents
from knowledge.models import Chunk, ChunkTerms, CollectionStatistic, Document, IndexGeneration, TermStatistic
from knowledge.retrieval import Query, retrieve
from knowledge.terms import term_id
from tests.knowledge.library import RETURNS, article, rewrite

pytestmark = pytest.mark.django_db


def _count(term: str) -> int:
    return TermStatistic.objects.filter(term=term_id(term)).values_list("chunk_count", flat=True).first() or 0


def test_chunks_carry_text_offsets_vector_and_terms():
    document = article("returns", RETURNS)
    assert index_documents([document]) == Chunk.objects.count() == 2
    chunk = Chunk.objects.get(heading_path__contains=["Refunds"])
    assert document.text[chunk.start : chunk.end] == chunk.text
    assert len(chunk.embedding) == active_generation().dimension == 384
    words = ["return", "refund", "money", "come", "five", "day"]
    assert chunk.terms.terms == [term_id(word) for word in words]
    assert sorted(chunk.terms.weights.indices()) == sorted(map(term_id, words))
    document.refresh_from_db()
    assert document.answerable_at is not None


def test_an_unchanged_document_is_left_as_it_is():
    document = article("returns", RETURNS)
    index_documents([document])
    before = set(Chunk.objects.values_list("pk", flat=True))
    assert index_documents([document]) == 0
    assert set(Chunk.objects.values_list("pk", flat=True)) == before


def test_vectors_of_unchanged_sections_are_not_computed_again(served_model):
    document = article("returns", RETURNS)
    index_documents([document])
    asked = len(served_model.requests)
    index_documents([rewrite(document, RETURNS.replace("five", "six"))])
    assert [len(request["input"]) for request in served_model.requests[asked:]] == [1]


def test_statistics_follow_chunks_however_they_come_and_go():
    one, other = article("returns", RETURNS), article("gift", "# Gifts\n\nA gift is money, money too.")
    index_documents([one, other])
    assert (_count("money"), _count("gift")) == (2, 1)
    unindex_documents([one])
    assert _count("money") == 1
    other.delete()
    assert (_count("money"), _count("gift")) == (0, 0)
    assert not ChunkTerms.objects.exists()
    assert CollectionStatistic.objects.get().chunk_count == 0


def test_a_collection_is_deleted_with_its_statistics():
    document = article("returns", RETURNS)
    index_documents([document])
    document.collection.delete()
    connection.check_constraints()
    assert not TermStatistic.objects.exists()
    assert not CollectionStatistic.objects.exists()


def test_publication_reaches_chunks_without_new_vectors(served_model):
    document = article("returns", RETURNS, status=Document.Status.UNPUBLISHED)
    index_documents([document])
    assert not Chunk.objects.filter(published=True).exists()
    assert not ChunkTerms.objects.filter(published=True).exists()
    asked = len(served_model.requests)
    document.status = Document.Status.PUBLISHED
    document.save()
    index_documents([document])
    assert not Chunk.objects.filter(published=False).exists()
    assert not ChunkTerms.objects.filter(published=False).exists()
    assert len(served_model.requests) == asked


@pytest.mark.parametrize("fault", ["zeros", "nan", "narrow", "short", "503"])
def test_without_sound_vectors_nothing_is_replaced(served_model, fault):
    document = article("returns", RETURNS)
    index_documents([document])
    before = list(Chunk.objects.values_list("text", flat=True))
    rewrite(document, RETURNS.replace("30", "40"))
    served_model.set(fault=fault)
    with pytest.raises(EmbeddingUnavailable):
        index_documents([document])
    assert list(Chunk.objects.values_list("text", flat=True)) == before


def test_an_article_that_changed_again_meanwhile_is_left_to_whoever_changed_it():
    stale = article("returns", RETURNS)
    current = rewrite(Document.objects.get(pk=stale.pk), RETURNS.replace("30", "40"))
    assert index_documents([stale]) == 0
    assert index_documents([current]) == 2


def test_vectors_stand_in_their_rows_where_a_search_that_compares_them_all_has_them_at_hand():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, attstorage FROM pg_attribute WHERE attname LIKE '%embedding'"
            " AND attrelid IN ('knowledge_chunk'::regclass, 'knowledge_indexeddocument'::regclass)"
        )
        storage = dict(cursor.fetchall())
    assert storage == {"knowledge_chunk": "m", "knowledge_indexeddocument": "m"}


@pytest.mark.django_db(transaction=True)
def test_the_first_generation_is_made_once_by_many():
    def make(_: int) -> int:
        try:
            return active_generation().pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(make, range(6)))) == 1
    assert IndexGeneration.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_terms_wait_for_each_other_and_count_right():
    active_generation()
    documents = [article(f"article-{number}", RETURNS.replace("30", str(number))) for number in range(8)]

    def churn(mine: list[Document]) -> None:
        try:
            for text in ("money five zebra", "zebra money", "five money"):
                index_documents([rewrite(document, f"# A\n\n{text}") for document in mine])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(churn, [documents[0:2], documents[2:4][::-1], documents[4:6], documents[6:8]]))
    assert (_count("money"), _count("zebra")) == (8, 0)


@pytest.mark.django_db(transaction=True)
def test_a_reader_sees_exactly_one_version_while_articles_are_replaced():
    documents = [article(f"article-{number}", f"# Topic\n\nPrice of thing{number} is version0.") for number in range(3)]
    index_documents(documents)
    done = threading.Event()

    def keep_rewriting() -> None:
        try:
            for version in range(1, 13):
                for document in documents:
                    rewrite(document, f"# Topic\n\nPrice of thing{document.article[-1]} is version{version}.")
                index_documents(documents)
        finally:
            done.set()
            connection.close()

    writer = threading.Thread(target=keep_rewriting)
    writer.start()
    looked = 0
    while not done.is_set() or not looked:
        passages = retrieve(Query("price of thing1", "shop")).passages
        assert sorted(passage.article for passage in passages) == [d.article for d in documents]
        looked += 1
    writer.join()
    assert all("version12" in passage.text for passage in retrieve(Query("price of thing1", "shop")).passages)
