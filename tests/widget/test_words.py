"""The widget's own words, which browsers load one language of, and what that weighs."""

import gzip
import json
import re
from pathlib import Path

import pytest

from assistant.answering import wording
from assistant.conversations.notices import notices

STATIC = Path(__file__).parents[2] / "static"
WORDS = {path.stem: json.loads(path.read_text("utf-8")) for path in (STATIC / "widget/words").glob("*.json")}


def forms_of(text: str | dict[str, str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def test_the_frame_has_words_in_every_language_that_the_assistant_speaks() -> None:
    listed = re.search(r"LANGUAGES = (\[.*?\])", (STATIC / "widget/words.js").read_text("utf-8"))
    assert listed
    assert set(json.loads(listed[1])) == set(WORDS) == set(wording.tables())


def test_every_language_says_the_same_and_fills_in_the_same() -> None:
    filled = {
        language: {key: set(re.findall(r"{(\w+)}", "".join(forms_of(text)))) for key, text in words.items()}
        for language, words in WORDS.items()
    }
    for language, of_each in filled.items():
        assert of_each == filled["en"], language


@pytest.mark.parametrize("language", WORDS)
def test_what_depends_on_a_count_has_a_form_for_any(language: str) -> None:
    for text in WORDS[language].values():
        assert isinstance(text, str) or {"one", "other"} <= set(text) <= {"one", "few", "many", "other"}


@pytest.mark.parametrize("language", WORDS)
def test_the_server_does_not_say_again_what_the_widget_says_of_an_event(language: str) -> None:
    for said in notices()[language].values():
        assert WORDS[language]["statusAssistant"] not in said


def test_every_word_that_the_widget_asks_for_is_there() -> None:
    code = "".join(path.read_text("utf-8") for path in (STATIC / "widget").glob("*.js"))
    asked = set(re.findall(r"WORDS\.(\w+)|say\(\"(\w+)\"", code))
    assert {one or other for one, other in asked} <= set(WORDS["en"])


def test_the_loader_and_the_one_language_that_is_loaded_stay_light() -> None:
    weight = {path: len(gzip.compress(path.read_bytes())) for path in (STATIC / "widget").rglob("*.js*")}
    assert weight[STATIC / "widget/loader.js"] <= 5_000
    assert max(weight[path] for path in (STATIC / "widget/words").iterdir()) <= 1_850
