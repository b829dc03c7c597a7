"""Who does it and to whom, and what comes before what: the same words of a passage in exchanged places. Pure."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from assistant.answering.claims import Claims
from assistant.answering.wording import ENGLISH

# Doer and object may be told apart by "is" and "are" as well.
_SAME = {"are": "is", "was": "is", "were": "is", "an": "a", "have": "has"}
# Between words of a list, which may stand in any order.
_LISTING = frozenset({"and", "or", "nor"})
_BESIDES = frozenset({"and", "or", "but", "while", "whereas"})
# Words between two that are compared.
_FURTHEST = 6
# What stands before these and what follows them cannot change places.
_ORDERING = frozenset({"before", "after", "than", "until", "instead", "into", "onto"})
# Terms on either side that are compared.
_BESIDE = 2


def exchanges_roles(claims: Claims, window: Claims) -> bool:
    """Whether two words of a wording that is else the window's, or both sides of "before", have changed places."""
    if claims.language != ENGLISH or not claims.held <= window.held:
        return False
    return _swaps(claims, window) or _crosses(claims, window) or _around_changed(claims, window)


def _swaps(claims: Claims, window: Claims) -> bool:
    """Whether "the server calls a client" is "a client calls the server": two terms, and all between them the same."""
    mine, theirs = _bare(claims), _bare(window)
    spans = {tuple(theirs[at:end]) for at, end in _spans(theirs)}
    for at, end in _spans(mine):
        first, *between, last = mine[at:end]
        ends_count = first != last and {first, last} <= claims.held
        if not ends_count or _is_list(between, claims) or (first, *between, last) in spans:
            continue
        if (last, *between, first) in spans:
            return True
    return False


def _spans(words: Sequence[str]) -> list[tuple[int, int]]:
    return [(at, at + size) for size in range(3, _FURTHEST + 3) for at in range(len(words) - size + 1)]


def _is_list(between: Sequence[str], claims: Claims) -> bool:
    """Whether words may be members of a list or parts of a name: nothing but terms and "and" between them."""
    return len(between) < 1 or (not _LISTING.isdisjoint(between)) or all(word.isdigit() for word in between)


def _bare(claims: Claims) -> list[str]:
    """The words in order without articles, forms of "be" as one."""
    words = (_SAME.get(word, word) for word in claims.order)
    return [word for word in words if word not in ("the", "a")]


def _crosses(claims: Claims, window: Claims) -> bool:
    """Whether "keeps photos" is made of "deletes photos, but keeps contacts": the deed and the object before it."""
    mine, theirs = _bare(claims), _bare(window)
    beside = set(pairwise(theirs))
    for deed, thing in pairwise(mine):
        if (deed, thing) in beside or deed not in theirs or thing not in theirs:
            continue
        at, then = theirs.index(thing), theirs.index(deed)
        parted = at < then and not set(theirs[at + 1 : then]) - _BESIDES and then - at > 1
        own = [*theirs[max(at - 1, 0) : at], *theirs[then + 1 : then + 2]]
        if parted and len(own) == 2 and {deed, thing, *own} <= window.held:
            return True
    return False


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
