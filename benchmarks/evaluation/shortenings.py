"""Sentences cut short: what they hold only under a condition said without it, and honestly, without an aside. Pure."""

import re
from collections.abc import Mapping
from random import Random
from typing import NamedTuple

# What is left of a sentence has at least so many words.
FEWEST_WORDS = 4
_CUE = (
    r"(?:only if|if|unless|provided that|providing that|as long as|only when|when|whenever|until|in case|except when)"
)
_CONDITION_LAST = re.compile(
    rf"^(?P<kept>[A-Z](?:[^.;:()]|[.:](?=\w))*?),? {_CUE} (?P<cut>(?:[^.;:()]|[.:](?=\w))*)\.$"
)
_CONDITION_FIRST = re.compile(
    r"^(?:If|When|Unless|Whenever|As long as) (?P<cut>[^.;:(),]*), (?:then )?(?P<kept>(?:[^.;:()]|[.:](?=\w))*)\.$"
)
_EXCEPTION = re.compile(
    r"^(?P<kept>[A-Z](?:[^.;:()]|[.:](?=\w))*?),? (?:but(?! also)|except(?: for)?|excluding) "
    r"(?P<cut>(?:[^.;:()]|[.:](?=\w))*)\.$"
)
_LIMIT = re.compile(
    r"(?P<cut> (?:within|for at least|at least|at most|up to|more than|less than|no more than) "
    r"(?:\d[\d.,]*|two|three|four|five|six|ten)[ -]?[A-Za-z%]+)"
)
_HEDGE = re.compile(r"\b(?P<cut>usually|often|generally|typically|sometimes|normally|probably|in most cases,?) ")
_ASIDE = re.compile(r"(?P<cut> \([^()]*\))")
_EXAMPLE = re.compile(r"(?P<cut>,? (?:such as|for example,?|e\.g\.,?|including) [^.;:()]*)(?=\.$)")
_PLEASE = re.compile(r"(?P<cut>\b[Pp]lease )")
_OPENING = re.compile(
    r"^(?P<cut>(?:Note that|Please note that|In addition,|Additionally,|Also,|As a result,|Therefore,|However,) )"
)
_SECOND = re.compile(
    r"(?P<cut>,? and (?:then )?(?:you|the|it|this|we|they|click|select|restart|run|check) [^.;:()]*)(?=\.$)"
)
_RELATIVE = re.compile(r"(?P<cut>, which [^.;:(),]*)(?=\.$)")
_QUALIFIED = re.compile(
    r"\b(?:if|unless|when|whenever|until|only|but|except|provided|as long as|not|never|no|may|might|\d+)\b", re.I
)
_EMPTY = re.compile(
    r"^(?:(?:it is |this is |they are )?"
    r"(?:necessary|needed|possible|required|applicable|desired|prompted|any|so|not|done)\b\W*)+$"
)

# What is left ends in the middle of something, or under another condition.
_DANGLING = re.compile(r"\b(?:but|as|on|and|or|the|to|of|even|only|that|what|see|check)\.$")


class _Cut(NamedTuple):
    pattern: re.Pattern[str]
    honest: bool = False


_CUTS: Mapping[str, tuple[_Cut, ...]] = {
    "condition dropped": (_Cut(_CONDITION_LAST), _Cut(_CONDITION_FIRST)),
    "exception dropped": (_Cut(_EXCEPTION),),
    "limit dropped": (_Cut(_LIMIT),),
    "usually dropped": (_Cut(_HEDGE),),
    "an aside in brackets": (_Cut(_ASIDE, True),),
    "an example": (_Cut(_EXAMPLE, True),),
    "please": (_Cut(_PLEASE, True),),
    "an opening phrase": (_Cut(_OPENING, True),),
    "a second clause": (_Cut(_SECOND, True), _Cut(_RELATIVE, True)),
}
DROPPED = tuple(name for name, cuts in _CUTS.items() if not cuts[0].honest)
TURNED, GRANTED = "nothing, its condition put first", "a condition that the customer told"
HONEST = (*(name for name, cuts in _CUTS.items() if cuts[0].honest), TURNED, GRANTED)


def shortened(sentence: str, kind: str, random: Random) -> str | None:
    """The sentence without a part of the kind; None where it has none, too little is left, or the part is empty."""
    if kind == TURNED:
        return _turned(sentence)
    if kind == GRANTED:
        return shortened(sentence, DROPPED[0], random) if premise(sentence) else None
    cuts = [cut for cut in _CUTS[kind] if cut.pattern.search(sentence)]
    if not cuts:
        return None
    cut = random.choice(cuts)
    match = random.choice(list(cut.pattern.finditer(sentence)))
    if cut.honest and kind != "please" and _QUALIFIED.search(match["cut"]):
        return None
    if "dropped" in kind and _EMPTY.match(match["cut"]):
        return None
    whole = "kept" in cut.pattern.groupindex
    left = f"{match['kept']}." if whole else sentence[: match.start("cut")] + sentence[match.end("cut") :]
    left = " ".join(left.replace(" .", ".").split())
    if len(left.split()) < FEWEST_WORDS or _DANGLING.search(left):
        return None
    return left[:1].upper() + left[1:]


def premise(sentence: str) -> str | None:
    """Its condition as a customer tells it; None where it has none, or one that denies something or tells a number."""
    match = _CONDITION_FIRST.match(sentence) or _CONDITION_LAST.match(sentence)
    if (
        match is None
        or _QUALIFIED.search(match["cut"])
        or re.search(r"\b(?:[Uu]nless|[Uu]ntil|only|except) ", sentence)
    ):
        return None
    return f"{match['cut'][:1].upper()}{match['cut'][1:]}."


def is_told(question: str, sentence: str) -> bool:
    """Whether the question holds most of its condition: then it may be left out."""
    match = _CONDITION_FIRST.match(sentence) or _CONDITION_LAST.match(sentence)
    words = re.findall(r"\w{4,}", match["cut"].lower()) if match else []
    return bool(words) and sum(word[:6] in question.lower() for word in words) >= len(words) / 2


def _turned(sentence: str) -> str | None:
    """ "If the light is off, press the key" for "Press the key if the light is off"."""
    match = re.match(r"^(?P<kept>[A-Z][^.;:(),]*?) (?P<cue>if|when|unless) (?P<cut>[^.;:(),]*)\.$", sentence)
    if match is None or _QUALIFIED.search(match["kept"]) or len(match["cut"].split()) < FEWEST_WORDS - 1:
        return None
    kept = (
        match["kept"]
        if re.match(r"[A-Z]\w*[A-Z]|I\b", match["kept"])
        else match["kept"][:1].lower() + match["kept"][1:]
    )
    return f"{match['cue'].capitalize()} {match['cut']}, {kept}."
