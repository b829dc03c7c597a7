"""Words that say the opposite of a passage's: "closed" for "open", "unavailable" for "available". Pure."""

from collections.abc import Sequence
from functools import lru_cache

from assistant.answering.claims import Claims
from assistant.answering.vocabulary import vocabulary
from assistant.terms import terms

# A word with fewer letters behind its prefix is none that the prefix denies.
LEAST_LETTERS = 4
# Of words like "import" and "port" one denies the other nowhere.
_NO_DENIAL = frozenset(
    """import imports imported importing importance important inform informs informed information install installs
    installed installing installation invest invested inside insure input inputs increase increased instance instances
    instead intend intended intent intention intake interest inspect inspected index indexed individual innate income
    incoming indoor inbox invoice invoices involve involved invite invited inline inquire inquiry inscribe implant
    impress impressed improve improved improves imposed impose disk discover discovered discount discounts discuss
    discussed distance dispatch dispatched display displays displayed dispose disposed distribute distributed dispute
    discharge disclose dismiss universe universal union unions unit units united unity unless until under unique uniform
    uncle unlike irrigate illustrate immigrate inhabit incense incite induce inset instill invaluable""".split()  # noqa: SIM905
)


def says_the_opposite(claims: Claims, windows: Sequence[Claims], frames: Sequence[Claims]) -> bool:
    """Whether a word of the sentence stands for its opposite in the windows or frames: "open" for "closed".

    A frame backs it only as it stands: "Opening hours" does not say that something is open.
    """
    opposites, said = vocabulary(claims.language).opposites, frozenset(claims.order)
    held = frozenset(word for window in windows for word in window.order)
    held |= frozenset(word for frame in frames for word in frame.words)
    opposed = frozenset(word for each in (*windows, *frames) for word in each.order) - said
    return any(word not in held and opposites[word] & opposed for word in said & opposites.keys())


def denies_by_prefix(claims: Claims, windows: Sequence[Claims]) -> bool:
    """Whether a word stands for the same with a prefix that denies it, or without it: "refundable", "non-refundable".

    Not where the other denies the word in so many words: "not available" is "unavailable".
    """
    return any(_lacks_prefix(claims, window) or _lacks_prefix(window, claims) for window in windows)


def _lacks_prefix(denying: Claims, other: Claims) -> bool:
    """Whether a word of the one has the prefix, and the other has the word without it alone and does not deny it."""
    more = len(other.negations) > len(denying.negations)
    for word in denying.words - other.words:
        for bare in denied_by_prefix(word, denying.language):
            stands = (bare in other.held or bare in other.words) and bare not in denying.held | denying.words
            if stands and not (more and any(bare in other.negated(place) for place in other.negations)):
                return True
    return False


def denied_in(mine: Sequence[str], theirs: Sequence[str], language: str) -> bool:
    """Whether a word of a stretch denies by its prefix one of the stretch that it stands for."""
    return any(bare in theirs for word in mine for bare in denied_by_prefix(word, language))


@lru_cache(maxsize=4096)
def denied_by_prefix(word: str, language: str) -> tuple[str, ...]:
    """The terms that a word in small letters may deny by its prefix: "refund" of "non-refundable".

    A word that carries no meaning otherwise stands for itself: "used" of "unused".
    """
    if word in _NO_DENIAL:
        return ()
    found = [
        word[len(prefix) :].lstrip("-")
        for prefix in vocabulary(language).negating
        if word.startswith(prefix) and len(word) >= len(prefix) + LEAST_LETTERS
    ]
    return tuple((*terms(bare, language), bare)[0] for bare in found)
