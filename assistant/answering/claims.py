"""What a text states, in a form that can be compared: terms, numbers, names, code, negations. Pure.

The same reading is made of a model's sentence and of the passages it cites.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from assistant.answering.limits import Limit, limit_of, without_denial
from assistant.answering.numbers import UNITS, amount, number_of
from assistant.terms import STOP_WORDS, WORD, terms

MONEY = frozenset({"euro", "dollar", "pound", "yen", "cent"})
TIMES = frozenset({"second", "minute", "hour", "day", "week", "month", "year"})
# Content words on either side of a number or a negation that say what it is about.
AROUND = 3

# English, German, French, Spanish, Italian, Portuguese, Dutch.
_NEGATIONS = frozenset(
    """not cannot no never none neither nor without unable unless except n't nobody nothing nowhere hardly
    nicht kein keine keinen keiner keinem nie niemals ohne weder ne pas jamais aucun aucune sans ni nunca sin ningún
    ninguna jamás non mai senza nessun nessuna não sem nenhum nenhuma niet geen nooit zonder""".split()  # noqa: SIM905
)
_OPPOSITES = """on/off before/after above/below enable/disable enabled/disabled always/never minimum/maximum least/most
    include/exclude add/remove allow/deny open/close open/closed opened/closed possible/impossible required/optional
    up/down left/right first/last install/uninstall with/without increase/decrease upper/lower more/less more/fewer
    earlier/later true/false start/stop all/none lock/unlock connect/disconnect""".split()  # noqa: SIM905
OPPOSITES: dict[str, frozenset[str]] = {}
for _one, _, _other in (pair.partition("/") for pair in _OPPOSITES):
    OPPOSITES[_one] = OPPOSITES.get(_one, frozenset()) | {_other}
    OPPOSITES[_other] = OPPOSITES.get(_other, frozenset()) | {_one}
OPPOSITES["must"] = frozenset({"can", "may"})  # and not the other way round: who must, can

_ORDINALS = frozenset("first second third fourth fifth sixth seventh eighth ninth tenth last".split())  # noqa: SIM905
PER = frozenset({"per", "a", "an", "each", "every"})
_CITED = re.compile(r"\[\d{1,3}\](?!\()")
_TOKEN = re.compile(
    r"`(?P<tick>[^`\n]+)`"
    r"|(?P<address>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s<>()\[\]\"'`]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<symbol>[€$£¥%])"
    r"|(?P<word>(?:--?|[\\/])?[^\W_](?:[\w.,:/\\'’+#=&-]*[\w+#])?|_+\w+)"
    r"|(?P<stop>[.!?:;,()|\n\"“”])"
)
_CODE = re.compile(
    r".*[_\\=@].*|.*-.*\d.*|.*\d.*-.*|.*::.*|--?[a-z].*|/\w.*/.*|.*[a-z][A-Z].*|.*[A-Za-z]\d.*|.*\d[A-Za-z].*|\w{2,}\.[A-Za-z]\w+",
    re.S,
)
_PAIR = re.compile(r"\d[\d.,:]*(?:-\d[\d.,:]*)+")
_SPLIT = re.compile(r"[/,:.=&]")
_STARTS = frozenset('.!?:|\n"“')
_BREAKS = frozenset(".!?;,()|:")
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
    breaks: set[int] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)  # stem to the word as it stands
    openers: dict[str, str] = field(default_factory=dict)  # capitalised first words, which may be names or not
    codes: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    sequence: list[tuple[str, bool]] = field(default_factory=list)  # every word, and whether it is a fact
    text: str = ""

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
        return following or self.terms[max(place - 1, 0) : place]


@lru_cache(maxsize=1024)
def read(text: str, opening: bool = True) -> Claims:
    """The claims of a sentence, or of a stretch of a passage. Do not change what it returns.

    `opening`: the first word has its capital for opening a sentence, and not for being a name.
    """
    claims = Claims(text=text.lower().replace("’", "'"))
    for match in _TOKEN.finditer(without_denial(_CITED.sub(" ", text))):
        kind, token = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "stop":
            if token in _BREAKS:
                claims.breaks.add(len(claims.terms))
            opening = opening or token in _STARTS
            continue
        if kind in ("tick", "address"):
            _code(claims, token.lower().strip(".,;:"))
        elif kind == "symbol":
            _unit(claims, UNITS[token])
        else:
            _read_word(claims, token, opening)
        opening = False
    claims.numbers = [replace(number, limit=_limit(claims, number)) for number in claims.numbers]
    return claims


def _limit(claims: Claims, number: Number) -> Limit:
    words = claims.order
    after = words[number.at + 1 : number.at + 4]
    if number.value == "" or (words[max(number.at - 1, 0)] == "from" and {"to", "until"} & set(after[:2])):
        return ""
    timed = number.unit in TIMES or after[:1] in (["am"], ["pm"])
    return limit_of(words[max(number.at - 6, 0) : number.at], after, frozenset({number.unit}), timed)


def _read_word(claims: Claims, token: str, opening: bool) -> None:
    small = token.lower().replace("’", "'")
    number = number_of(small)
    if number is not None:
        _number(claims, *number, small)
    elif _hyphenated(claims, small):
        pass
    elif _PAIR.fullmatch(small):
        for part in small.split("-"):
            _read_word(claims, part, opening)
    elif _CODE.fullmatch(token) and small not in ("e.g", "i.e"):
        _code(claims, small)
    elif _SPLIT.search(token.strip("-/\\")):
        for part in filter(None, _SPLIT.split(token)):
            _read_word(claims, part, opening)
    elif small in UNITS and small not in STOP_WORDS and _unit(claims, UNITS[small], token):
        pass
    elif UNITS.get(small) in TIMES and claims.sequence[-1:] and claims.sequence[-1][0] in PER:
        _rate(claims, UNITS[small])
    else:
        _plain(claims, token.strip("-/\\"), small, opening)


def _hyphenated(claims: Claims, small: str) -> bool:
    """A number and its unit in one, as in "two-week" and "30-day"; False for any other word."""
    first, _, rest = small.partition("-")
    number = number_of(first)
    if number is None or rest not in UNITS:
        return False
    claims.numbers.append(Number(number[0], UNITS[rest], len(claims.terms), at=len(claims.sequence)))
    claims.terms.extend(terms(UNITS[rest]))
    claims.sequence += [(amount(number[0]), True), (UNITS[rest], False)]
    return True


def _number(claims: Claims, value: str, unit: str, small: str) -> None:
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


def _unit(claims: Claims, unit: str, word: str = "") -> bool:
    """A unit joins the number just before it; a sign of money waits for the number after it."""
    before = claims.numbers[-1] if claims.numbers else None
    if before and before.place == len(claims.terms) and not before.unit and before.value:
        value = amount(before.value) if unit in MONEY else before.value
        claims.numbers[-1] = replace(before, value=value, unit=unit)
        claims.terms.extend(terms(unit))
        if word:
            claims.sequence.append((unit, False))
        return True
    if not word and unit in MONEY:
        claims.numbers.append(Number("", unit, len(claims.terms)))
    return False


def _rate(claims: Claims, unit: str) -> None:
    """What stands per month, or a month, belongs to the number just before it."""
    before = claims.numbers[-1] if claims.numbers else None
    if before and len(claims.terms) - before.place <= 2:
        claims.numbers[-1] = replace(before, rate=unit)
    claims.terms.extend(terms(unit))
    claims.sequence.append((unit, True))


def _plain(claims: Claims, token: str, small: str, opening: bool) -> None:
    small = small.strip("-/\\")
    claims.words.add(small)
    if denies(small):
        claims.negations.append(len(claims.terms))
    stems = terms(small)
    capital = token[:1].isupper() and not _PRONOUN.fullmatch(token)
    if capital and stems:
        (claims.openers if opening else claims.names)[stems[0]] = token
    fact = small in _ORDINALS or (capital and not opening)
    claims.sequence.append((stems[0] if stems else small, fact))
    claims.terms.extend(stems)


def _code(claims: Claims, code: str) -> None:
    claims.codes.add(code)
    claims.sequence.append((code, True))
    for word in WORD.findall(code):
        claims.words.add(word)
        claims.terms.extend(terms(word))


def denies(word: str) -> bool:
    """Whether a word in small letters is a negation."""
    return word in _NEGATIONS or word.endswith("n't")


def stated_numbers(claims: Claims) -> Iterator[Number]:
    """The numbers that must be backed: all but "one", which rarely counts."""
    for number in claims.numbers:
        counted = bool(number.unit and number.limit)
        if number.value and not (
            number.value == "1" and not counted and "one" in claims.words and "1" not in claims.words
        ):
            yield number
