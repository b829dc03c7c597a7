"""What a sentence says that the window it rests on does not: a number, a name, a negation. Pure."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from assistant.answering.certainty import is_raised, obliges
from assistant.answering.claims import Claims, Number, read
from assistant.answering.limits import conditions
from assistant.answering.opposites import denied_in, denies_by_prefix, says_the_opposite
from assistant.answering.roles import exchanges_roles
from assistant.answering.vocabulary import ONLY, SOME, Vocabulary, vocabulary

Fault = Literal["number", "name", "negation", "certainty", "roles", "condition", "addition"]
# How much nearer another number of the window must be to what the sentence is about.
CLEARLY_NEARER = 1.3
# Share of a sentence's words that stand in the window in the same order, from which on the two are read word by word.
NEARLY_VERBATIM = 0.6
# A stretch that differs by more words than these, in the window twice as many, is another wording, not another word.
EXCHANGED_WORDS = 3
NOTHING: frozenset[str] = frozenset()


def fault(
    claims: Claims,
    windows: Sequence[Claims],
    frames: Sequence[Claims],
    excused: frozenset[str],
    names: frozenset[str],
    asked: frozenset[str],
    elsewhere: frozenset[str],
) -> Fault | None:
    """The first fault, if any.

    `frames` are titles and headings of the windows' passages; `excused` stems need no backing: the question holds them
    and the passages do not; `asked` are all that it holds.
    `names` are stems that are names even where they open a sentence; so is what no cited passage holds, of all that
    they hold `elsewhere`, unless it is known to be none.
    """
    if _wrong_rate(claims, [*windows, *frames]) or any(
        _wrong_number(claims, number, windows, frames) for number in stated_numbers(claims)
    ):
        return "number"
    if any(_is_one_of_several(claims, place, windows) for place in claims.ones):
        return "number"
    held = frozenset().union(*(each.held for each in (*windows, *frames)))
    texts = [each.text for each in (*windows, *frames)]
    if any(not any(_stands(code, text) for text in texts) for code in claims.codes):
        return "name"
    known = vocabulary(claims.language).openers
    foreign = claims.openers.keys() - elsewhere - known if known else frozenset()
    stated = claims.names.keys() | (claims.openers.keys() & names) | foreign
    if stated - held - excused:
        return "name"
    if (
        _denies_otherwise(claims, windows)
        or _restricts_otherwise(claims, windows)
        or says_the_opposite(claims, windows, frames)
        or denies_by_prefix(claims, windows)
    ):
        return "negation"
    if obliges(claims, windows):
        return "certainty"
    if any(
        _added(read(clause, language=claims.language).held - (asked if opens else frozenset()), held)
        for clause, opens in conditions(claims.text)
    ):
        return "condition"
    return next((found for window in windows if (found := exchanged(claims, window))), None)


def following(claims: Claims, window: Claims) -> float:
    """Share of the sentence's words that stand in the window in the same order, 0..1."""
    matcher = SequenceMatcher(None, claims.order, window.order, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / max(len(claims.order), 1)


def _wrong_number(claims: Claims, number: Number, windows: Sequence[Claims], frames: Sequence[Claims]) -> bool:
    near = claims.around(number.place)
    found, rival = -1.0, 0.0
    for each in (*windows, *frames):
        for other in each.numbers:
            if other.unit and number.unit and other.unit != number.unit:
                continue
            if other.rate and number.rate and other.rate != number.rate:
                continue
            likeness = sum(min(weight, near.get(term, 0.0)) for term, weight in each.around(other.place).items())
            if other.value == number.value and number.limit in ("", other.limit):
                found = max(found, likeness)
            elif other.unit == number.unit and other.value != number.value:
                rival = max(rival, likeness)
    return found < 0 or rival > CLEARLY_NEARER * found


def _is_one_of_several(claims: Claims, place: int, windows: Sequence[Claims]) -> bool:
    """Whether it counts one of what the windows count otherwise: "one device" for "two devices"."""
    counted = claims.terms[place : place + 1]
    if any(counted == window.terms[one : one + 1] for window in windows for one in window.ones):
        return False
    numbers = [(number, window) for window in windows for number in window.numbers if number.value not in ("", "1")]
    return bool(counted) and any(counted == window.terms[n.place : n.place + 1] for n, window in numbers)


def _added(condition: frozenset[str], held: frozenset[str]) -> bool:
    """Whether at least half of what a condition says stands nowhere in the windows."""
    missing = condition - held
    return bool(missing) and 2 * len(missing) >= len(condition)


def _stands(code: str, text: str) -> bool:
    at = text.find(code)
    while at >= 0:
        end = at + len(code)
        if not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum():
            return True
        at = text.find(code, at + 1)
    return False


def _denies_otherwise(claims: Claims, windows: Sequence[Claims]) -> bool:
    """Whether one denies what the other does not."""
    return _differ(claims, claims.negations, [(window, window.negations) for window in windows])


def _restricts_otherwise(claims: Claims, windows: Sequence[Claims]) -> bool:
    """Whether only one says "only" of the same."""
    return _differ(claims, claims.restrictions, [(window, window.restrictions) for window in windows])


def _differ(claims: Claims, places: Sequence[int], windows: Sequence[tuple[Claims, Sequence[int]]]) -> bool:
    """Whether a word that is about what follows it, at these places of each, stands in one and not in the other."""
    about = [claims.negated(place) for place in places]
    backing = [(window, window.negated(place)) for window, theirs in windows for place in theirs]
    if any(not any(_same(mine, theirs) for _, theirs in backing) for mine in about):
        return True
    by_window = {id(window): set().union(*map(set, map(window.negated, theirs))) for window, theirs in windows}
    for window, theirs in backing:
        without = window.held - by_window[id(window)]
        contradicted = set(theirs) <= claims.held and not set(theirs) <= without
        if contradicted and not any(_same(mine, theirs) for mine in about):
            return True
    return False


def _free(claims: Claims, start: int, end: int) -> list[str]:
    """Words of a stretch that are no facts: the month of May is none of doubt."""
    return [word for word, fact in claims.sequence[start:end] if not fact or word == SOME]


def _denies(mine: Sequence[str], theirs: Sequence[str], words: Vocabulary) -> bool:
    """Whether one of two stretches that stand for each other denies something, "not available" or "unavailable"."""
    return any(map(words.denies, mine)) != denied_in(mine, theirs, words.language)


def _wrong_rate(claims: Claims, windows: Sequence[Claims]) -> bool:
    """Whether it says that something is daily, or per day, where they do not."""
    return bool(claims.rates.difference(*(each.rates | each.loose_rates for each in windows)))


def _same(mine: list[str], theirs: list[str]) -> bool:
    """Whether two negations deny the same."""
    return not mine or not set(mine).isdisjoint(theirs)


def exchanged(claims: Claims, window: Claims) -> Fault | None:
    """A fact or a negation that stands in for, or between, words that are otherwise the window's."""
    if exchanges_roles(claims, window):
        return "roles"
    if following(claims, window) < NEARLY_VERBATIM:
        return None
    mine, theirs, words = claims.order, window.order, vocabulary(claims.language)
    for kind, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if kind == "equal" or b - a > EXCHANGED_WORDS or d - c > 2 * EXCHANGED_WORDS:
            continue
        if d - c <= EXCHANGED_WORDS and _denies(mine[a:b], theirs[c:d], words) != _denies(
            theirs[c:d], mine[a:b], words
        ):
            return "negation"
        if (ONLY in mine[a:b]) != (ONLY in theirs[c:d]) and (mine + theirs).count(ONLY) == 1:
            return "negation"
        if any(not words.opposites.get(word, NOTHING).isdisjoint(theirs[c:d]) for word in mine[a:b]):
            return "negation"
        if any(not words.contraries.get(word, NOTHING).isdisjoint(theirs[c:d]) for word in mine[a:b]):
            return "negation"
        if is_raised(_free(claims, a, b), _free(window, c, d), claims, opening=d > c == 0):
            return "certainty"
        facts = [word for word, fact in claims.sequence[a:b] if fact and word not in theirs[c:d]]
        if facts and any(fact or word in window.held for word, fact in window.sequence[c:d]):
            return "number" if any(any(map(str.isdigit, word)) for word in facts) else "name"
    return None


def stated_numbers(claims: Claims) -> Iterator[Number]:
    """The numbers that must be backed: all but "one", which rarely counts."""
    for number in claims.numbers:
        counted = bool(number.unit and number.limit)
        spelled = number.value == "1" and not any(word.startswith("1") for word in claims.words)
        if number.value and (counted or not spelled):
            yield number
