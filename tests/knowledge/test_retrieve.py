import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Timer

import pytest
from django.db import connection

from knowledge.bm25 import K1, B
from knowledge.documents import unpublish
from knowledge.embedding import ServedEmbedder, Vectors, embedder_named
from knowledge.embedding.local import MiniLM
from knowledge.indexing import active_generation, index_documents
from knowledge.indexing.plan import embedded_text
from knowledge.models import Chunk, Document
from knowledge.retrieval import Query, UnknownCollection, begin, lexical, passages, retrieve, search
from knowledge.retrieval.access import scope_of
from knowledge.retrieval.frequencies import Frequencies
from knowledge.terms import terms_of
from tests.knowledge.library import article, collection, rewrite

pytestmark = pytest.mark.django_db

RETURNS = "# Returns\n\nSend a parcel back within 30 days.\n\n## Refunds\n\nThe money is back after five days."
PASSWORD = "# Password\n\nOpen the settings and choose a new password. Error E-4711 means that it is too short."


@pytest.fixture
def shop() -> list[Document]:
    documents = [article("returns", RETURNS), article("password", PASSWORD)]
    index_documents(documents)
    return documents


def _articles(text: str, slug: str = "shop", **more: object) -> list[str]:
    return [passage.article for passage in retrieve(Query(text, slug, **more)).passages]


def test_finds_by_meaning_and_by_rare_words(shop):
    assert _articles("when do I get my cash back?")[0] == "returns"
    by_code = retrieve(Query("E-4711", "shop")).passages[0]
    assert by_code.article == "password"
    assert by_code.lexical > 0
    assert 0 <= by_code.score <= 1


def test_a_passage_is_the_text_at_its_offsets_and_leads_to_its_section(shop):
    passage = next(p for p in retrieve(Query("refund money back", "shop")).passages if p.anchor)
    assert RETURNS[passage.start : passage.end] == passage.text
    assert passage.url == f"/help/shop/returns#{passage.anchor}"
    assert passage.heading_path[-1] == "Refunds"


def test_an_article_with_an_address_of_its_own_is_cited_there():
    index_documents([article("returns", RETURNS, url="https://shop.example/returns#top")])
    urls = {passage.url for passage in retrieve(Query("refund", "shop")).passages}
    assert "https://shop.example/returns#refunds" in urls


def test_an_unknown_collection_is_an_error():
    with pytest.raises(UnknownCollection):
        retrieve(Query("anything", "nowhere"))


@pytest.mark.parametrize("text", ["", "?!", "the", "\0", "x" * 20_000, "🙂", "' OR 1=1 --", "ยินดี"])
def test_any_question_is_searchable(shop, text):
    retrieval = retrieve(Query(text, "shop"))
    assert all(0 <= passage.score <= 1 for passage in retrieval.passages)


def test_an_empty_collection_has_no_passages():
    collection("empty")
    assert retrieve(Query("anything", "empty")).passages == ()


def test_other_collections_are_neither_found_nor_felt(shop):
    before = retrieve(Query("refund money", "shop")).passages
    index_documents([article(f"secret-{n}", f"refund money secret{n}", slug="rival") for n in range(5)])
    assert retrieve(Query("refund money", "shop")).passages == before
    assert set(_articles("refund money", "rival")) == {f"secret-{n}" for n in range(5)}


def test_an_unpublished_article_is_gone_at_once(shop):
    # The document's own row decides, even before its chunks are told.
    Document.objects.filter(pk=shop[0].pk).update(status=Document.Status.UNPUBLISHED)
    assert Chunk.objects.filter(document=shop[0], published=True).exists()
    assert "returns" not in _articles("refund money parcel")


def test_the_same_article_from_two_sources_is_shown_once():
    index_documents([article("returns", RETURNS), article("returns", RETURNS, location="/elsewhere")])
    found = retrieve(Query("refund money", "shop")).passages
    assert len({passage.document_id for passage in found}) == 1
    assert len(found) == 2  # its two sections


