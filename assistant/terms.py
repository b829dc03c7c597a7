"""Words of a text, reduced to comparable terms of a language. Pure; the stop words of English are our own."""

import re
from functools import lru_cache

import Stemmer

from knowledge.terms import UNSPACED, terms_of

WORD = re.compile(r"[^\W_]+(?:[.'’+#-][^\W_]+)*[+#]{0,2}")
STOP_WORDS = frozenset(
    """a about above after again all also am an and any anybody anyone anything are aren't as at be been before being
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't done down during each
    either else ever every everybody everyone everything few for from further get gets getting give go goes going gone
    got had has hasn't have haven't having he hello help her here hey hi him his how however i i'd i'll i'm i've if in
    into is isn't it it's its just know let like look made make many may me might more most much must my need no nor
    not now of off ok on once one only or other our out over own please put same say see shall she should so some
    somebody someone something such tell than thank thanks that that's the their them then there these they
    this those through to too try trying under until up us use used using very want was wasn't way we well were
    weren't what what's when where which while who why will with won't would wouldn't yes yet you you're your""".split()  # noqa: SIM905
)
# English words that say that something is wrong, and not what.
WITHOUT_SUBJECT = frozenset(
    (
        "help", "problem", "issue", "question", "trouble", "error", "work", "works", "working", "broken", "not",
        "assistance", "support", "urgent", "stuck",
    )
)  # fmt: skip


@lru_cache(maxsize=1)
def _stemmer() -> "Stemmer.Stemmer":
    return Stemmer.Stemmer("english")


@lru_cache
def _stop_words(language: str) -> frozenset[str]:
    """A language's words that carry no meaning, those of its many words for `how` above all."""
    from stopwordsiso import has_lang, stopwords

    return frozenset(stopwords(language)) if has_lang(language) else frozenset()


@lru_cache
def _stop_terms(language: str) -> frozenset[str]:
    """The terms of such words; not of phrases, as the words of one mean something elsewhere."""
    of_words = (terms_of(word, language) for word in _stop_words(language))
    return frozenset(terms[0] for terms in of_words if len(terms) == 1)


@lru_cache
def _unspaced_phrases(language: str) -> re.Pattern[str] | None:
    """Such words that are several pairs of characters, the longest first: one pair of them is part of other words."""
    said = (word for word in _stop_words(language) if UNSPACED.search(word))
    longer = sorted((word for word in said if len(terms_of(word, language)) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longer))) if longer else None


def _without_unspaced_phrases(text: str, language: str) -> str:
    phrases = _unspaced_phrases(language)
    return phrases.sub(" ", text) if phrases else text


def words(text: str) -> list[str]:
    """The words of a text in order, lower-cased, with inner points and hyphens kept ("4.1.1", "wi-fi")."""
    return [word.replace("’", "'") for word in WORD.findall(text.lower())]


def content_words(text: str) -> list[str]:
    """The words that carry meaning, in order, each once."""
    return list(dict.fromkeys(word for word in words(text) if word not in STOP_WORDS))


def stems(text: str) -> list[str]:
    """The stems of all words in order."""
    return list(_stemmer().stemWords(words(text)))


def _without_hyphens(word: str) -> str:
    joined = word.replace("-", "")
    return joined if joined.isalpha() else word


def terms(text: str, language: str = "en") -> list[str]:
    """The stems of the words that carry meaning, with repeats: in order, but pairs of characters last.

    Such pairs stand for the words of scripts that put no spaces between them, whatever the language. Words joined by
    hyphens are one, with and without them ("e-mail", "wi-fi").
    """
    if language != "en":
        told = _without_unspaced_phrases(text, language)
        return [term for term in terms_of(told, language) if term not in _stop_terms(language)]
    read = (word for word in words(text.replace("\u2011", "-")) if word not in STOP_WORDS)
    kept = [_without_hyphens(word) if "-" in word else word for word in read]
    if text.isascii():
        return [stem for stem in _stemmer().stemWords(kept) if stem]
    spaced = [word for word in kept if not UNSPACED.search(word)]
    return [stem for stem in _stemmer().stemWords(spaced) if stem] + [
        term for word in kept if UNSPACED.search(word) for term in terms_of(word, language)
    ]
