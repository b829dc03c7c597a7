"""How a question begins, what joins another to it, and what announces one, in our languages. Pure.

English is read by the order of its words; other languages by `asking`, `joining`, `announcing` ("I want to know") and
`another` ("another question") of languages/*.json.
Where we have no words of a language, its question marks alone tell.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.answering.wording import ENGLISH, tables
from knowledge.terms import UNSPACED

SENTENCE_END = re.compile(r"(?<=[?!.])\s+|(?<=[?!.][\"')\]])\s+|(?<=[？。！؟])|\n+")
MARKED = re.compile(r"[?？؟]\W*$")

_SUBJECT = r"(?:i|you|we|they|he|she|it|there|the|a|an|any|my|your|our|this|that|these|those|someone|one|people)"
DO = r"(?:do|does|did|can|could|should|would|will|is|are|was|were|am|has|have|must|may|might)(?:n't|not)?"
CLAUSE = rf"{DO}\s+{_SUBJECT}\b"
_ASKING = (
    rf"(?:(?:how|what|where|when|why|who)(?:'s\b|\s+to\b|\s+{CLAUSE})|(?:what|which)(?:\s+[\w-]+){{1,2}}\s+{CLAUSE}|"
    rf"how\s+(?:much|many|long|often|far|big|old)(?:\s+[\w-]+){{0,2}}\s+{DO}\b|what\s+happens\b|"
    rf"who\s+(?:can|pays)\b|{CLAUSE})"
)
_LEAD_IN = (
    r"^\W*+(?:\d++[.):]\s*+)?+(?:(?:and|also|but|so|then|or|plus|thirdly|third|secondly|second|firstly|first|finally|"
    r"lastly|additionally|besides|btw|by\s+the\s+way|please|hi|hello)\b[\s,:]*+)*+"
)
# "I also want to know how ...", "Another question: ...": behind it stands a question, whatever the order of its words.
_FURTHER = r"(?:(?:and|but|also|plus|then|finally|lastly|secondly|second|additionally|besides)\b[\s,]*)"
_WANTED = (
    r"(?:(?:i|we)(?:'d)?\s+(?:(?:also|would|just|still|really|further)\s+)*(?:want|wanted|need|like|love|wish)\s+"
    r"(?:also\s+)?to\s+(?:also\s+)?(?:know|ask|understand|find\s+out|learn)|"
    r"(?:i\s+am|i'm|i\s+was|we\s+are|we're)\s+(?:also\s+|just\s+)*wondering|i\s+(?:also\s+)?wonder)"
)
_ANOTHER = (
    r"(?:another|(?:just\s+)?one\s+(?:more|other|last)|an?\s+(?:second|further|last)|"
    r"(?:(?:my|the)\s+)?(?:other|next|second|third|last))\s+(?:quick\s+)?(?:question|thing)(?:\s+is)?"
)
_ANNOUNCING = (
    rf"(?P<further>{_FURTHER}+)?(?:(?(further)|(?=\w+(?:\W\w+){{0,4}}?\W+also\b)){_WANTED}|"
    rf"(?:i|we)\s+(?:also\s+)?have\s+{_ANOTHER}|(?P<another>{_ANOTHER}))[\s,:.–-]+"
)
_INDIRECT = rf"(?=(?:how|what|where|when|why|which|who|whose|whether|if|{DO})\b)"
# What a clause stands behind, and what may open it.
_CLAUSE_ENDS = ".?!,;:。？！，、；：؟–—-"
_OPENING = " \t\n\"'“”„«»()¿¡"
_AND = r"(?:and|also|plus|as\s+well\s+as|btw|by\s+the\s+way)"


@dataclass(frozen=True)
class Signs:
    """What tells questions in one language: patterns for one sentence."""

    joins: re.Pattern[str] | None = None
    _announces: re.Pattern[str] | None = None
    _lead_in: re.Pattern[str] | None = None
    _begins: re.Pattern[str] | None = None
    _begins_marked: re.Pattern[str] | None = None
    _at_the_end: re.Pattern[str] | None = None
    _itemised: re.Pattern[str] | None = None

    def announced(self, text: str, start: int, end: int) -> Iterator[re.Match[str]]:
        """What announces questions in the stretch [start, end) of a text: where a clause begins."""
        found = self._announces.finditer(text, start, end) if self._announces else iter(())
        return (each for each in found if _begins_clause(text[start : each.start()], each))

    def begins(self, sentence: str) -> bool:
        """Whether it asks from its beginning on, in languages without spaces anywhere."""
        pattern = self._begins_marked if self._begins_marked and MARKED.search(sentence) else self._begins
        return bool(pattern and pattern.search(sentence))

    def asks(self, sentence: str) -> bool:
        """Whether it asks at all: what begins with something told needs a mark."""
        if self.begins(sentence):
            return True
        return bool(MARKED.search(sentence)) and (self._at_the_end is None or bool(self._at_the_end.search(sentence)))

    def asks_itemised(self, item: str) -> bool:
        """Whether an item of a list asks, the other items being questions too: "How much is shipping"."""
        return self.asks(item) or bool(self._itemised and self._itemised.search(item))

    def without_lead_in(self, asked: str) -> str:
        """The question without the words that join it to what stands before."""
        return self._lead_in.sub("", asked) if self._lead_in else asked


@cache
def signs(language: str) -> Signs:
    """The signs of a language, given as its two letters."""
    if language == ENGLISH:
        return _english()
    patterns = tables()[language]["patterns"] if language in tables() else {}
    if "asking" not in patterns:
        return Signs()
    # The longest first, as what joins is not given back: "a także" before "a".
    joining = sorted(patterns["joining"], key=len, reverse=True)
    lists = (_one_of(each) for each in (patterns["asking"], joining, patterns["announcing"], patterns["another"]))
    return (_unspaced if UNSPACED.search("".join(patterns["asking"])) else _spaced)(*lists)


def _begins_clause(before: str, found: re.Match[str]) -> bool:
    """Whether an announcement stands where a clause does; "the first and another question" is part of one."""
    before = before.rstrip(_OPENING)
    if not before or before[-1] in _CLAUSE_ENDS:
        return True
    return bool(found["further"]) and (found["another"] is None or found[0].rstrip().endswith((":", "：")))


def _english() -> Signs:
    return Signs(
        joins=re.compile(
            rf"(?:\s*[,;/]\s*{_AND}|\s+{_AND}|\s*[;/])[\s,]+(?:(?:{_AND}|then|please|secondly)[\s,]+)*(?={_ASKING})",
            re.I,
        ),
        _announces=re.compile(rf"(?<!\w){_ANNOUNCING}{_INDIRECT}", re.I),
        _lead_in=re.compile(_LEAD_IN, re.I),
        # "Which boards ...", "what is wrong": behind an "and" it may hang on what stands before.
        _begins=re.compile(
            rf"{_LEAD_IN}(?:{_ASKING}|(?:tell|show)\s+(?:me|us)\b|explain\b|describe\b|"
            r"which\b|what\s+(?:is|are|does|do|kinds?|about)\b)",
            re.I,
        ),
        _begins_marked=re.compile(rf"{_LEAD_IN}(?:how|what|where|when|why|which|who|whose|whom|{DO})\b", re.I),
        # At the end of what is told: "It does not start, what can I do?"
        _at_the_end=re.compile(rf"[,;:]\s*(?:and\s+|so\s+|then\s+)?{_ASKING}", re.I),
        # "When I open it, ..." and "Did a reset" are steps taken.
        _itemised=re.compile(
            rf"{_LEAD_IN}(?:how|what|why|which|who|whose|can|could|do|does|is|are|will|would|should|"
            rf"(?:where|when)(?:'s\b|\s+{DO}))\b",
            re.I,
        ),
    )


def _spaced(asking: str, joining: str, announcing: str, another: str) -> Signs:
    # Each run is read in one way only: what may be parted in two ways is tried in all of them.
    join = rf"(?>(?:{joining})(?!\w)[\s,:]*)"
    announce = rf"(?P<further>{join}*)(?:{announcing}|(?P<another>{another}))(?!\w)[\s,:.–-]*"
    return Signs(
        joins=re.compile(rf"(?:\s*[,;/]\s*|\s+){join}++(?=\W*(?:{asking}))", re.I),
        _announces=re.compile(rf"(?<!\w){announce}", re.I),
        _lead_in=re.compile(rf"^\W*+{join}++", re.I),
        _begins=re.compile(rf"^\W*+{join}*+\W*+(?:{asking})", re.I),
    )


def _unspaced(asking: str, joining: str, announcing: str, another: str) -> Signs:
    join = rf"(?>(?:{joining})[,，、:：\s]*)"
    announce = rf"(?P<further>{join}*)(?:{announcing}|(?P<another>{another}))[,，、:：。\s]*"
    return Signs(
        joins=re.compile(rf"[\s,，、;；]*{join}++(?=[^?？。！\n]*(?:{asking}))"),
        _announces=re.compile(announce),
        _lead_in=re.compile(rf"^\W*+{join}++"),
        _begins=re.compile(asking),
    )


def _one_of(alternatives: Sequence[str]) -> str:
    return "|".join(alternatives).replace("'", "['’]")
