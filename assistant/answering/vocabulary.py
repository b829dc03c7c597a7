"""What words of a language state: numbers, units, months, negations. Pure; under `facts` of languages/*.json.

What the same fact is in several languages has one name here: "zwei Wochen" are 2 of the unit "week", "mars" is "march".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from assistant.answering.numbers import NUMBER_WORDS, UNITS
from assistant.answering.wording import ENGLISH, tables
from assistant.terms import terms
from knowledge.terms import UNSPACED

MONTHS = """january february march april may june july august september october november december""".split()  # noqa: SIM905
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905
# What all words for it are read as.
NOT, ONLY, EVERY, SOME = "not", "only", "every", "some"
# Before and after noon, as a unit of the hours.
HALVES = frozenset({"am", "pm"})
# How certain or binding something is said to be.
DOUBTS = ("possible", "usual")
DEGREES = ("possible", "permitting", "advised", "usual", "certain", "obliged")
# Words of another script within a text without spaces, addresses and code among them.
_WHOLE = r"`[^`\n]+`|[A-Za-z][!-~]*[A-Za-z0-9/]|[A-Za-z]"


@dataclass(frozen=True)
class Vocabulary:
    """The words of one language by what they state, in small letters.

    `conditions` say when something holds, or where it does not.
    `ones` are its words for 1, which may be articles; `per` what a rate's unit stands behind, `loosely_per` what it may
    stand behind; `openers` stems that a sentence may begin with and which are no names, empty where none are known.
    `contraries` are opposites only where one stands in the place of the other: who "receives" a mail is "sent" one.
    `degrees` are words by how certain or binding they make it, "permitting" those that are also "possible"; `doubts`
    are those that are not reduced to stems. `negating` are prefixes, `single` words for one thing, articles among
    them. `provisos` are phrases that a condition or an exception follows, `exceptions` those of the latter, `within`
    what a number is a limit behind.
    """

    language: str
    numbers: Mapping[str, str]
    ones: frozenset[str]
    single: frozenset[str]
    units: Mapping[str, str]
    calendar: Mapping[str, str]
    rates: Mapping[str, str]
    per: frozenset[str]
    loosely_per: frozenset[str]
    quantities: Mapping[str, str]
    restrictions: frozenset[str]
    negations: frozenset[str]
    conditions: frozenset[str]
    opposites: Mapping[str, frozenset[str]]
    openers: frozenset[str]
    apart: re.Pattern[str] | None
    degrees: Mapping[str, frozenset[str]]
    doubts: frozenset[str]
    negating: tuple[str, ...]
    provisos: re.Pattern[str] | None
    exceptions: re.Pattern[str] | None
    within: re.Pattern[str] | None
    contraries: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def degree(self, *names: str) -> frozenset[str]:
        """Words, as they are ordered, that say that something is "possible", "advised", "usual" or "obliged"."""
        return frozenset().union(*(self.degrees[name] for name in names))

    def spaced(self, text: str) -> str:
        """The text with its facts as words, in a script that puts no spaces between them."""
        return self.apart.sub(r" \g<0> ", text) if self.apart else text

    def denies(self, word: str) -> bool:
        """Whether a word in small letters, or as it is ordered, is a negation."""
        return word == NOT or word in self.negations or word.endswith("n't")

    def ordered(self, word: str) -> str:
        """A word as it is compared in order with others: its stem, or what it states, or the word itself."""
        if word in self.negations and self.language != ENGLISH:
            return NOT
        if word in self.restrictions:
            return ONLY
        if word in self.doubts:
            return word  # "normally" is not "normal"
        return self.quantities.get(word) or next(iter(terms(word, self.language)), word)


def is_known(language: str) -> bool:
    """Whether there is a table of the language: without one, no other wording can be told from another fact."""
    return language in tables()


@lru_cache
def vocabulary(language: str) -> Vocabulary:
    """The words of a language that there is a table of."""
    facts: Mapping[str, Any] = tables()[language]["facts"]
    english = language == ENGLISH
    numbers = {word: value for value, said in facts.get("numbers", {}).items() for word in _words(said)}
    units = UNITS | {word: unit for unit, said in facts.get("units", {}).items() for word in _words(said)}
    calendar = _named(MONTHS, facts.get("months", "")) | _named(WEEKDAYS, facts.get("weekdays", ""))
    rates = {word: unit for unit, said in facts["rates"].items() for word in _words(said)}
    found = Vocabulary(
        language=language,
        numbers=NUMBER_WORDS if english else {word: value for word, value in numbers.items() if value != "1"},
        ones=frozenset(word for word, value in numbers.items() if value == "1"),
        single=_words(facts.get("single", "")) or frozenset(word for word, value in numbers.items() if value == "1"),
        units=units | {half: half for half in HALVES if english},
        calendar=calendar,
        rates=rates,
        per=_words(facts.get("per", "")),
        loosely_per=_words(facts.get("loosely_per", "")),
        quantities=dict.fromkeys(_words(facts["some"]), SOME) | dict.fromkeys(_words(facts["every"]), EVERY),
        restrictions=_words(facts["only"]),
        negations=_words(facts["negations"]),
        conditions=_words(facts["conditions"]),
        opposites={},
        openers=frozenset(stem for word in _words(facts.get("openers", "")) for stem in terms(word)),
        apart=_apart(facts, numbers, units, [*calendar, *rates]),
        degrees={name: _ordered(facts.get(name, ""), "" if name in DOUBTS else language) for name in DEGREES},
        doubts=frozenset().union(*(_words(facts[name]) for name in DOUBTS)),
        negating=tuple(sorted(_words(facts["negating"]), key=len, reverse=True)),
        provisos=_phrases(f"{facts['provisos']}/{facts['exceptions']}"),
        exceptions=_phrases(facts["exceptions"]),
        within=_phrases(facts["within"]),
    )
    opposites = _opposites(found, facts["opposites"])
    if english:
        opposites["must"] = frozenset({"can", "may"})  # and not the other way round: who must, can
    return replace(found, opposites=opposites, contraries=_opposites(found, facts["contraries"]))


def _words(said: str) -> frozenset[str]:
    return frozenset(said.lower().split())


def _named(names: Sequence[str], said: str) -> dict[str, str]:
    """By each form, parted by strokes, the English name of the month or day."""
    forms = said.lower().split()
    return {form: name for name, each in zip(names, forms, strict=False) for form in each.split("/")}


def _ordered(said: str, language: str) -> frozenset[str]:
    """Words as they are ordered, of which none restricts or counts; doubts, without a language, are not reduced."""
    return frozenset(next(iter(terms(word, language) if language else ()), word) for word in _words(said))


def _phrases(said: str) -> re.Pattern[str] | None:
    """Any of the phrases parted by strokes, as whole words where there are spaces between them."""
    phrases = _either(filter(None, said.lower().split("/")))
    if not phrases:
        return None
    return re.compile(phrases if UNSPACED.search(phrases) else rf"(?<!\w)(?:{phrases})(?!\w)")


def _opposites(words: Vocabulary, pairs: Sequence[str]) -> dict[str, frozenset[str]]:
    """Each word by its opposites, as words are ordered."""
    opposites: dict[str, frozenset[str]] = {}
    for pair in pairs:
        one, other = (words.ordered(word) for word in pair.split("/"))
        opposites[one] = opposites.get(one, frozenset()) | {other}
        opposites[other] = opposites.get(other, frozenset()) | {one}
    return opposites


def _apart(
    facts: Mapping[str, Any], numbers: Mapping[str, str], units: Mapping[str, str], more: Iterable[str]
) -> re.Pattern[str] | None:
    """What is a word of its own in running text without spaces; numerals and units only where they stand together."""
    if not UNSPACED.search(facts["only"]):
        return None
    signs = " ".join(
        [*(facts[name] for name in ("negations", "without_denial", "conditions", "only", "every", "some")), *more]
    )
    sign = _either([*signs.split(), *(word for pair in facts["opposites"] for word in pair.split("/"))])
    unit = _either(word for word in units if UNSPACED.search(word))
    numeral, last = _either(numbers), "".join({number[-1] for number in numbers})
    return re.compile(
        rf"{_WHOLE}|{sign}|(?:{numeral})(?=\s*(?:{unit}))|(?:(?<=\d)|(?<=\d\s)|(?<=[{last}]))(?:{unit})|\d+(?:[.,:]\d+)*",
        re.A,
    )


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True) if word)
