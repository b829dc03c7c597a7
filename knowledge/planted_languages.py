"""Instructions to an assistant in other languages than English, by the words of planted_languages.json. Pure.

A sentence instructs when words of a few kinds stand near each other, in whatever order the language has them: "forget",
"earlier" and "rules". In an entry of the file `*` stands for the rest of a word and `…` for up to four words between;
all else is a regular expression. Accents are left out on both sides, as people leave them out.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from knowledge.lookalikes import as_cyrillic, as_latin, without_marks

# By kind: the words that stand together, the rarest first, and within how many characters.
_FORGET = (("orders", "drop", "earlier"), 90)
_REVEAL = (("secret", "show"), 60)
_REVEAL_MESSAGE = (("message", "show", "yours"), 80)
_ROLE = (("bot", "be", "now"), 80)
PLAIN = (_FORGET, _REVEAL, _REVEAL_MESSAGE, _ROLE)
_REVEAL_OWN = (("prompt", "show", "yours"), 40)
_FORGET_ALL = (("orders", "drop", "all"), 50)
_EVERY = (("every", "put"), 70)
_ONLY = (("answer", "only", "with"), 60)
_FROM_NOW = (("answer", "now", "with"), 60)
LIKELY = (_FORGET_ALL, _REVEAL_OWN, _EVERY, _ONLY, _FROM_NOW)
# "Note to the assistant:" and its kin.
_HEAD_CHARACTERS = 60
_HEAD = re.compile(rf"\W*(.{{4,{_HEAD_CHARACTERS}}}?)[:：]", re.S)
# Scripts that are written without spaces: no word boundaries, and a third of the characters.
_UNSPACED = ("ja", "zh")
_SHORTER = 3
_STEM_CHARACTERS = 4
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "ko": re.compile(r"[\uac00-\ud7a3]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
}

Words = Mapping[str, re.Pattern[str]]


def suspicion(sentence: str) -> tuple[str, str]:
    """Kind and language: "plain" for what nobody writes to readers, "elsewhere" for what is planted in most articles.

    ("", "") for neither. The sentence is visible, its letters not folded.
    """
    latin, other = as_latin(sentence).lower(), without_marks(as_cyrillic(sentence)).lower()
    found = ("", "")
    for language in _written_in(latin, other):
        text, words = (latin if _is_latin(language) else other), _words(language)
        if any(_stand_together(text, language, words, kind) for kind in PLAIN):
            return "plain", language
        if _is_addressed(text, words) or any(_stand_together(text, language, words, kind) for kind in LIKELY):
            found = ("elsewhere", language)
    return found


@lru_cache(maxsize=4096)
def is_word(word: str) -> bool:
    """Whether the lower-case word, without accents, begins like one of the file's."""
    return len(word) >= _STEM_CHARACTERS and bool(_beginnings().match(word))


@lru_cache(maxsize=64)
def content_words(text: str, language: str) -> frozenset[str]:
    """The terms of a text in one of the languages, but for its words that say nothing."""
    from stopwordsiso import stopwords  # a list of all languages, read once, and only when something is suspected

    from knowledge.terms import terms_of

    stop = {term for word in stopwords(language) for term in terms_of(word, language)}
    return frozenset(terms_of(text, language)) - stop


def _written_in(latin: str, other: str) -> Iterator[str]:
    """The languages that have a word of the rarest kinds in the text; by their script, where words are not apart."""
    stems = _languages_by_stem()
    heads = {word[:_STEM_CHARACTERS] for word in _WORD.findall(latin if latin == other else f"{latin} {other}")}
    found = {language for head in heads if head in stems for language in stems[head]}
    if not other.isascii():
        found |= {language for language, script in _SCRIPTS.items() if script.search(other)}
    yield from sorted(found)


def _is_latin(language: str) -> bool:
    return language not in ("ru", *_SCRIPTS)


def _stand_together(text: str, language: str, words: Words, kind: tuple[Sequence[str], int]) -> bool:
    """Whether words of all these kinds stand within so many characters, none of them a semicolon."""
    parts, within = kind
    within = within // _SHORTER if language in _UNSPACED else within
    held = [match.span() for match in words[parts[0]].finditer(text)]
    for part in parts[1:]:
        places = [match.span() for match in words[part].finditer(text)]
        starts = [start for start, _ in places]
        joined = dict.fromkeys(
            (min(begun, start), max(ended, end))
            for begun, ended in held
            # Those that are near enough, and no others: a text may be nothing but such words.
            for start, end in places[bisect_left(starts, ended - within) : bisect_right(starts, begun + within)]
        )
        held = [(start, end) for start, end in joined if end - start <= within and ";" not in text[start:end]]
    return bool(held)


def _is_addressed(text: str, words: Words) -> bool:
    """Whether the text begins with a note to an assistant and a colon."""
    head = _HEAD.match(text)
    return bool(head and words["assistant"].search(head[1]) and words["note"].search(head[1]))


@lru_cache(maxsize=1)
def _entries() -> Mapping[str, Mapping[str, Sequence[str]]]:
    loaded: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _languages_by_stem() -> Mapping[str, Sequence[str]]:
    stems: dict[str, list[str]] = {}
    for language, entries in _entries().items():
        for stem in entries.get("stems", ()):
            stems.setdefault(stem, []).append(language)
    return stems


@lru_cache(maxsize=32)
def _words(language: str) -> Words:
    """One pattern a kind of word."""
    apart = language not in _UNSPACED
    return {
        kind: re.compile(rf"(?<!\w)(?:{one_of})(?!\w)" if apart else one_of)
        for kind, entries in _entries()[language].items()
        for one_of in ["|".join(map(_pattern, entries))]
    }


def _pattern(entry: str) -> str:
    plain = re.sub(r"\s*…\s*", "…", without_marks(entry))
    return plain.replace("*", r"\w*").replace("…", r"(?:\W+\w+){0,4}?\W+").replace(" ", r"\s+")


@lru_cache(maxsize=1)
def _beginnings() -> re.Pattern[str]:
    entries = (without_marks(entry) for each in _entries().values() for kind in each.values() for entry in kind)
    return re.compile("|".join(sorted({word for entry in entries for word in re.findall(r"[a-z]{4,}", entry)})))
