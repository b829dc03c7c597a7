"""What is said, and understood, in the customer's language. Pure; the words stand in languages/*.json.

English has its own, fuller phrases (phrases.py); the others know the wish for a person, greetings and thanks.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from django.utils import translation
from django.utils.translation import get_language_info

from assistant.answers import Said
from assistant.states import Role
from assistant.terms import words
from knowledge.languages import language_of_message
from knowledge.terms import language_of

ENGLISH = "en"
# Django names scripts where a language has several.
_DJANGO_NAMES = {"zh": "zh-hans"}
_FOLDER = Path(__file__).parent / "languages"
_SENTENCE_END = re.compile(r"[.?!,;。？！、，\n]+")

Intent = Literal["person", "hello", "thanks", "yes", "no"]


@dataclass(frozen=True)
class Understood:
    """What a message without a question wants, and the language it says so in."""

    intent: Intent
    language: str


def spoken(text: str, history: Sequence[Said], locale: str) -> str:
    """The language to reply in: the message's, else that of what was said before, else the browser's."""
    earlier = "\n".join(said.text for said in history if said.role == Role.CUSTOMER)
    return language_of_message(text) or language_of_message(earlier) or language_of(locale) or ENGLISH


def said(key: str, language: str = ENGLISH) -> str:
    """A sentence of ours in this language, in English where we have no words of it."""
    table = _tables().get(language) or _tables()[ENGLISH]
    return str(table[key])


def said_in_any(key: str) -> tuple[str, ...]:
    """The sentence in every language that we have words of."""
    return tuple(str(table[key]) for table in _tables().values())


def naming(key: str, named: str, language: str) -> str:
    """A sentence that names another language: `found_in` or `articles_in`."""
    if named == ENGLISH and language != ENGLISH and language in _tables():
        return said(f"{key}_english", language)
    return said(key, language).format(language=_name(named, language))


def understood(text: str, language: str, *, offered: bool) -> Understood | None:
    """A message that is nothing but a wish for a person, a greeting or thanks, or an answer to the offer of a person.

    `language` is the likeliest one: some words are of several.
    """
    others = [code for code in _patterns() if code != language]
    for code in [language, *others] if language in _patterns() else others:
        if intent := _intent(text, _patterns()[code], offered):
            return Understood(intent, code)
    return None


def _intent(text: str, patterns: "_Patterns", offered: bool) -> Intent | None:
    plain = " ".join(words(text))
    if offered and patterns.whole["yes"].fullmatch(plain):
        return "yes"
    if offered and patterns.whole["no"].fullmatch(plain):
        return "no"
    sentences = [" ".join(words(part)) for part in _SENTENCE_END.split(text)]
    if patterns.whole["person_alone"].fullmatch(plain) or any(
        pattern.search(sentence) for pattern in patterns.person for sentence in sentences
    ):
        return "person"
    if patterns.whole["hello"].fullmatch(plain):
        return "hello"
    return "thanks" if patterns.whole["thanks"].fullmatch(plain) else None


@dataclass(frozen=True)
class _Patterns:
    person: tuple[re.Pattern[str], ...]
    whole: Mapping[str, re.Pattern[str]]


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, _Patterns]:
    return {
        code: _Patterns(
            tuple(re.compile(pattern) for pattern in table["patterns"]["person"]),
            {name: re.compile(pattern) for name, pattern in table["patterns"].items() if name != "person"},
        )
        for code, table in _tables().items()
        if "patterns" in table
    }


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.json"))}


@lru_cache(maxsize=256)
def _name(named: str, language: str) -> str:
    """A language's name in another, as Django's translators have it; its code where Django does not know it."""
    try:
        with translation.override(language if language in _tables() else ENGLISH):
            return str(get_language_info(_DJANGO_NAMES.get(named, named))["name_translated"])
    except KeyError:
        return named
