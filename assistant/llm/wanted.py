"""What a question asks, as terms of the language that the articles are in, weighed by how much each tells. Pure."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.llm.cues import Cues, cues
from assistant.terms import terms

# One thing under several names, where a heading has one and the customer says another; and a verb whose little word
# makes another of it: "log in" has nothing to do with logs.
_ONE_NAME = (
    (re.compile(r"\b(?:mac ?os(?: x)?|mac|os ?x)\b", re.I), "macos"),
    (re.compile(r"\b(?:log|sign)(?:s|ged|ging|ed|ing)?[ -]?(?:in(?:to)?|on(?:to)?)\b", re.I), "login"),
    (re.compile(r"\b(?:log|sign)(?:s|ged|ging|ed|ing)?[ -]?(?:out|off)\b", re.I), "logout"),
    (re.compile(r"\bset(?:s|ting)?[ -]?up\b", re.I), "setup"),
    (re.compile(r"\bback(?:s|ed|ing)?[ -]?up\b", re.I), "backup"),
)
# Kinds of actions after which a thing is no longer there, or not as it was.
LOSSES = frozenset({"delete", "remove", "cancel", "reset", "uninstall"})
# A task is named in so many characters; what is longer names what was done, too.
TASK_CHARACTERS = 150


@dataclass(frozen=True)
class Rarity:
    """How much a term tells, learnt from the articles themselves: the rarer among their parts, the more."""

    parts: int
    counts: Counter[str]

    @classmethod
    def of(cls, articles: Sequence[tuple[str, str]]) -> "Rarity":
        """From texts with their languages."""
        counts: Counter[str] = Counter()
        parts = 0
        for text, language in dict.fromkeys(articles):
            for part in re.split(r"\n\s*\n", text):
                counts.update(set(_terms(part, language)))
                parts += 1
        return cls(parts, counts)

    def weight(self, term: str) -> float:
        count = self.counts[term]
        return math.log(1 + (self.parts - count + 0.5) / (count + 0.5))


@dataclass(frozen=True)
class Wanted:
    """The question's terms, and how much of their weight a text of one language carries.

    `question` is in the language `spoken`, or in that of the articles.
    """

    asked: frozenset[str]
    rarity: Rarity
    question: str
    spoken: str
    language: str = "en"

    def in_language(self, language: str) -> "Wanted":
        """The same for texts of this language; itself where it is, with what it knows already."""
        return self if language == self.language else replace(self, language=language)

    @cached_property
    def how(self) -> bool:
        """Whether it is asked how something is done, or what to do about a fault: also by a mere statement of it."""
        spoken = (self.spoken, self.language)
        return any(cues(code).asks_how(self.question) for code in spoken) or all(
            cues(code).states(self.question) for code in spoken
        )

    @cached_property
    def task(self) -> bool:
        """Whether it is asked how to do something, also by mere words for that ("invite someone"); of no fault."""
        spoken = [cues(code) for code in dict.fromkeys((self.spoken, self.language))]
        named = bool(self.actions) or any(said.instructs(self.question) for said in spoken)
        named = named and all(said.states(self.question) for said in spoken)
        return self._is_plain and (named or any(said.asks_for_a_task(self.question) for said in spoken))

    @cached_property
    def actions(self) -> frozenset[str]:
        """The kinds of actions that are named; none of a fault, which any may mend. Who restores, undoes a loss."""
        each = (_actions(cues(code), self.question) for code in (self.spoken, self.language) if self._is_plain)
        named = frozenset[str]().union(*each)
        return named - LOSSES if "restore" in named else named

    def sets_aside(self, heading: str) -> bool:
        """Whether a heading names but an action, and things, of which the question says that they are not asked."""
        said = cues(self.language)
        aside, rest = said.set_aside(self.question), said.without_aside(self.question)
        things = self.terms(said.things(heading))
        if not (said.actions(rest) and said.actions(heading) <= said.actions(aside)):
            return False
        return bool(things) and things <= self.terms(aside) and things.isdisjoint(self.terms(rest))

    @property
    def _is_plain(self) -> bool:
        """Whether nothing is told besides what is asked: neither a long tale nor a fault."""
        words = self.question.replace("_", " ")  # as in E_NOT_FOUND
        faulty = any(cues(code).is_fault(words) for code in (self.spoken, self.language))
        return not faulty and len(self.question) <= TASK_CHARACTERS

    @cached_property
    def why(self) -> bool:
        """Whether it is asked for a cause."""
        return any(cues(code).asks_why(self.question) for code in (self.spoken, self.language))

    def terms(self, text: str) -> frozenset[str]:
        return frozenset(_terms(text, self.language))

    def cover(self, text: str) -> float:
        """Share of the question's weight that the text carries, 0..1."""
        return self.share(self.terms(text))

    def share(self, held: frozenset[str]) -> float:
        """Share of the question's weight that the held terms carry, 0..1; terms that no article has count nothing."""
        weights = self._weights
        whole = sum(weights.values())
        return sum(weights[term] for term in weights.keys() & held) / whole if whole else 0.0

    @cached_property
    def _weights(self) -> Mapping[str, float]:
        return {term: self.rarity.weight(term) for term in self.asked if self.rarity.counts[term]}


def wanted_in(question: str, articles: Sequence[tuple[str, str]], spoken: str = "en") -> Wanted:
    """What a question in the language `spoken` asks of articles, given as texts with their languages."""
    languages = dict.fromkeys(language for _, language in articles)
    asked = frozenset(term for language in languages for term in _terms(question, language))
    return Wanted(asked, Rarity.of(articles), question, spoken)


def _actions(said: Cues, question: str) -> frozenset[str]:
    """What is asked to be done, without what is set aside; all that is named where nothing else is."""
    return said.actions(said.without_aside(question)) or said.actions(question)


def _terms(text: str, language: str) -> list[str]:
    for names, name in _ONE_NAME:
        text = names.sub(name, text)
    return terms(text, language)
