"""What a text states, in a form that can be compared: terms, numbers, names, code, negations. Pure.

The same reading is made of a model's sentence and of the passages it cites.
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from assistant.answering.limits import Limit, limit_of, without_denial
from assistant.answering.numbers import amount, number_of, with_halves
from assistant.answering.vocabulary import HALVES, NOT, Vocabulary, vocabulary
from assistant.answering.wording import ENGLISH
from assistant.terms import STOP_WORDS, WORD, terms
from knowledge.terms import UNSPACED

MONEY = frozenset({"euro", "dollar", "pound", "yen", "cent"})
TIMES = frozenset({"second", "minute", "hour", "day", "week", "month", "year"})
# Content words on either side of a number or a negation that say what it is about.
AROUND = 3

_ORDINALS = frozenset("first second third fourth fifth sixth seventh eighth ninth tenth last".split())  # noqa: SIM905
PER = vocabulary(ENGLISH).per | vocabulary(ENGLISH).loosely_per
_CITED = re.compile(r"\[\d{1,3}\](?!\()")
_TOKEN = re.compile(
    r"`(?P<tick>[^`\n]+)`"
    r"|(?P<address>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s<>()\[\]\"'`]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<symbol>[€$£¥%])"
    r"|(?P<word>(?:--?|[\\/])?[^\W_](?:[\w.,:/\\'’+#=&-]*[\w+#])?|_+\w+)"
    r"|(?P<stop>[.!?:;,()|\n\"“”。！？：；，、（）「」])"
)
_CODE = re.compile(
    r".*[_\\=@].*|.*-.*\d.*|.*\d.*-.*|.*::.*|--?[a-z].*|/\w.*/.*|.*[a-z][A-Z].*|.*[A-Za-z]\d.*|.*\d[A-Za-z].*|\w{2,}\.[A-Za-z]\w+",
    re.S,
)
_PAIR = re.compile(r"\d[\d.,:]*(?:-\d[\d.,:]*)+")
_SPLIT = re.compile(r"[/,:.=&]")
_STARTS = frozenset('.!?:|\n"“。！？：「')
_BREAKS = frozenset(".!?;,()|:。！？；，、（）：")
_COMMON = frozenset({"may", "march"})  # words that are months where they have a capital
_PRONOUN = re.compile(r"I(?:['’]\w+)?")


@dataclass(frozen=True)
class Number:
    """A value with its unit, "" without, and the place of the term after it; `rate` is what it is per: "month"."""

    value: str
    unit: str
    place: int
    rate: str = ""
    at: int = 0  # its place among all words
    limit: Limit = ""


@dataclass
class Claims:
    """A text's claims. `terms` are in order; places index them, and clauses end at the places in `breaks`."""

    terms: list[str] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    negations: list[int] = field(default_factory=list)
    restrictions: list[int] = field(default_factory=list)  # each "only"
    ones: list[int] = field(default_factory=list)  # each word for one thing, which may be an article
    rates: set[str] = field(default_factory=set)  # how often, or what something is counted per
    loose_rates: set[str] = field(default_factory=set)  # what "a month" may say
    breaks: set[int] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)  # stem to the word as it stands
    openers: dict[str, str] = field(default_factory=dict)  # capitalised first words, which may be names or not
    codes: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    sequence: list[tuple[str, bool]] = field(default_factory=list)  # every word, and whether it is a fact
    text: str = ""
    language: str = ENGLISH

    @property
    def held(self) -> frozenset[str]:
        return frozenset(self.terms)

    @property
    def implied(self) -> frozenset[str]:
        """What amounts of money and time say without the word: what something costs, how long it takes."""
        units = {number.unit for number in self.numbers}
        said = (["cost", "price"] if units & MONEY else []) + (["take"] if units & TIMES else [])
        return frozenset(said)

    @property
    def order(self) -> list[str]:
        return [word for word, _ in self.sequence]

    def around(self, place: int) -> dict[str, float]:
        """The terms near a place, the nearer the more they weigh."""
        near: dict[str, float] = {}
        for distance in range(1, AROUND + 1):
            for index in (place - distance, place + distance - 1):
                if 0 <= index < len(self.terms):
                    near.setdefault(self.terms[index], 1 / distance)
        return near

    def negated(self, place: int) -> list[str]:
        """What a negation denies: the next terms of its clause, or the one before where none follows."""
        following: list[str] = []
        for index in range(place, min(place + AROUND, len(self.terms))):
            if following and index in self.breaks:
                break
            following.append(self.terms[index])
        if self.language == ENGLISH:
            return following or self.terms[max(place - 1, 0) : place]
        return following + self._before(place)

    def _before(self, place: int) -> list[str]:
        """The terms of the clause before a place: in some languages what is denied stands there."""
        start = max((each for each in self.breaks if each <= place - 1), default=0)
        return self.terms[max(start, place - AROUND) : place]