def test_a_long_section_is_shown_once():
    paragraphs = "\n\n".join(f"Step {n}: turn the blue valve a little further, then wait. " * 8 for n in range(12))
    index_documents([article("valve", f"# Valve\n\n{paragraphs}"), article("other", RETURNS)])
    assert Chunk.objects.filter(document__article="valve").count() > 2
    assert _articles("turn the blue valve").count("valve") == 1


def test_passages_stay_within_limit_and_budget():
    index_documents([article(f"a-{n}", f"# Printing {n}\n\n" + f"Printer number{n} prints. " * 30) for n in range(30)])
    assert len(_articles("printer prints", limit=3)) == 3
    passages = retrieve(Query("printer prints", "shop", limit=30)).passages
    assert sum(len(passage.text) for passage in passages) <= 12_000
    assert len(passages) > 3


def test_the_customers_language_comes_first_where_there_are_several():
    code = "Router X-200, 192.168.0.1"
    index_documents([article("en/reset", code, title="Reset", locale="en")])
    index_documents([article("de/reset", f"{code}\n", title="Reset", locale="de")])
    assert _articles("X-200 192.168.0.1", locale="de-AT") == ["de/reset", "en/reset"]
    assert _articles("X-200 192.168.0.1", locale="en-US") == ["en/reset", "de/reset"]
    assert len(_articles("X-200", locale="fr")) == 2


