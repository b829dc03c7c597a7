"""Which language a text is written in, when it says so plainly enough."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from knowledge.memory import give_memory_back
from knowledge.terms import language_of

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Told apart from each other: each further candidate leaves more short messages in doubt.
LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "no", "pl",
    "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip
READ_CHARACTERS = 2_000
# Of a message and an article (docs/decisions/015-languages.md): at these one in a thousand is mistaken, and none.
SURE = 0.8
SURE_OF_ARTICLE = 0.99
# Bytes: a character of Chinese says as much as three letters.
SHORTEST_MESSAGE = 6
SHORTEST_ARTICLE = 200

_NO_PROSE = re.compile(r"(?ms)^(```|~~~).*?^\1|`[^`\n]+`|https?://\S+|\]\([^)\s]*\)")


@lru_cache(maxsize=512)
def language_of_message(text: str) -> str | None:
    """The language of a customer's message, such as `de`; None for one too short or too mixed to tell."""
    if _length(text) < SHORTEST_MESSAGE:
        return None
    return _identified(text[:READ_CHARACTERS], SURE)


def likelier_language(text: str, usual: str, other: str) -> str:
    """`other` where a message is more plainly in that than in the usual one; for what is too short to tell alone."""
    if usual == other or other not in LANGUAGES or usual not in LANGUAGES or _length(text) < SHORTEST_MESSAGE:
        return usual
    likely = dict(_identifier().rank(text[:READ_CHARACTERS]))
    return other if likely[other] >= SURE * (likely[usual] + likely[other]) else usual


def language_of_article(text: str) -> str | None:
    """The language of an article's Markdown, code and addresses left out; None when there is doubt."""
    prose = _NO_PROSE.sub(" ", text[: 2 * READ_CHARACTERS])[:READ_CHARACTERS]
    return _identified(prose, SURE_OF_ARTICLE) if _length(prose) >= SHORTEST_ARTICLE else None


def locale_of_article(said: str, text: str, usual: str) -> str:
    """What the article says, else what it is plainly written in, else what is usual in its collection."""
    found = said or language_of_article(text)
    return found if found and found != language_of(usual) else usual


def _length(text: str) -> int:
    return len(text.strip().encode(errors="replace"))


def _identified(text: str, sure: float) -> str | None:
    language, probability = _identifier().classify(text)
    return str(language) if probability >= sure else None


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """Of LANGUAGES alone, without the 20 MB that tell the others."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    whole.set_languages(LANGUAGES)
    parts = (whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output)
    few = LanguageIdentifier(*parts, norm_probs=True, tk_row=whole.tk_row)
    del whole
    give_memory_back()
    return few


def is_other_language(written: str, spoken: str | None) -> bool:
    """Whether an article's language is plainly not the one that is spoken; False when one of them cannot be told.

    What is none of LANGUAGES is taken for a related one, Slovak for Czech.
    """
    return spoken is not None and written in LANGUAGES and written != spoken
