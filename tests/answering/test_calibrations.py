"""Confidence with each embedding model: what a cosine means differs by model."""

from dataclasses import replace

import pytest

from assistant.answering import confidence
from knowledge.retrieval import Passage

PASSAGE = Passage(
    chunk_id=1, document_id=1, revision=1, article="password", title="Password", url="", heading_path=(), anchor="",
    text="Choose a new password in the settings of your account.", start=0, end=54, score=0.5, dense=0.8, lexical=5.0,
)  # fmt: skip
GERMAN = replace(PASSAGE, title="Passwort", text="Wählen Sie in den Einstellungen ein neues Passwort.", locale="de-DE")


@pytest.mark.parametrize("model", ["local", "local-multilingual"])
def test_every_weight_has_its_feature(model):
    fitted = confidence.calibration(model)
    assert fitted["weights"].keys() <= confidence.measure("How do I change my password?", [PASSAGE]).keys()
    assert 0 < fitted["threshold"] < 1


def test_a_cosine_that_all_texts_have_in_one_model_is_a_find_in_another():
    unrelated = [replace(PASSAGE, text="Parcels arrive within days.", title="Parcels", dense=0.78, score=0.4)]
    near = confidence.read("Was kostet ein Hund?", unrelated, "local").confidence
    assert confidence.read("Was kostet ein Hund?", unrelated, "local-multilingual").confidence < near
    assert confidence.read("Was kostet ein Hund?", unrelated, "served-somewhere").confidence == near


def test_words_are_compared_in_the_articles_language():
    features = confidence.measure("Wie komme ich zu neuen Passwörtern?", [GERMAN])
    assert features["cover"] >= 0.2


def test_a_question_in_another_language_than_the_article_is_known_as_such():
    assert confidence.is_translated("Wie bekomme ich bitte ein neues Passwort?", [PASSAGE])
    assert not confidence.is_translated("How do I get a new password?", [PASSAGE])
    assert not confidence.is_translated("E-4711", [GERMAN])
    assert not confidence.is_translated("Wie bekomme ich bitte ein neues Passwort?", [])
