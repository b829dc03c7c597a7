"""What is said in the customer's language. Pure; all words of ours that a customer reads stand in languages/*.json.

Of further languages, which we do not read, sentences/*.json have what stands around an answer from articles.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import get_language_info

from assistant.answers import Said
from assistant.states import Role
from knowledge.languages import language_of_message, likelier_language
from knowledge.terms import language_of

ENGLISH = "en"
# Django names scripts where a language has several.
_DJANGO_NAMES = {"zh": "zh-hans"}
_FOLDER = Path(__file__).parent / "languages"
_FURTHER = Path(__file__).parent / "sentences"


def spoken(text: str, history: Sequence[Said], locale: str) -> str:
    """The language to reply in: the message's, else that of what was said before, else the browser's."""
    return _told(text, history) or language_of(locale) or ENGLISH


def spoken_beside(text: str, history: Sequence[Said], language: str, written: str) -> str:
    """The language to reply in once it is known which the articles found are written in.

    A few words in a language that they do not tell by themselves are told by whether they could be the articles'.
    """
    return language if _told(text, history) else likelier_language(text, language, written)


def _told(text: str, history: Sequence[Said]) -> str | None:
    earlier = "\n".join(said.text for said in history if said.role == Role.CUSTOMER)
    return language_of_message(text) or language_of_message(earlier)


def said(key: str, language: str = ENGLISH) -> str:
    """A sentence of ours in this language, in English where we have no words of it."""
    return sentences().get(language, {}).get(key) or str(table_of(language)[key])


def said_in_any(key: str) -> tuple[str, ...]:
    """The sentence in every language that we have it in."""
    return tuple(str(table[key]) for table in (*tables().values(), *sentences().values()) if key in table)


def ends_in_offer(text: str) -> bool:
    """Whether a text of ours asks last whether a person is wanted."""
    return text.rstrip().endswith(said_in_any("offer"))


def naming(key: str, named: str, language: str) -> str:
    """A sentence that names another language: `found_in` or `articles_in`."""
    if named == ENGLISH and language != ENGLISH and _is_spoken(language):
        return said(f"{key}_english", language)
    return said(key, language).format(language=language_name(named, language))


def table_of(language: str) -> Mapping[str, Any]:
    """The words and patterns of a language, of English where we have none of it."""
    return tables().get(language) or tables()[ENGLISH]


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Mapping[str, Any]]:
    """All words and patterns by language."""
    return _read(_FOLDER)


@lru_cache(maxsize=1)
def sentences() -> Mapping[str, Mapping[str, str]]:
    """By further language the sentences around an answer."""
    return _read(_FURTHER)


def _read(folder: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def _is_spoken(language: str) -> bool:
    return language in tables() or language in sentences()


@lru_cache(maxsize=256)
def language_name(named: str, language: str = ENGLISH) -> str:
    """A language's name in another, as Django's translators have it; its code where Django does not know it."""
    try:
        with translation.override(language if _is_spoken(language) else ENGLISH):
            return str(get_language_info(_DJANGO_NAMES.get(named, named))["name_translated"])
    except KeyError:
        return named
