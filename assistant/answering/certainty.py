"""How certain a sentence is, or how binding: "will" is more than "may", and "must" more than "should". Pure."""

from collections.abc import Iterable, Sequence

from assistant.answering.claims import Claims
from assistant.answering.vocabulary import Vocabulary, vocabulary
from knowledge.terms import UNSPACED

# What one needs or has to do is demanded, too.
_NEEDING = frozenset("need needs needed have has".split())  # noqa: SIM905


def is_raised(mine: Iterable[str], theirs: Iterable[str], whole: Claims) -> bool:
    """Whether a stretch of words, as they are ordered, is more certain than the one that it stands for.

    `whole` is the sentence that it is of: what "may" be is no more certain as "possibly" elsewhere in it.
    """
    words = vocabulary(whole.language)
    said, meant = frozenset(mine), frozenset(theirs)
    binds, weak = words.degree("certain", "obliged"), words.degree("possible", "advised", "usual")
    if not meant & weak or meant & binds:
        return False
    if said & binds:
        return "abl" not in said  # "will be able to" is "can"
    doubted = words.degree("possible", "usual") - words.degree("permitting")
    return bool(meant & doubted) and not said & weak and not _doubts(whole, words)


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


def _doubts(claims: Claims, words: Vocabulary) -> bool:
    return bool((words.degree("possible", "usual") | {"cannot"}) & frozenset((*claims.order, *claims.words)))


def _said(claims: Claims, words: Vocabulary) -> frozenset[str]:
    """Its words, and of a script without spaces those of the vocabulary that it holds."""
    degrees = words.degree("obliged", "possible", "advised")
    if not any(map(UNSPACED.search, degrees)):
        return frozenset(claims.words).union(claims.order)
    return frozenset(word for word in degrees if word in claims.text)
