import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
import stamina
from django.apps import apps
from django.db import connection
from django.utils import timezone

from knowledge import imports
from knowledge.documents import pending
from knowledge.embedding import EmbeddingUnavailable, embedder_named
from knowledge.indexing import Renewal, active_generation, index_documents, renew_index, renewal, unindex_documents
from knowledge.indexing.generations import current_generation
from knowledge.indexing.plan import embedded_text
from knowledge.models import Chunk, ChunkTerms, CollectionStatistic, Document, ImportRun, IndexGeneration, TermStatistic
from knowledge.retrieval import Query, Retrieval, retrieve
from knowledge.terms import term_id
from tests.knowledge.library import article, rewrite

pytestmark = pytest.mark.django_db

TEXT = "# Returns\n\nSend a parcel back within 30 days.\n\n## Refunds\n\nThe money comes after five days."


@pytest.fixture
def served_model(model_server, settings):
    """EMBEDDING_MODEL is one that the model server serves."""
    settings.EMBEDDING_MODEL = "bag-of-words"
    embedder_named.cache_clear()
    with stamina.set_testing(True, attempts=2, cap=True):
        yield model_server
    embedder_named.cache_clear()


def _count(term: str) -> int:
    return TermStatistic.objects.filter(term=term_id(term)).values_list("chunk_count", flat=True).first() or 0


def test_chunks_carry_text_offsets_vector_and_terms():
    document = article("returns", TEXT)
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
    document = article("returns", TEXT)
    index_documents([document])
    before = set(Chunk.objects.values_list("pk", flat=True))
    assert index_documents([document]) == 0
    assert set(Chunk.objects.values_list("pk", flat=True)) == before


def test_vectors_of_unchanged_sections_are_not_computed_again(served_model):
    document = article("returns", TEXT)
    index_documents([document])
    asked = len(served_model.requests)
    index_documents([rewrite(document, TEXT.replace("five", "six"))])
    assert [len(request["input"]) for request in served_model.requests[asked:]] == [1]


def test_statistics_follow_chunks_however_they_come_and_go():
    one, other = article("returns", TEXT), article("gift", "# Gifts\n\nA gift is money, money too.")
    index_documents([one, other])
    assert (_count("money"), _count("gift")) == (2, 1)
    unindex_documents([one])
    assert _count("money") == 1
    other.delete()
    assert (_count("money"), _count("gift")) == (0, 0)
    assert not ChunkTerms.objects.exists()
    assert CollectionStatistic.objects.get().chunk_count == 0


def test_a_collection_is_deleted_with_its_statistics():
    document = article("returns", TEXT)
    index_documents([document])
    document.collection.delete()
    connection.check_constraints()
    assert not TermStatistic.objects.exists()
    assert not CollectionStatistic.objects.exists()


def test_publication_reaches_chunks_without_new_vectors(served_model):
    document = article("returns", TEXT, status=Document.Status.UNPUBLISHED)
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
    document = article("returns", TEXT)
    index_documents([document])
    before = list(Chunk.objects.values_list("text", flat=True))
    rewrite(document, TEXT.replace("30", "40"))
    served_model.set(fault=fault)
    with pytest.raises(EmbeddingUnavailable):
        index_documents([document])
    assert list(Chunk.objects.values_list("text", flat=True)) == before


def test_an_article_that_changed_again_meanwhile_is_left_to_whoever_changed_it():
    stale = article("returns", TEXT)
    current = rewrite(Document.objects.get(pk=stale.pk), TEXT.replace("30", "40"))
    assert index_documents([stale]) == 0
    assert index_documents([current]) == 2


@pytest.mark.django_db(transaction=True)
def test_another_model_answers_only_when_all_is_embedded_anew(served_model, settings):
    settings.EMBEDDING_MODEL = "local"
    documents = [article(f"article-{number}", TEXT.replace("30", str(number))) for number in range(3)]
    index_documents(documents)
    old = active_generation()

    settings.EMBEDDING_MODEL = "bag-of-words"
    served_model.set(fault="503")
    with pytest.raises(EmbeddingUnavailable):
        renew_index()
    found = retrieve(Query("money back", "shop"))
    assert (found.generation, found.degraded) == (old.pk, ())

    served_model.set(fault="")
    assert renew_index() == 6
    found = retrieve(Query("money back", "shop"))
    assert found.generation != old.pk
    assert found.passages[0].dense is not None
    assert not IndexGeneration.objects.filter(pk=old.pk).exists()
    assert not Chunk.objects.filter(generation=old.pk).exists()
    assert renew_index() == 0


@pytest.mark.django_db(transaction=True)
def test_an_article_that_another_model_cannot_take_keeps_none_waiting(served_model, settings):
    settings.EMBEDDING_MODEL = "local"
    index_documents([article("returns", TEXT), article("odd", TEXT.replace("30", "thirtyodd"))])
    old = active_generation()
    settings.EMBEDDING_MODEL = "bag-of-words"
    served_model.set(fault="indigestible:thirtyodd")
    renew_index()
    found = retrieve(Query("money back", "shop"))
    assert found.generation != old.pk
    assert {passage.article for passage in found.passages} == {"returns"}
    refused = Document.objects.get(article="odd")
    assert refused.answerable_at is None
    assert refused.refusal == "a vector is zero"
    assert [document.pk for document in pending()] == [refused.pk]

    served_model.set(fault="")
    renew_index()
    refused.refresh_from_db()
    assert refused.answerable_at is not None
    assert refused.refusal == ""


