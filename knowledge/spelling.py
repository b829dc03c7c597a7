"""Which words of a question may be mistyped, and which word of the articles each was meant to be. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import regex
from rapidfuzz.distance import OSA

SHORTEST, LONGEST = 4, 32
# From this length on two slips are mended: of those in words of eight letters most became another word.
TWO_SLIPS_FROM = 9
SHORTEST_PART = 2
# What the first look may take for an error: an acronym, a file name, a code or an address is never one.
_IN_ARTICLE = regex.compile(r"(?<![\p{L}\p{M}\p{N}])\p{L}{4,32}(?![\p{L}\p{M}\p{N}])")
_TYPED = regex.compile(r"(?<![\p{L}\p{M}\p{N}._@/\\:'’#$-])\p{L}{4,32}(?![\p{L}\p{M}\p{N}_@/\\'’$-]|[.:][\p{L}\p{N}/])")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {key: (row, place + row / 2) for row, keys in enumerate(_ROWS) for place, key in enumerate(keys)}


class Typed(NamedTuple):
    """A word as it stands in the question at `start`, and as articles would hold it."""

    start: int
    text: str
    word: str


def words_of(text: str) -> set[str]:
    """The different words of a text that a question may have meant: letters alone, SHORTEST to LONGEST of them."""
    return set(_IN_ARTICLE.findall(folded(text)))


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def all_words(text: str) -> list[str]:
    """Every word of a question, short ones and numbers too."""
    return [folded(word) for word in _WORD.findall(text)]


def typed_words(text: str) -> list[Typed]:
    """The words of a question that could be mistyped; capitals within a word name something, unless all is shouted."""
    shouted = text.isupper()
    found = (Typed(match.start(), match[0], folded(match[0])) for match in _TYPED.finditer(text))
    return [typed for typed in found if shouted or typed.text[1:].islower()]


def slips_allowed(word: str) -> int:
    """The largest distance at which another word may have been meant."""
    return 2 if len(word) >= TWO_SLIPS_FROM else 1


def splits(word: str) -> list[tuple[str, str]]:
    """Two words of SHORTEST_PART letters or more that make this one without the space, the evenest first."""
    places = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    return sorted(((word[:at], word[at:]) for at in places), key=lambda parts: abs(len(parts[0]) - len(parts[1])))


def closest(word: str, known: Mapping[str, int]) -> str | None:
    """The one of the known words, each with how many documents hold it, that was most likely meant.

    The distance is Damerau and Levenshtein's, in its restricted form: letters left out, added, changed, or swapped
    with the next one, but for what is rather a name. Among equals a finger's slip goes before a wrong letter, and a
    common word before a rare one.
    """
    allowed = slips_allowed(word)
    near: list[tuple[float, int, str]] = []
    for other, documents in known.items():
        distance = OSA.distance(word, other, score_cutoff=allowed)
        if 0 < distance <= allowed and not _is_a_name(word, other):
            near.append((distance + _unlikely(word, other), -documents, other))
    return min(near)[2] if near else None


def _is_a_name(word: str, other: str) -> bool:
    """Whether a word of SHORTEST letters is rather one that the articles do not hold, such as "Pico" beside "pick".

    It is where no finger slipped to its other letter, or where it ends in that as names do and English words do not.
    """
    changed = _another_letter(word, other) if len(word) == SHORTEST else None
    if changed is None:
        return False
    ends_as_name = word[-1] in "aiou" and other[-1] not in "aeiouy" and word[:-1] == other[:-1]
    return ends_as_name or not _beside(*changed)


def _unlikely(word: str, other: str) -> float:
    """0 for a swap, a doubled or missing letter, or the key beside; .5 for a letter that no finger slipped to."""
    changed = _another_letter(word, other)
    return 0.0 if changed is None or _beside(*changed) else 0.5


def _another_letter(word: str, other: str) -> tuple[str, str] | None:
    """The letter typed and the one meant, where that alone tells words of one length apart."""
    if len(word) != len(other):
        return None
    changed = [(typed, meant) for typed, meant in zip(word, other, strict=True) if typed != meant]
    return changed[0] if len(changed) == 1 else None


def _beside(one: str, other: str) -> bool:
    if one not in _KEYS or other not in _KEYS:
        return False
    (row, place), (other_row, other_place) = _KEYS[one], _KEYS[other]
    return abs(row - other_row) <= 1 and abs(place - other_place) <= 1


def replaced(text: str, typed: list[Typed], meant: Mapping[str, str]) -> str:
    """The text with each mistyped word put right and all else as it was."""
    return "".join(_pieces(text, typed, meant))


def _pieces(text: str, typed: list[Typed], meant: Mapping[str, str]) -> Iterator[str]:
    end = 0
    for word in typed:
        if word.word in meant:
            yield text[end : word.start]
            yield meant[word.word]
            end = word.start + len(word.text)
    yield text[end:]
