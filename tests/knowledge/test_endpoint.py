from dataclasses import replace

import pytest
from django.db import connection

from knowledge.indexing import index_documents
from knowledge.models import Document
from knowledge.retrieval import Query, endpoint, retrieve
from knowledge.retrieval.endpoint import EndpointFailed, order
from tests.knowledge.library import article
from tests.model_server import reranking

TEXTS = ["Opening hours", "A refund takes days", "How long a refund takes"]
QUESTION = "how long does a refund take"


@pytest.fixture
def server(model_server, settings):
    settings.RERANK_BASE_URL = f"{model_server.base_url}/"
    settings.RERANK_MODEL = "cross-encoder"
    settings.RERANK_API_KEY = "rerank-key"
    settings.RERANK_DEADLINE_SECONDS = 20.0
    return model_server


@pytest.fixture
def shop(db):
    documents = [article(f"a-{n}", f"Parcel number{n} is sent on day {n}.") for n in range(25)]
    documents.append(article("long", "The parcel that was lost is looked for by its number on the day it was sent."))
    index_documents(documents)
    return Query("parcel sent on which day", "shop")


@pytest.mark.parametrize("form", ["results", "data", "list"])
def test_the_forms_that_servers_answer_in_are_read(server, form):
    server.set(form=form)
    assert order(QUESTION, TEXTS) == [2, 1, 0]


def test_a_server_is_sent_model_question_documents_and_its_own_key(server):
    order(QUESTION, TEXTS)
    assert server.requests == [{"model": "cross-encoder", "query": QUESTION, "documents": TEXTS}]
    assert server.app.requests[0].headers["authorization"] == "Bearer rerank-key"


def test_without_a_model_texts_are_sent_and_no_key_that_is_not_set(server, settings):
    settings.RERANK_MODEL = settings.RERANK_API_KEY = ""
    server.set(form="list")
    assert order(QUESTION, TEXTS) == [2, 1, 0]
    assert server.requests == [{"query": QUESTION, "texts": TEXTS, "truncate": True}]
    assert "authorization" not in server.app.requests[0].headers


@pytest.mark.parametrize("fault", [*reranking.FAULTS, "401", "429", "500"])
def test_an_answer_that_is_no_order_is_refused(server, fault):
    server.set(fault=fault)
    with pytest.raises(EndpointFailed):
        order(QUESTION, TEXTS)


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"null", b"7", b'{"results": 1}', b'{"results": [null]}', b"<p>"])
def test_an_answer_that_is_no_answer_is_refused(body):
    with pytest.raises(EndpointFailed):
        endpoint.read_scores(body, 3)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "nonsense", "http://[", "ftp://127.0.0.1"])
def test_an_address_where_nobody_is_fails(server, settings, address):
    settings.RERANK_BASE_URL = address
    with pytest.raises(EndpointFailed):
        order(QUESTION, TEXTS)


def test_a_server_that_falls_silent_is_not_waited_for(server, settings):
    settings.RERANK_DEADLINE_SECONDS = 0.05
    server.set(connect=30.0)
    with pytest.raises(EndpointFailed):
        order(QUESTION, TEXTS)


def test_a_question_without_bytes_is_refused(server):
    with pytest.raises(EndpointFailed):
        order("\ud800", TEXTS)


def test_passages_come_in_the_endpoints_order_on_our_own_level(shop, server, monkeypatch, settings):
    settings.RERANK_BASE_URL = ""
    own = retrieve(shop)
    settings.RERANK_BASE_URL = server.base_url
    monkeypatch.setattr(endpoint, "order", lambda question, texts: list(reversed(range(len(texts)))))
    theirs = retrieve(shop)
    assert theirs.degraded == ()
    sent = [candidate.chunk_id for candidate in own.candidates[: endpoint.SENT]]
    assert [candidate.chunk_id for candidate in theirs.candidates[: endpoint.SENT]] == sent[::-1]
    assert theirs.candidates[endpoint.SENT :] == own.candidates[endpoint.SENT :]
    assert [candidate.score for candidate in theirs.candidates] == [candidate.score for candidate in own.candidates]
    assert [passage.chunk_id for passage in theirs.passages] == sent[::-1][: len(theirs.passages)]


def test_what_may_not_be_shown_is_not_sent_either(shop, server):
    Document.objects.filter(article="long").update(status=Document.Status.UNPUBLISHED)
    retrieve(shop)
    [request] = server.requests
    assert len(request["documents"]) == endpoint.SENT
    assert not any("lost" in text for text in request["documents"])


@pytest.mark.parametrize("fault", ["500", "short"])
def test_our_own_order_stands_when_the_endpoint_fails_and_the_record_says_so(shop, server, settings, fault):
    server.set(fault=fault)
    failed = retrieve(shop)
    assert failed.degraded == ("reranking",)
    settings.RERANK_BASE_URL = ""
    own = retrieve(shop)
    assert (failed.passages, failed.candidates) == (own.passages, own.candidates)
    assert own == replace(own, degraded=())


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_the_endpoint_is_asked(shop, server, monkeypatch):
    held = []

    def ordered(question, texts):
        held.append(connection.connection)
        return list(range(len(texts)))

    monkeypatch.setattr(endpoint, "order", ordered)
    assert retrieve(shop).passages
    assert held == [None]