@pytest.mark.django_db(transaction=True)
def test_the_same_name_at_another_address_is_another_model_and_the_new_server_is_not_asked_for_the_old(
    served_model, settings
):
    document = article("returns", TEXT)
    index_documents([document])
    old = active_generation()
    assert renewal() is None
    settings.OPENAI_BASE_URL = served_model.base_url.removesuffix("/v1")  # the server takes both
    embedder_named.cache_clear()
    assert renewal() == Renewal("bag-of-words", "bag-of-words", 0, 1, 0, by_meaning=False)
    asked = len(served_model.requests)
    meanwhile = retrieve(Query("money back", "shop"))
    assert (meanwhile.generation, meanwhile.degraded) == (old.pk, ("embedding",))
    assert meanwhile.passages[0].article == "returns"
    with pytest.raises(EmbeddingUnavailable):
        index_documents([rewrite(document, TEXT.replace("30", "40"))], old)
    assert len(served_model.requests) == asked

    renew_index()
    found = retrieve(Query("money back", "shop"))
    assert found.generation != old.pk
    assert found.degraded == ()
    assert renewal() is None


def test_an_index_of_before_counts_as_made_at_the_address_that_is_set(served_model):
    index_documents([article("returns", TEXT)])
    IndexGeneration.objects.update(recipe="bag-of-words/8/served")
    migration = import_module("knowledge.migrations.0011_address_in_recipe")
    migration.add_address(apps, connection.schema_editor())
    assert renewal() is None
    assert renew_index() == 0


@pytest.mark.django_db(transaction=True)
def test_while_the_next_index_is_built_a_change_goes_into_both(served_model, settings):
    settings.EMBEDDING_MODEL = "local"
    document = article("returns", TEXT)
    index_documents([document])
    settings.EMBEDDING_MODEL = "bag-of-words"
    building = current_generation()
    index_documents([rewrite(document, TEXT.replace("30", "40"))])
    in_each = Chunk.objects.filter(text__contains="40 days").values_list("generation", flat=True)
    assert set(in_each) == {building.pk, active_generation().pk}


def test_what_the_model_refused_keeps_no_later_article_waiting():
    article("odd", TEXT)
    Document.objects.update(refusal="too odd")
    later = article("later", TEXT)
    assert pending(limit=1) == [later]


def test_renewal_leaves_an_import_under_way_to_itself_and_takes_over_a_dead_one():
    document = article("returns", TEXT)
    run = ImportRun.objects.create(
        source=document.source, state=ImportRun.State.RUNNING, renewed_at=timezone.now() - imports.STALE / 2
    )
    assert renew_index() == 0
    assert pending() == []
    ImportRun.objects.filter(pk=run.pk).update(renewed_at=timezone.now() - imports.STALE)
    assert pending() == [document]
    assert renew_index() == 2


def test_renewal_indexes_what_an_interruption_left_out():
    article("returns", TEXT)
    assert renew_index() == 2
    assert retrieve(Query("refund", "shop")).passages


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
    documents = [article(f"article-{number}", TEXT.replace("30", str(number))) for number in range(8)]

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


@pytest.mark.django_db(transaction=True)
def test_between_the_local_models_no_vectors_are_mixed_and_customers_go_on_being_answered(settings):
    """Both have 384 dimensions, so nothing but the recipe tells their vectors apart."""
    settings.EMBEDDING_MODEL = "local"
    documents = [article(f"article-{number}", TEXT.replace("30", str(number))) for number in range(3)]
    index_documents(documents)
    old = active_generation()
    assert renewal() is None

    settings.EMBEDDING_MODEL = "local-multilingual"
    assert renewal() == Renewal("local-multilingual", "local", 0, 3, 0, True)
    building = current_generation()
    index_documents(documents[:2], building)
    assert renewal() == Renewal("local-multilingual", "local", 2, 3, 0, True)
    meanwhile = retrieve(Query("money back", "shop"))
    assert (meanwhile.generation, meanwhile.degraded, meanwhile.embedding_model) == (old.pk, (), "local")
    assert _cosines(meanwhile) == pytest.approx(_recomputed(meanwhile, "local"), abs=1e-4)

    assert renew_index() == 2
    assert renewal() is None
    found = retrieve(Query("money back", "shop"))
    assert (found.generation, found.embedding_model) == (building.pk, "local-multilingual")
    assert _cosines(found) == pytest.approx(_recomputed(found, "local-multilingual"), abs=1e-4)
    assert set(Chunk.objects.values_list("generation", flat=True)) == {building.pk}


def _cosines(found: Retrieval) -> list[float]:
    return [passage.dense for passage in found.passages]


def _recomputed(found: Retrieval, model: str) -> list[float]:
    embedder = embedder_named(model)
    texts = [embedded_text(p.title, p.heading_path, p.text) for p in found.passages]
    return (embedder.embed_passages(texts) @ embedder.embed_query(found.query.text)).tolist()
