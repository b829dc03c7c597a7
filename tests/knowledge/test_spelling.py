import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.embedding import embedder_named
from knowledge.indexing import index_documents, renew_index, unindex_documents
from knowledge.models import WordStatistic
from knowledge.retrieval import Query, retrieve
from knowledge.spelling import closest, folded, replaced, slips_allowed, splits, typed_words, words_of
from tests.knowledge.library import article, collection, rewrite

pytestmark = pytest.mark.django_db

WORDS = st.text("abcdefghijklmnopqrstuvwxyzäöß", min_size=4, max_size=12)

INSTALL = "# Install\n\nDownload the program and install it. A database keeps every conversation."
PRINT = "# Print\n\nChoose a printer, then print every page. Colours cost more."


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("isntall", ["install", "instead"], "install"),
        ("convesration", ["conversation", "conservation"], "conversation"),
        ("instal", ["install"], "install"),
        ("pritner", ["printer", "painter"], "printer"),
        ("conevrsaiton", ["conversation"], "conversation"),
        ("restated", ["related"], None),
        ("fone", ["phone", "bone"], None),
        ("dezk", ["deck", "dusk"], None),
        ("pico", ["pick", "page"], None),
        ("opta", ["opts"], None),
        ("wprd", ["word"], "word"),
        ("flight", ["install"], None),
        ("dtaa", ["date", "beta"], None),
    ],
)
def test_the_nearest_word_is_meant(typed, known, meant):
    assert closest(typed, dict.fromkeys(known, 1)) == meant


def test_among_equals_the_key_beside_goes_before_and_then_the_common_word():
    assert closest("prunt", {"print": 1, "prant": 90}) == "print"
    assert closest("lihgt", {"light": 1, "might": 90}) == "light"
    assert closest("artcle", {"article": 9, "artcles": 1}) == "article"


@given(WORDS, st.dictionaries(WORDS, st.integers(1, 100), max_size=20))
def test_what_is_meant_is_another_known_word_near_by(word, known):
    meant = closest(word, known)
    assert meant is None or (meant in known and meant != word)
    assert meant is None or abs(len(meant) - len(word)) <= slips_allowed(word)


@given(WORDS)
def test_a_word_is_cut_in_two_at_every_place_but_its_ends(word):
    assert all(one + other == word and min(len(one), len(other)) >= 2 for one, other in splits(word))
    assert len(splits(word)) == len(word) - 3


@given(st.text(max_size=200), st.dictionaries(WORDS, WORDS, max_size=5))
def test_only_the_words_meant_otherwise_change(text, meant):
    typed = typed_words(text)
    assert replaced(text, typed, {}) == text
    assert all(text[word.start :].startswith(word.text) and word.word == folded(word.text) for word in typed)
    only = {word: other for word, other in meant.items() if word in {t.word for t in typed}}
    assert replaced(text, typed, meant) == replaced(text, typed, only)


@pytest.mark.parametrize(
    "text",
    [
        "E4711",
        "v12beta",
        "config.yaml",
        "docs.example.com",
        "a@example.com",
        "my_file",
        "wi-fi",
        "getName",
        "NATO",
        "ab",
    ],
)
def test_codes_names_and_addresses_are_no_slips(text):
    assert [typed.word for typed in typed_words(f"what is {text} for?")] == ["what"]


def test_in_a_shouted_question_capitals_name_nothing():
    assert [typed.word for typed in typed_words("HOW TO ISNTALL IT?")] == ["isntall"]


def test_words_of_an_article_are_letters_alone():
    assert words_of("Install wi-fi 2nd ÜBER the x86 " + "long" * 9) == {"install", "über"}


@pytest.fixture
def shop():
    documents = [article("install", INSTALL), article("print", PRINT)]
    index_documents(documents)
    return documents


def _understood(text: str, **more: object):
    return retrieve(Query(text, "shop", **more)).understood


def test_a_slip_is_put_right_and_told(shop):
    retrieval = retrieve(Query("How do I isntall it?", "shop"))
    assert retrieval.understood.text == "How do I install it?"
    assert retrieval.understood.corrections == {"isntall": "install"}
    assert retrieval.query.text == "How do I isntall it?"
    assert retrieval.passages[0].article == "install"
    assert retrieval.passages[0].lexical > 0


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("download theprogram", "download the program"),
        ("how do I printpages?", "how do I print pages?"),
        ("howdo I install it", "how do I install it"),
    ],
)
def test_a_space_left_out_is_put_back(shop, text, meant):
    assert _understood(text).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "install the printer",  # known
        "installed printers",  # known by their stems
        "how do I catch a flight?",  # words of the language that no article holds
        "where is the paint for my program?",  # a word of its own, one letter from a known one
        "wie drukke ich seiten auf dem druckar",  # another language
        "",
    ],
)
def test_what_is_no_slip_is_left_as_it_is(shop, text):
    assert _understood(text).text == text


@given(
    words=st.lists(st.sampled_from(["install", "isntall", "databsae", "print", "pritner", "how", "zzzz"]), max_size=6)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_putting_right_twice_changes_nothing_more(shop, words):
    once = _understood(" ".join(words)).text
    assert _understood(once).text == once


def _count(word: str) -> int:
    return WordStatistic.objects.filter(word=word).values_list("document_count", flat=True).first() or 0


def test_the_words_follow_the_articles(shop):
    install, printing = shop
    assert (_count("install"), _count("every"), _count("printer")) == (1, 2, 1)
    index_documents([rewrite(printing, "# Scan\n\nLay down every page.")])
    assert (_count("every"), _count("printer"), _count("scan")) == (2, 0, 1)
    assert _understood("a pritner for every page").corrections == {}
    index_documents([install])
    assert _count("install") == 1
    unindex_documents([install])
    assert (_count("install"), _count("every")) == (0, 1)
    printing.delete()
    assert _count("every") == 0


def test_words_of_another_collection_are_not_meant(shop):
    index_documents([article("scan", "# Scan\n\nThe scanner scans every page.", slug="office")])
    assert _understood("the sacnner for every page").corrections == {}
    collection("office").delete()
    assert not WordStatistic.objects.filter(collection__slug="office").exists()


@pytest.mark.django_db(transaction=True)
def test_the_next_index_counts_words_of_its_own(shop, model_server, settings):
    settings.EMBEDDING_MODEL = "bag-of-words"
    embedder_named.cache_clear()
    renew_index()
    assert WordStatistic.objects.filter(word="install").values_list("document_count", flat=True).get() == 1
    assert _understood("how do I isntall it?").corrections == {"isntall": "install"}
    embedder_named.cache_clear()
