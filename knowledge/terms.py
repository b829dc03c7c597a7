"""Words to search terms, the same way for articles and questions. Pure."""

import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import regex
import Stemmer

from knowledge.models import LEXICAL_DIMENSIONS

# Names how words become terms: what was indexed by another name is cut again (knowledge.indexing.recutting).
TERMS = "joined-4"
MAX_TERM_LENGTH = 64
REMEMBERED_WORDS = 65_536

# Scripts written without spaces, or with endings grown onto the word: pairs of characters stand for words.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_RUN = regex.compile(rf"[{_UNSPACED}][{_UNSPACED}\p{{M}}ー]*+|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]++", regex.V1)
UNSPACED = regex.compile(rf"[{_UNSPACED}]")
# Possessive, and only from where a word begins: no text makes it look twice at a character.
_JOINED = regex.compile(r"(?<![\p{L}\p{N}])[\p{L}\p{N}]++(?:[._-][\p{L}\p{N}]++)+")
_APOSTROPHE = regex.compile(r"(?<=\p{L})['’](?:s|S|t|re|ve|ll|d|m)\b")
# The same for text of ASCII alone, five times as fast, and the signs that keep most English text from being that.
_ASCII_WHOLE = re.compile(r"[a-z0-9]++(?:[._-][a-z0-9]++)*+")
_ASCII_SIGNS = str.maketrans("’“”–—•®©‐‑", '\'""     --')
# Words joined by hyphens, as people write one word or two: "e-mail", "wi-fi", "set-up".
_COMPOUND = regex.compile(r"(?<![\p{L}\p{N}._-])\p{L}++(?:-\p{L}++)++(?![._-]*[\p{L}\p{N}])")

_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
    "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip

# Elsewhere a common word weighs little by itself; in a small help centre an English "how" would be a rare term.
_STOP_WORDS = {
    "en": frozenset({
        "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "anybody", "anyone", "anything", "are",
        "aren", "as", "at", "be", "because", "been", "before", "being", "both", "but", "by", "can", "could", "couldn",
        "did", "didn", "do", "does", "doesn", "doing", "don", "during", "each", "either", "else", "ever", "every",
        "everybody", "everyone", "everything", "for", "from", "further", "get", "gets", "getting", "got", "had", "hadn",
        "has", "hasn", "have", "haven", "having", "he", "hello", "her", "here", "hers", "hey", "hi", "him", "his",
        "how", "however", "i", "if", "in", "into", "is", "isn", "it", "its", "just", "know", "let", "many", "me",
        "might", "more", "most", "much", "must", "my", "need", "no", "nor", "not", "of", "off", "ok", "okay", "on",
        "once", "only", "or", "other", "our", "ours", "out", "over", "own", "please", "same", "shall", "she", "should",
        "shouldn", "so", "some", "somebody", "someone", "something", "such", "tell", "than", "thank", "thanks", "that",
        "the", "their", "theirs", "them", "then", "there", "these", "they", "this", "those", "through", "to", "too",
        "under", "until", "up", "very", "want", "was", "wasn", "we", "were", "weren", "what", "when", "where", "which",
        "while", "who", "whom", "why", "will", "with", "would", "wouldn", "yes", "yet", "you", "your", "yours",
    })
}  # fmt: skip
_NO_STOP_WORDS: frozenset[str] = frozenset()
# What makes another verb of an English one: to take over, to log out, to set up.
PARTICLES = frozenset({"off", "out", "over", "up"})
# These stand before nouns as well, so the verbs are counted: to log in, to turn on.
_PREPOSITIONS = frozenset({"in", "on"})
_VERBS_WITH_PREPOSITION = frozenset({"add", "check", "log", "opt", "plug", "sign", "switch", "turn"})


class _Stemmers(threading.local):
    """One stemmer a thread and language: a stemmer keeps state while it works."""

    def __init__(self) -> None:
        self._by_language: dict[str, Stemmer.Stemmer] = {}

    def stem(self, word: str, language: str) -> str:
        algorithm = _ALGORITHMS.get(language)
        if algorithm is None:
            return word
        if language not in self._by_language:
            self._by_language[language] = Stemmer.Stemmer(algorithm)
        return str(self._by_language[language].stemWord(word))


_stemmers = _Stemmers()