@lru_cache(maxsize=1024)
def read(text: str, opening: bool = True, language: str = ENGLISH) -> Claims:
    """The claims of a sentence, or of a stretch of a passage, as a language has them. Do not change what it returns.

    `opening`: the first word has its capital for opening a sentence, and not for being a name.
    """
    words = vocabulary(language)
    claims = Claims(text=text.lower().replace("’", "'"), language=language)
    reader = _Reader(claims, words)
    text = _CITED.sub(" ", text)
    text = with_halves(without_denial(text)) if language == ENGLISH else words.spaced(text)
    for match in _TOKEN.finditer(text):
        kind, token = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "stop":
            if token in _BREAKS:
                claims.breaks.add(len(claims.terms))
            opening = opening or token in _STARTS
            continue
        if kind in ("tick", "address"):
            reader.code(token.lower().strip(".,;:"))
        elif kind == "symbol":
            reader.unit(words.units[token])
        else:
            reader.word(token, opening)
        opening = False
    if language == ENGLISH:
        claims.numbers = [replace(number, limit=_limit(claims, number)) for number in claims.numbers]
    return claims


def _limit(claims: Claims, number: Number) -> Limit:
    words = claims.order
    after = words[number.at + 1 : number.at + 4]
    if number.value == "" or (words[max(number.at - 1, 0)] == "from" and {"to", "until"} & set(after[:2])):
        return ""
    timed = number.unit in TIMES | HALVES
    return limit_of(words[max(number.at - 6, 0) : number.at], after, frozenset({number.unit}), timed)


