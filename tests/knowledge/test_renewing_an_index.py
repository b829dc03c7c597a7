"""Another search model, or another server of it: the next index beside the old one, and what it cannot take."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from knowledge import imports
from knowledge.embedding import EmbeddingUnavailable, embedder_named
from knowledge.indexing import Renewal, active_generation, index_documents, renew_index, renewal
from knowledge.indexing.generations import current_generation
from knowledge.indexing.plan import embedded_text
from knowledge.models import Chunk, Document, ImportRun, IndexGeneration
from knowledge.retrieval import Query, Retrieval, retrieve, search
from knowledge.unindexed import pending
from tests.knowledge.library import RETURNS, article, rewrite

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_another_model_answers_only_when_all_is_embedded_anew(served_model, settings):
    settings.EMBEDDING_MODEL = "local"
    documents = [article(f"article-{number}", RETURNS.replace("30", str(number))) for number in range(3)]
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


@pytest.mark.parametrize(("before", "looks"), [("understand", 2), ("found_by_words", 2), ("score", 3)])
@pytest.mark.django_db(transaction=True)
def test_a_search_whose_index_goes_away_looks_again(served_model, settings, monkeypatch, before, looks):
    settings.EMBEDDING_MODEL = "local"
    index_documents([article("returns", RETURNS)])
    old = active_generation()
    settings.EMBEDDING_MODEL = "bag-of-words"
    looked_up, times = getattr(search, before), []

    def switched(*asked):
        times.append(asked)
        if len(times) == 1:
            renew_index()
        return looked_up(*asked)

    monkeypatch.setattr(search, before, switched)
    found = retrieve(Query("money back", "shop"))
    assert not IndexGeneration.objects.filter(pk=old.pk).exists()
    assert {passage.article for passage in found.passages} == {"returns"}
    assert (found.generation, found.degraded, len(times)) == (active_generation().pk, (), looks)


@pytest.mark.django_db(transaction=True)
def test_an_article_that_another_model_cannot_take_keeps_none_waiting(served_model, settings):
    settings.EMBEDDING_MODEL = "local"
    index_documents([article("returns", RETURNS), article("odd", RETURNS.replace("30", "thirtyodd"))])
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
    document = article("returns", RETURNS)
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
        index_documents([rewrite(document, RETURNS.replace("30", "40"))], old)
    assert len(served_model.requests) == asked

    renew_index()
    found = retrieve(Query("money back", "shop"))
    assert found.generation != old.pk
    assert found.degraded == ()
    assert renewal() is None


@pytest.mark.django_db(transaction=True)
def test_other_prefixes_make_another_index_and_the_old_one_is_asked_as_it_was_made(served_model, settings):
    index_documents([article("returns", RETURNS)])
    old = active_generation()
    settings.EMBEDDING_QUERY_PREFIX, settings.EMBEDDING_PASSAGE_PREFIX = "ask: ", "told: "
    embedder_named.cache_clear()
    assert renewal() == Renewal("bag-of-words", "bag-of-words", 0, 1, 0, by_meaning=True)
    meanwhile = retrieve(Query("money back", "shop"))
    assert (meanwhile.generation, meanwhile.degraded) == (old.pk, ())
    assert ["money back"] in [request["input"] for request in served_model.requests]

    renew_index()
    assert all(text.startswith("told: ") for text in served_model.requests[-1]["input"])
    found = retrieve(Query("money back", "shop"))
    assert found.generation != old.pk
    assert served_model.requests[-1]["input"] == ["ask: money back"]
    assert renewal() is None


def test_an_index_of_before_counts_as_made_at_the_address_that_is_set(served_model):
    index_documents([article("returns", RETURNS)])
    IndexGeneration.objects.update(recipe="bag-of-words/8/served")
    migration = import_module("knowledge.migrations.0011_address_in_recipe")
    migration.add_address(apps, connection.schema_editor())
    assert renewal() is None
    assert renew_index() == 0


@pytest.mark.django_db(transaction=True)
def test_while_the_next_index_is_built_a_change_goes_into_both(served_model, settings):
    settings.EMBEDDING_MODEL = "local"
    document = article("returns", RETURNS)
    index_documents([document])
    settings.EMBEDDING_MODEL = "bag-of-words"
    building = current_generation()
    index_documents([rewrite(document, RETURNS.replace("30", "40"))])
    in_each = Chunk.objects.filter(text__contains="40 days").values_list("generation", flat=True)
    assert set(in_each) == {building.pk, active_generation().pk}


def test_what_the_model_refused_keeps_no_later_article_waiting():
    article("odd", RETURNS)
    Document.objects.update(refusal="too odd")
    later = article("later", RETURNS)
    assert pending(limit=1) == [later]


def test_renewal_leaves_an_import_under_way_to_itself_and_takes_over_a_dead_one():
    document = article("returns", RETURNS)
    run = ImportRun.objects.create(
        source=document.source, state=ImportRun.State.RUNNING, renewed_at=timezone.now() - imports.STALE / 2
    )
    assert renew_index() == 0
    assert pending() == []
    ImportRun.objects.filter(pk=run.pk).update(renewed_at=timezone.now() - imports.STALE)
    assert pending() == [document]
    assert renew_index() == 2


def test_renewal_indexes_what_an_interruption_left_out():
    article("returns", RETURNS)
    assert renew_index() == 2
    assert retrieve(Query("refund", "shop")).passages


@pytest.mark.django_db(transaction=True)
def test_between_the_local_models_no_vectors_are_mixed_and_customers_go_on_being_answered(settings):
    """Both have 384 dimensions, so nothing but the recipe tells their vectors apart."""
    settings.EMBEDDING_MODEL = "local"
    documents = [article(f"article-{number}", RETURNS.replace("30", str(number))) for number in range(3)]
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