def test_without_the_model_the_search_is_lexical_and_says_so(shop, monkeypatch, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    embedder_named.cache_clear()
    generation = active_generation()
    generation.embedding_model = "gone"
    generation.save()
    retrieval = retrieve(Query("refund money", "shop"))
    embedder_named.cache_clear()
    assert retrieval.degraded == ("embedding",)
    assert retrieval.passages[0].article == "returns"
    assert retrieval.passages[0].dense is None
    assert 0 < retrieval.passages[0].score <= 1


class Slow(MiniLM):
    """Makes a question's vector once it is told to, and counts."""

    def __init__(self) -> None:
        super().__init__(threads=1)
        self.asked: list[str] = []
        self.may_go_on = threading.Event()

    def _query(self, text: str) -> Vectors:
        self.asked.append(text)
        assert self.may_go_on.wait(timeout=30)
        return super()._query(text)


@pytest.fixture
def slow(monkeypatch) -> Iterator[Slow]:
    model = Slow()
    monkeypatch.setattr(search, "get_embedder", lambda: model)
    monkeypatch.setattr(search, "embedder_of", lambda *_: model)
    yield model
    model.may_go_on.set()


def test_a_vector_that_was_begun_is_not_made_again(shop, slow):
    begin("when do I get my cash back?")
    Timer(0.2, slow.may_go_on.set).start()
    assert _articles("when do I get my cash back?")[0] == "returns"
    assert slow.asked == ["when do I get my cash back?"]


def test_few_vectors_are_begun_at_once_and_none_twice(slow):
    for number in (1, 1, *range(2, 2 * search.MOST_BEGUN)):
        begin(f"question {number}")
    assert len(search._begun) == search.MOST_BEGUN
    slow.may_go_on.set()
    wait(list(search._begun.values()), 30)
    assert sorted(slow.asked) == sorted(f"question {number}" for number in range(1, search.MOST_BEGUN + 1))


def test_no_vector_of_a_served_model_is_begun(shop, monkeypatch):
    served = ServedEmbedder("any", "http://127.0.0.1:9/v1", "")
    monkeypatch.setattr(search, "get_embedder", lambda: served)
    monkeypatch.setattr(served, "embed_query", pytest.fail)
    begin("refund")
    assert not search._begun


@pytest.mark.django_db(transaction=True)
def test_a_connection_goes_back_while_a_vector_takes_long_and_stays_where_it_is_there_at_once(shop, slow, monkeypatch):
    given_back: list[bool] = []

    def give_back() -> None:
        given_back.append(slow.may_go_on.is_set())
        slow.may_go_on.set()

    monkeypatch.setattr(connection, "close", give_back)
    assert _articles("refund")[0] == "returns"
    assert given_back == [False]
    assert _articles("refund")[0] == "returns"
    assert given_back == [False]


CORPUS = [
    "The printer prints blank pages when the ink is empty",
    "Ink cartridges for the printer are sold in the shop, ink is ink",
    "Blank pages at the end of a document",
    "Opening hours of the shop are nine to five",
    "Paper jams, paper dust and blank paper",
]


def test_the_terms_of_a_question_are_looked_up_once_for_spelling_and_search(shop, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as captured:
        assert retrieve(Query("send the parcel back", "shop")).passages
    assert sum("knowledge_termstatistic" in query["sql"] for query in captured) == 1


@pytest.mark.parametrize("between", ["score", "fuse"])
def test_what_is_replaced_during_a_search_is_there_once_as_it_is_now(shop, monkeypatch, between):
    went_on, times = getattr(search, between), []

    def replaced(*asked):
        times.append(asked)
        if len(times) == 1:
            index_documents([rewrite(Document.objects.get(article="returns"), RETURNS.replace("30", "40"))])
        return went_on(*asked)

    monkeypatch.setattr(search, between, replaced)
    found = retrieve(Query("send the parcel back", "shop")).passages
    assert {p.revision for p in found if p.article == "returns"} == {2}
    assert "40 days" in found[0].text
    assert len(times) == 2


@pytest.mark.django_db(transaction=True)
def test_the_second_look_sees_one_moment_whatever_is_replaced_meanwhile(monkeypatch):
    index_documents([article("returns", RETURNS), article("password", PASSWORD)])
    read, days = passages.read, iter(("40", "50", "60"))

    def replaced(*asked):
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(_rewrite_returns, next(days)).result()
        return read(*asked)

    monkeypatch.setattr(passages, "read", replaced)
    found = [p for p in retrieve(Query("send the parcel back", "shop")).passages if p.article == "returns"]
    assert {p.revision for p in found} == {2}  # the first look lost the first, and the third came during the second
    assert any("40 days" in p.text for p in found)


def _rewrite_returns(days: str) -> None:
    try:
        index_documents([rewrite(Document.objects.get(article="returns"), RETURNS.replace("30", days))])
    finally:
        connection.close()


def test_what_is_taken_back_during_a_search_is_not_shown(shop, monkeypatch):
    read = passages.read

    def taken_back(*asked):
        unpublish(Document.objects.get(article="returns"))
        return read(*asked)

    monkeypatch.setattr(passages, "read", taken_back)
    assert "returns" not in _articles("send the parcel back")


def test_the_second_look_sees_words_in_the_order_of_the_text(shop):
    found = retrieve(Query("parcel back within 30 days", "shop"))
    best = next(candidate for candidate in found.candidates if candidate.chunk_id == found.passages[0].chunk_id)
    assert best.features["proximity"] == pytest.approx(1)


@pytest.mark.parametrize("question", ["blank pages printer", "ink", "shop shop hours", "paper ink blank unknownword"])
def test_the_database_ranks_by_bm25(question):
    documents = [article(f"a-{n}", text) for n, text in enumerate(CORPUS)]
    index_documents(documents)
    generation = active_generation()
    chunks = [terms_of(embedded_text(d.title, (), d.text), "en") for d in documents]
    expected = {
        d.pk: _bm25(dict.fromkeys(terms_of(question, "en")), c, chunks, generation.average_length)
        for d, c in zip(documents, chunks, strict=True)
    }
    found = {c.document_id: c.lexical for c in retrieve(Query(question, "shop")).candidates}
    assert found == {pk: pytest.approx(score, rel=1e-4, abs=1e-6) for pk, score in expected.items()}

    scope = scope_of("shop")
    ids = lexical.matching(scope, lexical.lexical_query(scope, Frequencies(scope), question), 10)
    ranked = [Chunk.objects.get(pk=pk).document_id for pk in ids]
    assert ranked == sorted((pk for pk in expected if expected[pk] > 0), key=lambda pk: -expected[pk])


def _bm25(question: list[str], chunk: list[str], corpus: list[list[str]], average_length: float) -> float:
    score = 0.0
    for term in question:
        holding = sum(term in other for other in corpus)
        frequency = chunk.count(term)
        idf = math.log(1 + (len(corpus) - holding + 0.5) / (holding + 0.5))
        score += idf * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * len(chunk) / average_length))
    return score
