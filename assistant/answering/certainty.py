"""How certain a sentence is, or how binding: "will" is more than "may", and "must" more than "should". Pure."""

from collections.abc import Iterable, Sequence

from assistant.answering.claims import Claims
from assistant.answering.vocabulary import SOME, Vocabulary, vocabulary
from knowledge.terms import UNSPACED

# What one needs or has to do is demanded, too.
_NEEDING = frozenset("need needs needed have has".split())  # noqa: SIM905

# Of so many words that are left out one may have told how certain it is; what is longer is a part of its own.
MOST_LOST = 2


def is_raised(mine: Iterable[str], theirs: Iterable[str], whole: Claims, *, opening: bool = False) -> bool:
    """Whether a stretch of words, as they are ordered, is more certain than the one that it stands for.

    `whole` is the sentence that it is of: what "may" be is no more certain as "possibly" elsewhere in it. `opening`:
    they open the sentences, as in "Some plans" for which "Plans" would be all of them.
    """
    words = vocabulary(whole.language)
    said, meant = frozenset(mine), frozenset(theirs)
    binds, weak = words.degree("certain", "obliged"), words.degree("possible", "advised", "usual")
    if opening and SOME in meant and len(meant) == 1 and not said:
        return True
    if not meant & weak or meant & binds:
        return False
    if said & binds:
        return "abl" not in said  # "will be able to" is "can"
    if len(meant) > MOST_LOST or said & weak:
        return False
    return _loses_doubt(meant, whole, words)


def _loses_doubt(meant: frozenset[str], whole: Claims, words: Vocabulary) -> bool:
    """Whether "may" or "usually" is gone, and nothing in the sentence says as much: "can" does, but not for both."""
    told = frozenset(whole.words).union(whole.order)
    doubted = words.degree("possible") - words.degree("permitting")
    if meant & words.degree("usual"):
        return not told & (words.degree("usual") | doubted)
    return bool(meant & doubted) and not told & (words.degree("possible", "usual") | {"cannot"})


def obliges(claims: Claims, windows: Sequence[Claims]) -> bool:
    """Whether it demands what the windows only allow or advise, in whatever order their words stand."""
    words = vocabulary(claims.language)
    binding = words.degree("obliged")
    if not _said(claims, words) & binding:
        return False
    held = [_said(each, words) for each in windows]
    if any(each & (binding | _NEEDING) for each in held):
        return False
    return any(each & words.degree("possible", "advised") for each in held)


def _said(claims: Claims, words: Vocabulary) -> frozenset[str]:
    """Its words, and of a script without spaces those of the vocabulary that it holds."""
    degrees = words.degree("obliged", "possible", "advised")
    if not any(map(UNSPACED.search, degrees)):
        return frozenset(claims.words).union(claims.order)
    return frozenset(word for word in degrees if word in claims.text)
