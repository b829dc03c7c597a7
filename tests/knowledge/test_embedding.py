from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import numpy as np
import pytest
import stamina

from knowledge.embedding import EmbeddingUnavailable, InvalidEmbedding, embedder_named
from knowledge.embedding.local import MiniLM, MultilingualE5
from knowledge.embedding.port import normalised
from knowledge.embedding.prefixes import NONE, Prefixes, prefixes_of
from knowledge.embedding.served import BATCH, ServedEmbedder, address_of, prefixes_in

TEXTS = ["Reset your password in the settings.", "Parcels come back within 30 days.", ""]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM(threads=2)


@pytest.fixture(scope="module")
def multilingual() -> MultilingualE5:
    return MultilingualE5(threads=2)


@pytest.fixture(params=["minilm", "multilingual"])
def local(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def served(model_server) -> ServedEmbedder:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield ServedEmbedder("bag-of-words", model_server.base_url, "")


def test_near_in_meaning_is_near_in_space(minilm):
    vectors = minilm.embed_passages(TEXTS)
    assert vectors.shape == (3, minilm.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (vectors @ minilm.embed_query("I forgot my login")).argmax() == 0


def test_a_texts_vector_does_not_depend_on_its_neighbours(local):
    alone = local.embed_passages([TEXTS[0]])[0]
    assert np.array_equal(local.embed_passages([*TEXTS, "word " * 400])[0], alone)


def test_no_texts_give_no_vectors(local):
    assert local.embed_passages([]).shape == (0, local.dimension)


def test_many_threads_may_ask_at_once(local):
    questions = [f"question {number}" for number in range(12)]
    one_by_one = [local.embed_query(question) for question in questions]
    local.embed_query.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        at_once = list(threads.map(local.embed_query, questions))
    assert np.array_equal(at_once, one_by_one)


def test_a_remembered_vector_cannot_be_changed(local):
    with pytest.raises(ValueError, match="read-only"):
        local.embed_query("hello")[0] = 1.0


ONE_QUESTION = [
    "How do I change my password?",
    "Wie ändere ich mein Passwort?",
    "¿Cómo cambio mi contraseña?",
    "Comment changer mon mot de passe ?",
    "Come cambio la mia password?",
    "Como altero a minha senha?",
    "Jak zmienić hasło?",
    "Как сменить пароль?",
    "Hur byter jag lösenord?",
    "パスワードを変更するには？",
    "如何更改密码？",
]


def test_the_multilingual_model_knows_words_of_many_languages_whole(multilingual):
    assert all(map(multilingual.knows_word, ["sometimes", "unsere", "dispositivo", "разрешения", "cuatro"]))
    assert not any(map(multilingual.knows_word, ["sometmies", "dispositvo", "разршения", "xqzv"]))


def test_the_multilingual_model_sees_through_languages(multilingual):
    vectors = multilingual.embed_passages(["Cooking rice in a pot", "Change your password", "Paying by invoice"])
    nearest = {question: int((vectors @ multilingual.embed_query(question)).argmax()) for question in ONE_QUESTION}
    assert nearest == dict.fromkeys(ONE_QUESTION, 1)


def test_the_multilingual_model_reads_on_after_a_nul(multilingual):
    assert not np.array_equal(multilingual.embed_query("What is\0 a refund?"), multilingual.embed_query("What is"))


@pytest.mark.parametrize(
    "vectors",
    [np.zeros((2, 3)), np.full((2, 3), np.nan), np.full((2, 3), np.inf), np.ones((2, 2)), np.ones((1, 3)), np.ones(3)],
)
def test_what_cannot_be_searched_is_no_vector(vectors):
    with pytest.raises(InvalidEmbedding):
        normalised(vectors.astype(np.float32), 2, 3)


def test_a_served_model_is_asked_in_batches(served, model_server):
    texts = [f"text {number}" for number in range(BATCH + 3)]
    vectors = served.embed_passages(texts)
    assert vectors.shape == (BATCH + 3, served.dimension)
    assert [len(request["input"]) for request in model_server.requests if "input" in request] == [1, BATCH, 3]
    assert served.recipe == f"bag-of-words/{served.dimension}/served@{model_server.base_url}"


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("", "https://api.openai.com/v1"),
        ("https://Models.example:8443/v1/", "https://models.example:8443/v1"),
        ("https://name:secret@models.example/v1?key=secret", "https://models.example/v1"),
    ],
)
def test_a_recipe_names_the_server_and_no_key(base_url, address):
    assert address_of(base_url) == address


def test_vectors_of_one_name_at_two_addresses_are_two_models():
    here = ServedEmbedder("m", "http://127.0.0.1:9/v1", "")
    assert here.makes("m/8/served@http://127.0.0.1:9/v1")
    assert not here.makes("m/8/served@http://127.0.0.1:9/v2")
    assert not here.makes("n/8/served@http://127.0.0.1:9/v1")


REPRESENT = "Represent this sentence for searching relevant passages: "
INSTRUCT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"


