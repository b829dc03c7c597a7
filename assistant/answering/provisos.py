"""When a passage's sentence holds and where it does not, and whether a shorter one leaves that out. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.answering.claims import AROUND, Claims, read
from assistant.answering.opposites import says_the_opposite
from assistant.answering.vocabulary import Vocabulary, vocabulary
from assistant.answering.wording import ENGLISH
from knowledge.terms import UNSPACED

# Share of what a sentence says, or of what a proviso is said of, that must be the same for it to be missed.
SAID_OF = 0.5
# Share of a proviso's terms that tell it again.
TOLD = 0.6
# In the customer's words, in one sentence, which may be about anything.
GRANTED = 0.75
# Conditions of these alone leave it to the customer: "if necessary", "if you want".
_WEIGHTLESS = read("necessary needed possible required applicable desired prompted want wish like prefer exist").held
_PART = re.compile(r"[;\n|；。！？]+|[.!?:]+(?=\s|$)|\s[–—-]\s")
# Another main clause: what is said of the one before is not said of it.
_COORDINATE = re.compile(r",\s(?:and|or|so|und|oder|y|o|et|ou|e|en|of|i|oraz|och|eller|и|или)\s")
# "Check if it is on" asks, and "even if" restricts nothing.
_NO_PROVISO = re.compile(
    r"\b(?:not|nothing|anything|as|even|see|check|determine|verify|know|ask|confirm|find out|test|tell|decide|on"
    r"|comprobar|comprueba|verificar|verifica|ver|saber|vérifier|vérifiez|savoir|voir|verificare|controllare|sapere"
    r"|kontrollera|controleren) $"
    r"|\bnot only\b.*$"
)
_RANGE = re.compile(r"\d\s*$"), re.compile(r"\s*\d")


@dataclass(frozen=True)
class Proviso:
    """A condition, a limit or an exception: `of` are the terms that it is said of, `terms` and `values` its own."""

    of: frozenset[str]
    terms: frozenset[str]
    values: frozenset[str]
    excepts: bool
    denies: bool = False
    text: str = ""
    language: str = ENGLISH

    @property
    def own(self) -> frozenset[str]:
        """Terms that tell it from what it is said of."""
        return self.terms - self.of

    def told_by(self, terms: frozenset[str], values: frozenset[str], share: float = TOLD) -> bool:
        """Whether a text of these terms and numbers says it again."""
        return self.values <= values and len(self.own & terms) >= share * len(self.own)


def values_of(claims: Claims) -> frozenset[str]:
    """The numbers of a text, whatever they count."""
    return frozenset(number.value for number in claims.numbers)


def left_out(claims: Claims, source: Claims, asked: Claims) -> tuple[Proviso, ...]:
    """The source's provisos that are said of what the sentence says, and that neither it nor the question tells."""
    missing = (each for each in provisos(source.text, source.language) if _is_said_of(each, claims))
    fewer = _cues(claims) < _cues(source)
    return tuple(each for each in missing if not (_is_kept(each, claims, fewer) or _is_granted(each, claims, asked)))


@lru_cache(maxsize=1024)
def provisos(text: str, language: str = ENGLISH) -> tuple[Proviso, ...]:
    """Those of a text in small letters."""
    words = vocabulary(language)
    text = " ".join(text.split())
    found = [each for part in _PART.split(text) for each in _of_part(part, words)]
    return (*found, *_limits(text, words))


def _is_said_of(proviso: Proviso, claims: Claims) -> bool:
    same = len(proviso.of & claims.held)
    return same > 0 and same >= SAID_OF * min(len(claims.held - proviso.terms), len(proviso.of))


def _is_kept(proviso: Proviso, claims: Claims, fewer: bool) -> bool:
    """Whether the sentence, which has `fewer` words for conditions than its source or not, says it too."""
    if proviso.told_by(claims.held, values_of(claims)):
        return not fewer or bool(proviso.own) or not proviso.terms
    # Said in other words, which are held against the passage as any condition of the sentence is.
    return not fewer and not proviso.terms.isdisjoint(claims.held) and proviso.values <= values_of(claims)


