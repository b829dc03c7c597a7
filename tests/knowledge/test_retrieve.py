import pytest

from knowledge.indexing import index_documents, unindex_documents
from knowledge.models import Chunk, Document, TermStatistic
from knowledge.retrieval import Query, UnknownCollection, retrieve
from tests.knowledge.library import article, collection, rewrite

pytestmark = pytest.mark.django_db

RETURNS = (
    "# Returns\n\nSend a parcel back within 30 days.\n\n## Refunds\n\nThe money is on your account after five days."
)
PASSWORD = "# Password\n\nOpen the settings and choose a new password. Error E-4711 means that it is too short."


@pytest.fixture
def shop() -> list[Document]:
    documents = [article("returns", RETURNS), article("password", PASSWORD)]
    index_documents(documents)
    return documents


def test_finds_by_meaning_and_by_rare_words(shop):
    assert retrieve(Query("when do I get my cash back?", "shop")).passages[0].article == "returns"
    by_code = retrieve(Query("E-4711", "shop")).passages[0]
    assert by_code.article == "password"
    assert by_code.lexical > 0
    assert 0 <= by_code.score <= 1


def test_a_passage_is_the_text_at_its_offsets_and_leads_to_its_section(shop):
    passage = next(p for p in retrieve(Query("refund money account", "shop")).passages if p.anchor)
    assert RETURNS[passage.start : passage.end] == passage.text
    assert passage.url == f"/help/shop/returns#{passage.anchor}"
    assert passage.heading_path[-1] == "Refunds"


def test_an_unknown_collection_is_an_error():
    with pytest.raises(UnknownCollection):
        retrieve(Query("anything", "nowhere"))


def test_an_empty_collection_has_no_passages():
    collection("empty")
    assert retrieve(Query("anything", "empty")).passages == ()