@pytest.mark.parametrize(
    ("model", "prefixes"),
    [
        ("intfloat/multilingual-e5-large", ("query: ", "passage: ")),
        ("intfloat/E5-base-v2", ("query: ", "passage: ")),
        ("intfloat/multilingual-e5-large-instruct", (f"{INSTRUCT} ", "")),
        ("nomic-embed-text:latest", ("search_query: ", "search_document: ")),
        ("BAAI/bge-small-en-v1.5", (REPRESENT, "")),
        ("mxbai-embed-large", (REPRESENT, "")),
        ("snowflake-arctic-embed:335m", (REPRESENT, "")),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", ("query: ", "")),
        ("snowflake-arctic-embed2", ("query: ", "")),
        ("Qwen/Qwen3-Embedding-0.6B", (INSTRUCT, "")),
        ("google/embeddinggemma-300m", ("task: search result | query: ", "title: none | text: ")),
        ("BAAI/bge-m3", ("", "")),
        ("BAAI/bge-large-zh-v1.5", ("", "")),
        ("text-embedding-3-small", ("", "")),
    ],
)
def test_a_models_name_tells_what_its_family_is_sent(model, prefixes):
    assert prefixes_of(model) == prefixes


def test_prefixes_arrive_before_each_text(model_server):
    served = ServedEmbedder("bag-of-words", model_server.base_url, "", Prefixes("query: ", "passage: "))
    assert served.dimension
    served.embed_passages(TEXTS[:2])
    served.embed_query("hello")
    sent = [request["input"] for request in model_server.requests]
    assert sent[1:] == [[f"passage: {text}" for text in TEXTS[:2]], ["query: hello"]]


@pytest.mark.parametrize(
    ("query", "passage", "sent"),
    [(None, None, "query: hello"), ("", "", "hello"), ("Find: ", None, "Find: hello")],
)
def test_settings_win_over_what_the_name_tells(model_server, settings, query, passage, sent):
    settings.EMBEDDING_QUERY_PREFIX, settings.EMBEDDING_PASSAGE_PREFIX = query, passage
    embedder_named.cache_clear()
    embedder_named("multilingual-e5-small").embed_query("hello")
    embedder_named.cache_clear()
    assert model_server.requests[0]["input"] == [sent]


def test_vectors_made_with_other_prefixes_are_of_another_kind(served, model_server):
    prefixes = Prefixes('Say "it"/so\nQ: ', "1/served@")
    prefixed = served.with_prefixes(prefixes)
    assert prefixed.recipe != served.recipe
    assert prefixed.makes(prefixed.recipe)
    assert not prefixed.makes(served.recipe)
    assert not served.makes(prefixed.recipe)
    assert (prefixes_in(prefixed.recipe), prefixes_in(served.recipe)) == (prefixes, NONE)


def test_vectors_are_told_apart_by_their_index(served, model_server):
    expected = served.embed_passages(TEXTS[:2])
    model_server.set(fault="swapped")
    assert np.array_equal(served.embed_passages(TEXTS[:2]), expected)


@pytest.mark.parametrize("fault", ["zeros", "nan", "narrow", "ragged", "short", "twice"])
def test_a_bad_answer_is_refused(served, model_server, fault):
    assert served.dimension > 1
    model_server.set(fault=fault)
    with pytest.raises(InvalidEmbedding):
        served.embed_passages(TEXTS)


def test_passages_are_tried_again_and_questions_are_not(served, model_server):
    assert served.dimension
    model_server.set(fault="503", times=2)
    assert served.embed_passages(TEXTS[:1]).shape[0] == 1
    model_server.set(fault="503", times=0)
    asked = len(model_server.requests)
    with pytest.raises(EmbeddingUnavailable):
        served.embed_query("hello")
    assert len(model_server.requests) == asked + 1


def test_a_refusal_is_not_repeated(served, model_server):
    assert served.dimension
    model_server.set(fault="401")
    asked = len(model_server.requests)
    with pytest.raises(EmbeddingUnavailable):
        served.embed_passages(TEXTS)
    assert len(model_server.requests) == asked + 1


def test_a_text_that_the_server_does_not_take_is_told_from_a_server_that_is_away(served, model_server):
    assert served.dimension
    model_server.set(fault="400")
    with pytest.raises(InvalidEmbedding):
        served.embed_passages(TEXTS[:1])


def test_a_server_that_is_not_there_is_unavailable():
    with pytest.raises(EmbeddingUnavailable):
        ServedEmbedder("any", "http://127.0.0.1:9/v1", "").embed_query("hello")


def test_no_redirect_is_followed(model_server):
    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(307)
            self.send_header("location", f"{model_server.base_url}/embeddings")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        with pytest.raises(EmbeddingUnavailable):
            ServedEmbedder("any", f"http://127.0.0.1:{server.server_port}/v1", "key").embed_query("hello")
        server.shutdown()
        thread.join()
    assert model_server.requests == []
