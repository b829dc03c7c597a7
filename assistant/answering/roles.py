"""Who does it and to whom, and what comes before what: the same words of a passage in exchanged places. Pure."""

from collections.abc import Mapping, Sequence

from assistant.answering.claims import Claims
from assistant.answering.wording import ENGLISH

# Words that leave the order of doer, deed and object as it is.
_BETWEEN = frozenset(
    """the a an any all every each your our their its his her this that these those can could may might must will would
    should shall do does did not cannot never always also to""".split()  # noqa: SIM905
)
# What stands before these and what follows them cannot change places.
_ORDERING = frozenset({"before", "after", "than", "until", "instead", "into", "onto"})
# Terms on either side that are compared.
_BESIDE = 2


def exchanges_roles(claims: Claims, window: Claims) -> bool:
    """Whether doer and object of one deed, or both sides of "before" or "than", have changed places."""
    if claims.language != ENGLISH or not claims.held <= window.held:
        return False
    return _turned_round(claims, window) or _around_changed(claims, window)


def _turned_round(claims: Claims, window: Claims) -> bool:
    theirs = set(_triples(window))
    return any(
        (third, deed, first) in theirs and (first, deed, third) not in theirs for first, deed, third in _triples(claims)
    )


def _triples(claims: Claims) -> Sequence[tuple[str, str, str]]:
    """Terms in a row with nothing but articles and auxiliaries between them."""
    places = [at for at, word in enumerate(claims.order) if word not in _BETWEEN]
    words = [claims.order[at] for at in places]
    runs = zip(words, words[1:], words[2:], strict=False)
    return [run for run in runs if len(set(run)) == len(run) and claims.held.issuperset(run)]


def _around_changed(claims: Claims, window: Claims) -> bool:
    mine, theirs = _sides(claims), _sides(window)
    for word in mine.keys() & theirs.keys():
        (before, after), (was_before, was_after) = mine[word], theirs[word]
        crossed = before & was_after and after & was_before
        if crossed and not before & was_before and not after & was_after:
            return True
    return False


def _sides(claims: Claims) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """By ordering word that stands once, the nearest terms before and after it."""
    order = claims.order
    found = {}
    for word in _ORDERING & frozenset(order):
        at = order.index(word)
        before = [each for each in order[:at] if each in claims.held]
        after = [each for each in order[at + 1 :] if each in claims.held]
        if order.count(word) == 1 and before and after:
            found[word] = frozenset(before[-_BESIDE:]), frozenset(after[:_BESIDE])
    return found