class _Stems(dict[str, str]):
    """By word its term in a language, empty for a stop word; remembered, as texts are made of the same few words."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._stop_words = _STOP_WORDS.get(language, _NO_STOP_WORDS)

    def __missing__(self, word: str) -> str:
        if len(self) >= REMEMBERED_WORDS:
            self.clear()
        stem = "" if word in self._stop_words else _stemmers.stem(word, self._language)
        self[word] = _without_accents(stem)
        return self[word]


_stems = lru_cache(_Stems)


def language_of(locale: str) -> str:
    """`en` of `en-GB` or `en_US`; `no` of either written Norwegian; empty for none."""
    language = locale.strip().lower().replace("_", "-").partition("-")[0]
    return "no" if language in ("nb", "nn") else language


def terms_of(text: str, locale: str) -> list[str]:
    """The terms of a text in order, repeats kept: stemmed words without stop words, and pairs of characters
    of scripts that put no spaces between words.

    Versions, error codes and file names (`4.1.1`) count both as a whole and by their parts; so do words joined by
    hyphens, whose whole is that without them: `E-Mail` is `email`. A single letter of theirs counts for nothing. An
    English verb counts alone and with its particle, which is a stop word otherwise: `log out`.
    """
    folded = _folded(text)
    words, pairs, joined = _cut_ascii(folded) if folded.isascii() else _cut(folded)
    language = language_of(locale)
    stems = _stems(language)
    kept = [stem for word in words if (stem := stems[word[:MAX_TERM_LENGTH]])]
    wholes = [whole for each in joined if (whole := _whole(each, stems))]
    verbs = [stems[stem + particle] for stem, particle in _verbs(words, stems)] if language == "en" else []
    return kept + pairs + wholes + verbs


def _verbs(words: Sequence[str], stems: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The stems of words before a particle, with it: as one word they are that of the noun, "takeover", "set-up"."""
    for before, word in pairwise(words):
        if word not in PARTICLES and word not in _PREPOSITIONS:
            continue
        stem = stems[before[:MAX_TERM_LENGTH]] if before.isalpha() else ""
        if stem and (word in PARTICLES or stem in _VERBS_WITH_PREPOSITION):
            yield stem[: MAX_TERM_LENGTH - len(word)], word


def compounds_of(text: str, locale: str) -> list[frozenset[str]]:
    """The terms of what is written as one word, as two, or joined: of words with hyphens, and verbs with a particle."""
    folded = _folded(text)
    joined = [frozenset(terms_of(match[0], locale)) for match in _COMPOUND.finditer(folded)]
    if language_of(locale) != "en":
        return joined
    stems = _stems("en")
    words = _cut_ascii(folded)[0] if folded.isascii() else _cut(folded)[0]
    return joined + [frozenset({stem, stems[stem + particle]}) for stem, particle in _verbs(words, stems)]


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\0", " ")
    if not folded.isascii():
        folded = folded.translate(_ASCII_SIGNS)
    return _APOSTROPHE.sub("", folded)


def _cut_ascii(folded: str) -> tuple[list[str], list[str], list[str]]:
    wholes = _ASCII_WHOLE.findall(folded)
    joined = [whole for whole in wholes if not whole.isalnum()]
    if not joined:
        return wholes, [], []
    words = [part for whole in wholes for part in ([whole] if whole.isalnum() else _parts(whole))]
    return words, [], joined


def _parts(whole: str) -> list[str]:
    parts = whole.replace(".", " ").replace("_", " ").replace("-", " ").split()
    return [part for part in parts if len(part) > 1 or part.isdigit()]


def _cut(folded: str) -> tuple[list[str], list[str], list[str]]:
    """Words, pairs of characters, and what is joined by dots and dashes."""
    words: list[str] = []
    pairs: list[str] = []
    joined = list(_JOINED.finditer(folded))
    within = {place for match in joined for place in range(*match.span())}
    for match in _RUN.finditer(folded):
        run = match[0]
        if UNSPACED.match(run):
            pairs += _pairs(run)
        elif len(run) > 1 or run.isdigit() or match.start() not in within:
            words.append(run)
    return words, pairs, [match[0] for match in joined]


def _whole(joined: str, stems: _Stems) -> str:
    """The term of what is joined as one; a word's joined by hyphens is that of the word without them."""
    word = joined.replace("-", "")
    if not word.isalpha() or UNSPACED.search(word):
        return joined[:MAX_TERM_LENGTH]
    return stems[word[:MAX_TERM_LENGTH]]


def _pairs(run: str) -> list[str]:
    return [run[index : index + 2] for index in range(len(run) - 1)] or [run]


def _without_accents(word: str) -> str:
    """Latin letters without their marks: many customers type none. Marks of other scripts are letters of their own."""
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFD", word)
    if not ("a" <= plain[0] <= "z"):
        return word
    return unicodedata.normalize("NFC", "".join(char for char in plain if not unicodedata.combining(char)))


@lru_cache(REMEMBERED_WORDS)
def term_id(term: str) -> int:
    """The dimension of a term, 0 <= id < LEXICAL_DIMENSIONS."""
    return int.from_bytes(blake2b(term.encode("utf-8", "replace"), digest_size=8).digest()) % LEXICAL_DIMENSIONS