class _Reader:
    """Adds tokens to claims, one after the other."""

    def __init__(self, claims: Claims, words: Vocabulary) -> None:
        self._claims = claims
        self._words = words
        self._last = ""  # the word before, in small letters

    def word(self, token: str, opening: bool) -> None:
        """A word as it stands, a number or a piece of code perhaps."""
        small = token.lower().replace("’", "'")
        before, self._last = self._last, small
        number = number_of(small, self._words.numbers, self._words.units)
        unit = self._words.units.get(small)
        if small in self._words.single:
            self._claims.ones.append(len(self._claims.terms))
        if number is not None:
            self._number(*number, small)
        elif self._hyphenated(small):
            pass
        elif "'" in small and self._words.language != ENGLISH:  # "l'article", "n'est"
            for part in filter(None, token.replace("’", "'").split("'")):
                self.word(part, opening)
        elif _PAIR.fullmatch(small):
            for part in small.split("-"):
                self.word(part, opening)
        elif _CODE.fullmatch(token) and small not in ("e.g", "i.e"):
            self.code(small)
        elif _SPLIT.search(token.strip("-/\\")):
            for part in filter(None, _SPLIT.split(token)):
                self.word(part, opening)
        elif (rate := self._words.rates.get(small)) or (unit in TIMES and self._is_per(before)):
            self._rate(rate or str(unit), strictly=bool(rate) or before in self._words.per)
        elif unit and self._is_unit(small) and self.unit(unit, token, before):
            pass
        elif (named := self._words.calendar.get(small)) and not self._is_common(token, opening):
            self._named(named, token)
        else:
            self._plain(token.strip("-/\\"), small, opening)

    def code(self, code: str) -> None:
        """Something to be written as it stands."""
        claims = self._claims
        claims.codes.add(code)
        claims.sequence.append((code, True))
        for word in WORD.findall(code):
            claims.words.add(word)
            claims.terms.extend(terms(word))

    def unit(self, unit: str, word: str = "", before: str = "") -> bool:
        """A unit joins the number just before it; a sign of money waits for the number after it."""
        claims = self._claims
        if before in self._words.ones and unit in TIMES:
            claims.numbers.append(Number("1", "", len(claims.terms), at=max(len(claims.sequence) - 1, 0)))
        number = claims.numbers[-1] if claims.numbers else None
        if number and number.place == len(claims.terms) and not number.unit and number.value:
            value = amount(number.value) if unit in MONEY else number.value
            claims.numbers[-1] = replace(number, value=value, unit=unit)
            claims.terms.extend(terms(unit))
            if word:
                claims.sequence.append((unit, False))
            return True
        if not word and unit in MONEY:
            claims.numbers.append(Number("", unit, len(claims.terms)))
        return False

    def _is_common(self, token: str, opening: bool) -> bool:
        """Whether it is no month, in English: what one "may"."""
        common = self._words.language == ENGLISH and token.lower() in _COMMON
        return common and (token.islower() or (opening and token.lower() in STOP_WORDS))

    def _is_per(self, word: str) -> bool:
        return word in self._words.per or word in self._words.loosely_per

    def _is_unit(self, small: str) -> bool:
        return self._claims.language != ENGLISH or small not in STOP_WORDS

    def _hyphenated(self, small: str) -> bool:
        """A number and its unit in one, as in "two-week" and "30-day"; False for any other word."""
        claims = self._claims
        first, _, rest = small.partition("-")
        number = number_of(first, self._words.numbers, self._words.units)
        unit = self._words.units.get(rest)
        if number is None or unit is None:
            return False
        claims.numbers.append(Number(number[0], unit, len(claims.terms), at=len(claims.sequence)))
        claims.terms.extend(terms(unit))
        claims.sequence += [(amount(number[0]), True), (unit, False)]
        return True

    def _number(self, value: str, unit: str, small: str) -> None:
        claims = self._claims
        claims.words.add(small)
        claims.sequence.append((amount(value), True))
        if value == "0 paid" and claims.terms[-1:] == ["feel"]:
            return
        if unit in MONEY:
            value = amount(value)
        before = claims.numbers[-1] if claims.numbers else None
        if before and before.value == "" and before.place == len(claims.terms):
            claims.numbers.pop()  # the sign stood before the number
            value, unit = amount(value), before.unit
        claims.numbers.append(Number(value, unit, len(claims.terms), at=len(claims.sequence) - 1))
        claims.terms.extend(terms(unit))

    def _rate(self, unit: str, strictly: bool) -> None:
        """What stands per month, or a month, belongs to the number just before it."""
        claims = self._claims
        before = claims.numbers[-1] if claims.numbers else None
        if before and len(claims.terms) - before.place <= 2:
            claims.numbers[-1] = replace(before, rate=unit)
        (claims.rates if strictly else claims.loose_rates).add(unit)
        claims.terms.extend(terms(unit))
        claims.sequence.append((unit, True))

    def _named(self, name: str, token: str) -> None:
        """A month or a day of the week, whatever its capital."""
        self._claims.words.add(token.lower())
        self._claims.names[name] = token
        self._claims.sequence.append((name, True))
        self._claims.terms.append(name)

    def _plain(self, token: str, small: str, opening: bool) -> None:
        claims, language = self._claims, self._words.language
        small = small.strip("-/\\")
        claims.words.add(small)
        if small in self._words.restrictions:
            claims.restrictions.append(len(claims.terms))
        if self._words.denies(small):
            claims.negations.append(len(claims.terms))
            if language != ENGLISH:
                claims.sequence.append((NOT, False))
                return
        stems = terms(small, language)
        ordered = self._words.ordered(small)
        capital = token[:1].isupper() and not _PRONOUN.fullmatch(token)
        if capital and stems:
            (claims.openers if opening else claims.names)[stems[0]] = token
        is_name = capital and (not opening or bool(stems and stems[0] not in self._words.openers))
        fact = is_name or small in _ORDINALS or small in self._words.quantities
        if UNSPACED.search(small):
            claims.sequence += [(character, False) for character in small]
        else:
            claims.sequence.append((ordered, fact))
        claims.terms.extend(stems)
