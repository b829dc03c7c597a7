"""Confidence, with each embedding model: what a cosine means differs by model."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import confidence
from knowledge.retrieval import Passage

PASSAGE = Passage(
    chunk_id=1, document_id=1, revision=1, article="password", title="Password", url="", heading_path=(), anchor="",
    text="Choose a new password in the settings of your account.", start=0, end=54, score=0.8, dense=0.7, lexical=5.0,
    log_odds=0.0,
)  # fmt: skip
OTHER = replace(PASSAGE, chunk_id=2, document_id=2, article="email", title="Address", text="Change your address.")
GERMAN = replace(PASSAGE, title="Passwort", text="Wählen Sie in den Einstellungen ein neues Passwort.", locale="de-DE")


@pytest.mark.parametrize("model", ["local", "local-multilingual"])
def test_every_weight_has_its_feature(model):
    fitted = confidence.calibration(model)
    measured = confidence.measure("How do I change my password?", [PASSAGE]).keys()
    assert fitted["subject"]["weights"].keys() <= measured
    assert fitted["answer"]["weights"].keys() <= measured
    assert 0 < fitted["threshold"] < 1


def test_what_is_near_no_article_is_no_subject_of_the_help_centre():
    far = replace(PASSAGE, text="Parcels arrive within days.", title="Parcels", dense=0.12, score=0.2)
    reading = confidence.read("Who won the cup in 1966?", [far])
    assert reading.features["subject"] < 0.5
    assert not reading.answerable


def test_an_article_that_stands_out_is_surer_than_one_among_equals():
    alone = confidence.read("How do I get a new password?", [PASSAGE, replace(OTHER, log_odds=-6.0)])
    among = confidence.read("How do I get a new password?", [PASSAGE, replace(OTHER, log_odds=-0.1)])
    assert alone.answerable
    assert alone.confidence > among.confidence
    assert alone.features["subject"] == among.features["subject"]


def test_a_title_that_says_all_that_is_asked_is_a_subject_of_the_help_centre_however_short_the_question():
    found = replace(PASSAGE, title="Take over a conversation", dense=0.19, score=0.51, cover=1.0, named=1.0)
    other = replace(OTHER, dense=0.1, score=0.3, log_odds=-2.5)
    assert confidence.read("How do I take over?", [found, other]).answerable
    assert not confidence.read("How do I take over?", [replace(found, named=0.4), other]).answerable


def test_a_rare_word_that_no_passage_holds_weighs_more_than_a_common_one_and_more_in_a_short_question():
    def asked(question, cover):
        return confidence.read(question, [replace(PASSAGE, dense=0.4, score=0.4, cover=cover)])

    assert asked("student discount", 0.4).confidence < asked("student discount", 0.7).confidence
    longer = "student discount for the yearly plan of my school in Norway"
    assert asked("student discount", 0.4).features["answer"] < asked(longer, 0.4).features["answer"]


def test_where_the_reranker_did_not_look_the_share_of_the_words_stands_for_that_of_their_rarity():
    features = confidence.measure("new password", [replace(PASSAGE, cover=None)])
    assert (features["missing"], features["named"]) == (0.0, 0.0)
    assert confidence.measure("new parcel", [replace(PASSAGE, cover=None)])["missing"] > 0.3


def test_passages_of_one_article_do_not_stand_in_each_others_way():
    sibling = replace(PASSAGE, chunk_id=3, log_odds=-0.1)
    assert confidence.standing([PASSAGE, sibling]) == 1
    assert confidence.standing([PASSAGE, OTHER]) == 0.5


@given(st.lists(st.one_of(st.none(), st.floats(-30, 0)), min_size=1, max_size=6))
def test_standing_is_a_share_whatever_the_reranker_saw(log_odds):
    passages = [replace(PASSAGE, document_id=n, log_odds=value) for n, value in enumerate(log_odds)]
    assert 1 / len(passages) - 1e-9 <= confidence.standing(passages) <= 1


def test_a_model_without_figures_of_its_own_is_read_as_local():
    reading = confidence.read("password", [PASSAGE], "local")
    assert confidence.read("password", [PASSAGE], "served-somewhere") == reading


def test_words_are_compared_in_the_articles_language():
    features = confidence.measure("Wie komme ich zu neuen Passwörtern?", [GERMAN])
    assert features["cover"] >= 0.2


def test_a_question_in_another_language_than_the_article_is_known_as_such():
    assert confidence.is_translated("Wie bekomme ich bitte ein neues Passwort?", [PASSAGE])
    assert not confidence.is_translated("How do I get a new password?", [PASSAGE])
    assert not confidence.is_translated("E-4711", [GERMAN])
    assert not confidence.is_translated("Wie bekomme ich bitte ein neues Passwort?", [])
