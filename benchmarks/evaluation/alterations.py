"""Sentences that say something else than what they are made from, by one seeded change; and the same reworded."""

import re
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

KINDS = ("number", "name", "negation", "another document")

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ADDRESS = re.compile(r"\S*(?:://|www\.)\S*")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]+\b")
_AUXILIARY = re.compile(r"\b(can|may|will|is|are|must|should|does|do|was|were|has|have|could|would)\b(?! not)", re.I)
_DENIED = re.compile(r"\b(can)not\b|\b(\w+) not\b|\b(do|does|did|is|are|was|were|could|would|has|have)n't\b", re.I)
_SAME = [
    (r"\bdo not\b", "don't"),
    (r"\bdoes not\b", "doesn't"),
    (r"\bcannot\b", "can't"),
    (r"\bis not\b", "isn't"),
    (r"\bYou can\b(?!'| ?not)", "It is possible to"),
    (r"\bin order to\b", "to"),
    (r"\bplease\b ?", ""),
    (r"\bneed to\b", "have to"),
    (r"\bmust\b", "have to"),
    (r"\bensure\b", "make sure"),
    (r"\butilize\b", "use"),
    (r"\bcontains\b", "has"),
    (r"\bissue\b", "problem"),
    (r"\bmessage\b", "notice"),
    (r"\bresolve\b", "solve"),
    (r"\boccurs\b", "happens"),
    (r"\bfollowing\b ?", ""),
    (r"\btwo\b", "2"),
    (r"\bthree\b", "3"),
    (r"(?<= )2(?= )", "two"),
    (r"(?<= )3(?= )", "three"),
    (r"\s*\([^()]*\)", ""),
    (r"^The ", "This "),
    (r"\bwhen\b", "whenever"),
]


class Altered(NamedTuple):
    """A changed sentence, and the changed words with their neighbours, by which it is known again."""

    text: str
    mark: str


def rephrased(sentence: str) -> str:
    """The same in slightly other words."""
    for pattern, replacement in _SAME:
        sentence = re.sub(pattern, replacement, sentence)
    return sentence


def altered(sentence: str, kind: str, random: Random, near: Sequence[str], foreign: Sequence[str]) -> Altered | None:
    """The sentence after one change of the kind; None where it has nothing to change.

    `near` are texts of the same answer's passages, `foreign` sentences of other documents.
    """
    if kind == "another document":
        chosen = random.choice(foreign)
        return Altered(chosen, chosen)
    change = {"number": _other_number, "name": _other_name, "negation": _other_negation}[kind]
    return change(sentence, random, near)


def _other_number(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    """Half of the time a number that the passages hold elsewhere, else one with another digit."""
    match = _chosen(_NUMBER, sentence, random)
    if match is None:
        return None
    digits = match.group()
    others = [n for n in _NUMBER.findall(" ".join(near)) if n != digits and len(n) <= len(digits) + 2]
    place = random.choice([i for i, character in enumerate(digits) if character.isdigit()])
    other = str((int(digits[place]) + random.randint(1, 8)) % 10)
    changed = digits[:place] + other + digits[place + 1 :]
    return _replaced(sentence, match, random.choice(others) if others and random.random() < 0.5 else changed)


def _other_name(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    match = _chosen(_NAME, sentence, random)
    names = sorted(set(_NAME.findall(" ".join(near))) - set(re.findall(r"\w+", sentence)))
    return _replaced(sentence, match, random.choice(names)) if match and names else None


def _other_negation(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    denied = _DENIED.search(sentence)
    if denied:
        return _replaced(sentence, denied, next(filter(None, denied.groups())))
    match = _chosen(_AUXILIARY, sentence, random)
    return _replaced(sentence, match, f"{match.group()} not") if match else None


def _chosen(pattern: re.Pattern[str], sentence: str, random: Random) -> re.Match[str] | None:
    """One of the places outside of addresses, which the check takes away when no passage holds them."""
    addresses = [match.span() for match in _ADDRESS.finditer(sentence)]
    found = [m for m in pattern.finditer(sentence) if not any(a <= m.start() < b for a, b in addresses)]
    return random.choice(found) if found else None


def _replaced(sentence: str, match: re.Match[str], other: str) -> Altered:
    before, after = sentence[: match.start()], sentence[match.end() :]
    mark = f"{before[-12:]}{other}{after[:12]}"
    return Altered(before + other + after, mark)
