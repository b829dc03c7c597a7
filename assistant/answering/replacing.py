"""What a follow-up puts in place of: "and on Mac?" after "... on Windows?" is no longer about Windows. Pure."""

from collections.abc import Iterator, Set
from itertools import groupby, pairwise

from assistant.terms import words

# Names of one kind, of which a question is about one: whoever names another has left the first.
KINDS = (
    frozenset(("windows", "mac", "macos", "osx", "macbook", "linux", "ubuntu", "debian", "fedora", "chromeos")),
    frozenset(("android", "ios", "iphone", "ipad")),
    frozenset(("chrome", "firefox", "safari", "edge", "opera", "brave")),
)

# Behind them stands what is done.
_SUBJECTS = (["i"], ["we"], ["you"])
# They stand before any noun: "and the costs?" puts nothing in place of the shoes in "return the shoes".
# fmt: off
_DETERMINERS = frozenset((
    "the", "a", "an", "my", "our", "your", "der", "die", "das", "den", "dem", "ein", "eine", "einen", "mein", "meine",
    "meinen", "le", "la", "les", "un", "une", "mon", "ma", "mes", "el", "los", "las", "una", "mi", "mis", "il", "lo",
    "gli", "het", "een", "mijn", "o", "os", "as", "um", "uma", "meu", "minha",
))
# fmt: on


def named_instead(earlier: str, later: str, stop_words: Set[str]) -> frozenset[str]:
    """The name at the start or behind a function word of the earlier message where the later has another of its kind.

    "Install Linux" is about Linux on a Mac too, and of two of a kind either may be meant.
    """
    said, now = words(earlier), frozenset(words(later))
    placed = {*said[:1], *(word for before, word in pairwise(said) if before in stop_words)}
    names = (kind.intersection(said) for kind in KINDS if kind & now)
    return frozenset().union(*(of_kind & placed for of_kind in names if len(of_kind) == 1)) - now


def put_in_place(earlier: str, later: str, stop_words: Set[str]) -> frozenset[str]:
    """The words of the earlier message that stand behind the function words which words of the later one stand behind.

    Where several do, behind the most of them, then the last: "reset the clock on the Uno", "and on the Nano".
    """
    phrases = list(_phrases(earlier, stop_words))
    slots = [
        (len(before), place)
        for place, (before, _) in enumerate(phrases)
        if not _DETERMINERS.issuperset(before)
        and any(new[-len(before) :] == before for new, _ in _phrases(later, stop_words))
    ]
    return frozenset(phrases[max(slots)[1]][1]) if slots else frozenset()


def done_instead(earlier: str, later: str, stop_words: Set[str]) -> frozenset[str]:
    """The verb behind "how do I" of the earlier message where another one stands behind the same in the later.

    Where nothing else would be left of the earlier message, it is what "it" stands for: "how do I pay?".
    """
    openings = [(before, named[0]) for before, named in _phrases(earlier, stop_words) if before[-1:] in _SUBJECTS]
    asked = {tuple(before) for before, _ in _phrases(later, stop_words)}
    verbs = frozenset(verb for before, verb in openings if tuple(before) in asked)
    own = {word for word in words(earlier) if word not in stop_words}
    return verbs if own - verbs else frozenset()


def _phrases(text: str, stop_words: Set[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Each run of words that carry meaning, after the run of function words before it."""
    before: list[str] = []
    for is_function, run in groupby(words(text), key=lambda word: word in stop_words):
        if is_function:
            before = list(run)
        else:
            yield before, list(run)
            before = []