def _cues(claims: Claims) -> int:
    cues = vocabulary(claims.language).provisos
    return len(cues.findall(claims.text)) if cues else 0


def _is_granted(proviso: Proviso, claims: Claims, asked: Claims) -> bool:
    """Whether the customer says that the condition holds: a premise of the question, which need not come again."""
    if proviso.excepts or not (proviso.own or proviso.values):
        return False
    sentences = [read(part, language=claims.language) for part in _PART.split(asked.text)]
    return any(_grants(each, proviso) for each in sentences if each.held or each.numbers)


def _grants(said: Claims, proviso: Proviso) -> bool:
    stated = read(proviso.text, language=said.language)
    same = bool(said.negations) == proviso.denies and not says_the_opposite(said, [stated], ())
    return same and proviso.told_by(said.held, values_of(said), GRANTED)


def _of_part(part: str, words: Vocabulary) -> Iterator[Proviso]:
    for cue in words.provisos.finditer(part) if words.provisos else ():
        before, after = part[: cue.start()], part[cue.end() :]
        ranges = _RANGE[0].search(before) and _RANGE[1].match(after)
        if ranges or _NO_PROVISO.search(before) or after.startswith((" also", " rather")):
            continue
        if UNSPACED.search(cue[0]) and words.language == "ja":
            *said, clause = re.split("[、，,]", before)
            before, after = ("".join(said), f"{clause},{after}") if clause else (before, after)
        if _terms(before, words):
            own, of = _COORDINATE.split(after)[0], _COORDINATE.split(before)[-1]
            inside = before.rfind("(") > before.rfind(")")
            own = own.partition(")")[0] if inside else own
        else:
            own, _, of = after.replace("，", ",").replace("、", ",").partition(",")
        yield from _proviso(own, of, cue[0], words)


def _proviso(own: str, of: str, cue: str, words: Vocabulary) -> Iterator[Proviso]:
    claims, said = read(own, language=words.language), read(of, language=words.language)
    terms = claims.held - _WEIGHTLESS
    if said.held and (terms or claims.numbers):
        excepts = bool(words.exceptions and words.exceptions.fullmatch(cue))
        yield Proviso(said.held, terms, values_of(claims), excepts, bool(claims.negations), own, words.language)


def _limits(text: str, words: Vocabulary) -> Iterator[Proviso]:
    """Numbers that something holds up to or from: "within 14 days"."""
    claims = read(text, language=words.language)
    bounded = [number for number in claims.numbers if number.limit]
    if words.within:
        starts = [match.end() for match in words.within.finditer(text)]
        following = [read(" ".join(text[start:].split()[:AROUND]), language=words.language) for start in starts]
        bounded += [each.numbers[0] for each in following if each.numbers and each.numbers[0].place == 0]
    for number in bounded:
        yield Proviso(
            claims.held - {number.unit}, frozenset(), frozenset({number.value}), False, language=words.language
        )


def _terms(text: str, words: Vocabulary) -> frozenset[str]:
    return read(text, language=words.language).held


def told(missing: Sequence[Proviso], sentences: Sequence[str]) -> bool:
    """Whether sentences beside the one that leaves them out tell all of them."""
    return all(_is_told(each, [read(sentence, language=each.language) for sentence in sentences]) for each in missing)


def _is_told(proviso: Proviso, beside: Sequence[Claims]) -> bool:
    terms = frozenset().union(*(each.held for each in beside))
    return bool(proviso.own or proviso.values) and proviso.told_by(terms, frozenset().union(*map(values_of, beside)))


def qualifies(claims: Claims) -> bool:
    """Whether it denies or restricts something, or says when it holds."""
    conditions = vocabulary(claims.language).conditions
    return bool(claims.negations or claims.restrictions or claims.words & conditions)
