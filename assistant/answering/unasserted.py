"""Sentences that need no passage: a gap in the help centre that is told, an introduction, talk. Pure.

What they are made of is narrow on purpose: whatever passes here is held against nothing.
"""

import re
from collections.abc import Iterable, Sequence

from assistant.answering.claims import read
from assistant.answering.statements import SAID
from assistant.terms import STOP_WORDS, terms

_TABLE_RULE = re.compile(r"\s*\|[\s|:-]*")
_HELP = r"(?:help cent(?:re|er)(?:['’]s)?(?: articles?)?|articles?|passages?|documentation)"
_SOURCE = (
    rf"(?:any of )?(?:(?:the|our|your|these|this|those|that)\s+)?{_HELP}(?: (?:here|above|provided|i have|we have))?"
)
_VERB = r"(?:cover|mention|say|hold|contain|tell|include|describe|explain|answer|state)"
_ADVERB = r"(?:\s+(?!only|merely|solely)(?:\w+ly|also|yet|still|even|itself|themselves|anywhere))?"
# The help centre itself is what says nothing: not what it says of something else.
_GAP = re.compile(
    rf"\W*(?:(?:unfortunately|sorry|however|but|i['’]m afraid)\W+)?"
    rf"(?:{_SOURCE}(?: {_VERB}s? (?:(?!\bthat\b)[^,;:.])*, but (?:it|they|these|this))?{_ADVERB}"
    rf"\s+(?:does|do|did)(?:\s+not|n['’]t){_ADVERB}\s+{_VERB}\b(?! (?:only|just|merely|solely)\b)"
    rf"|[^,;:.]*\bnot (?:covered|mentioned) (?:in|by) {_SOURCE}\W*$)",
    re.I,
)
# Something else follows the gap: words of the question put into the assistant's mouth.
_GOES_ON = re.compile(
    r"(?:\b(?:but|however|yet)\b|[:;(–—]|, (?:and|so)\b)"
    r"(?! (?:it |they |this |the \w+ )?(?:not|(?:does|do|is|are)(?: not|n['’]t)) "
    r"(?:cover|mention|say|hold|contain|tell|include))"
    r"|\b(?:and|so|because|while|since|although|though|as|or)\s+"
    r"(?:i|we|you|he|she|they|it|our|my|your|his|her|their|the|this|that|an?|there)\b"
    r"|,(?! but\b)",
    re.I,
)
_INTRODUCTION = re.compile(r"\s*(?:to|here|follow|these|this is how|how|for|the steps?|steps?)\b[^.!?]*:\s*", re.I)
# What is to be done, which says nothing of anybody: "To change it, follow these steps:".
_TO_DO = re.compile(
    r"\s*(?:(?:here(?:['’]s| is| are)|this is|follow|these are)\b[^,.!?:]*?)?(?:how |the steps |steps )?"
    r"(?:to|you can)\s",
    re.I,
)
_OURS = frozenset("i me my mine we us our ours he she they them their his her".split())  # noqa: SIM905
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_ASKS = re.compile(
    r"\W*(?:and |but |so |please )?(?:how|what|where|when|which|who|why|whose|can|could|may|do|does|did|is|are|will"
    r"|would|should|must|i (?:want|need|would)|i['’]d)\b",
    re.I,
)
_TALK = frozenset(
    """help centre center article passage passages articles cover covered mention say contain include explain
    describe state whether anything unfortunately sorry question answer
    certainly sure course glad happy hope steps step following follows instructions information below
    summary""".split()  # noqa: SIM905
)

# What says whether something may or will be, even without saying what.
_ALLOWS = frozenset(
    """can could may must will would should need do does all any every anything everything something say tell know want
    now""".split()  # noqa: SIM905
)


def introducing(question: str, titles: Iterable[str]) -> list[list[str]]:
    """The terms, in order, of what an introduction may be made of: what the question asks, titles and headings.

    What a customer says besides asking is put into nobody's mouth.
    """
    sentences = [part for part in _SENTENCE_END.split(question) if part.strip()]
    asking = [each for each in sentences if each.rstrip().endswith("?") or _ASKS.match(each)]
    if not asking and len(sentences) == 1:
        asking = sentences
    return [terms(text) for text in (*asking, *titles)]


def states_nothing(sentence: str, known: Sequence[Sequence[str]]) -> bool:
    """Whether it needs no passage: a table's rule, an introduction in the words of `introducing`, talk.

    What holds no word, or function words that make no sentence, is debris, and held against the passages like a claim.
    """
    if _TABLE_RULE.fullmatch(sentence):
        return True
    claims = read(sentence)
    told = claims.held - read(" ".join(_TALK)).held
    if claims.numbers or claims.codes or claims.words & {"yes", "no"}:
        return False
    if not claims.terms or not told:
        whole = bool(claims.words and (claims.words & _TALK or SAID.search(sentence)))
        return whole and not claims.negations and claims.words <= (STOP_WORDS | _TALK) - _ALLOWS
    if claims.negations or claims.words & _OURS or not _INTRODUCTION.fullmatch(sentence):
        return False
    if _TO_DO.match(sentence) and any(told <= set(each) for each in known):
        return True
    ordered = [term for term in claims.terms if term in told]
    return any(_stands_in(ordered, each) for each in known)


def _stands_in(stretch: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether the terms stand there side by side."""
    size = len(stretch)
    return any(list(whole[at : at + size]) == list(stretch) for at in range(len(whole) - size + 1))


def tells_a_gap(sentence: str, asked: frozenset[str]) -> bool:
    """Whether it says no more than that the help centre does not cover something that was asked."""
    claims = read(sentence)
    gap = _GAP.match(sentence)
    if gap is None or _GOES_ON.search(sentence, gap.end()):
        return False
    return claims.held - read(" ".join(_TALK)).held <= asked and not claims.numbers
