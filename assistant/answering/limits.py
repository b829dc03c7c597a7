"""Limits beside numbers ("within 30 days", "two weeks or more") and the conditions of a sentence. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Literal

Limit = Literal["", "most", "least"]

_FLIPPED: dict[Limit, Limit] = {"most": "least", "least": "most", "": ""}
_BEFORE: dict[str, Limit] = {
    **dict.fromkeys("within before until till by under below maximum max only".split(), "most"),  # noqa: SIM905
    **dict.fromkeys(["up to", "at most", "maximum of", "earlier than"], "most"),
    **dict.fromkeys([f"{word} than" for word in ("less", "fewer", "lower", "smaller", "shorter")], "most"),
    **dict.fromkeys("after over above from minimum min exceed".split(), "least"),  # noqa: SIM905
    **dict.fromkeys(["at least", "minimum of", "later than"], "least"),
    **dict.fromkeys([f"{word} than" for word in ("more", "greater", "higher", "larger", "longer")], "least"),
}
_AFTER: dict[str, Limit] = {
    **dict.fromkeys([f"{word} {than}" for word in ("or", "and") for than in ("less", "fewer", "earlier")], "most"),
    **dict.fromkeys([f"{word} {than}" for word in ("or", "and") for than in ("more", "later", "longer")], "least"),
    **dict.fromkeys(["at most", "maximum"], "most"),
    **dict.fromkeys(["at least", "minimum"], "least"),
}
_DENIED = frozenset({"no", "not", "never", "cannot"})
_NO_MORE = re.compile(r"\b(?:no|not) (?:more|later|longer|greater|higher|larger) than\b", re.I)
_NO_LESS = re.compile(r"\b(?:no|not) (?:less|fewer|earlier|lower|smaller|shorter) than\b", re.I)
# Words that may stand between a limit and its number.
_BETWEEN = frozenset("the a about approximately around roughly first next version".split())  # noqa: SIM905
_CONDITION = re.compile(
    r"\b(?P<word>only if|even if|only with|provided that|(?<=, )provided|if|unless|except)\b(?P<clause>[^.!?;,:()\n]*)"
)


def limit_of(before: Sequence[str], after: Sequence[str], units: frozenset[str], timed: bool) -> Limit:
    """What the words around a number make of it: at most, at least, or "" for the number itself.

    `units` are the number's own words behind it; `timed` whether it is a time, without which "by" is no limit.
    """
    skipped = sum(1 for _ in takewhile(_BETWEEN.__contains__, reversed(before)))
    words = list(before[: len(before) - skipped])
    if words[-1:] in (["to"], ["until"], ["and"]) and any(map(str.isdigit, "".join(words[-3:-1]))):
        return ""  # the end of a range
    for size in (2, 1):
        limit = _BEFORE.get(" ".join(words[-size:]), "") if len(words) >= size else ""
        if limit and (timed or words[-1] != "by"):
            return _FLIPPED[limit] if words[-size - 1 : -size] and words[-size - 1] in _DENIED else limit
    rest = list(after)[1:] if after and after[0] in units else list(after)
    return _AFTER.get(" ".join(rest[:2])) or _AFTER.get(" ".join(rest[:1])) or ""


def without_denial(text: str) -> str:
    """The text with "at most" for "no more than", which denies nothing."""
    return _NO_LESS.sub("at least", _NO_MORE.sub("at most", text))


def conditions(text: str) -> Iterator[tuple[str, bool]]:
    """The clauses of a text in small letters that say when it holds, and whether "if" opens the text with it."""
    for match in _CONDITION.finditer(text):
        yield match["clause"], not text[: match.start()].strip() and match["word"] == "if"
