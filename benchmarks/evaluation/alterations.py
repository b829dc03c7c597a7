"""Sentences that say something else than what they are made from, by one seeded change; and the same reworded."""

import re
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from benchmarks.evaluation.shortenings import DROPPED, shortened

KINDS = ("number", "name", "negation", "another document")
# Each measured alone: few sentences have a place for one.
FURTHER = (
    "first name", "frequency", "unit", "comparative", "only",
    "prefix", "modality", "antonym", "half of the day", "one of several", "roles", *DROPPED,
)  # fmt: skip

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ADDRESS = re.compile(r"\S*(?:://|www\.)\S*")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]+\b")
_FIRST_NAME = re.compile(r"^[A-Z][A-Za-z]+(?= [a-z])")
# Of companies, systems, programs, countries, days and months: what a sentence may begin with.
_NAMES = """Acme Globex Initech Slack Teams Zoom Android iOS Windows Linux Safari Firefox Chrome Germany France Spain
    Japan Monday Saturday Sunday January March April October Oracle Salesforce Jenkins Docker Kubernetes""".split()  # noqa: SIM905
_EXCHANGED: dict[str, list[tuple[str, ...]]] = {
    "frequency": [
        ("hourly", "daily", "weekly", "monthly", "quarterly", "yearly", "annually"),
        *(tuple(f"{per} {unit}" for unit in ("hour", "day", "week", "month", "year")) for per in ("every", "per")),
    ],
    "unit": [
        ("second", "minute", "hour", "day", "week", "month", "year"),
        ("seconds", "minutes", "hours", "days", "weeks", "months", "years"),
        ("KB", "MB", "GB", "TB"),
    ],
    "comparative": [
        *(tuple(pair.split("/")) for pair in (
            "at least/at most", "more than/less than", "greater than/less than", "before/after", "minimum/maximum",
            "always/never", "all/some", "includes/excludes", "include/exclude", "included/excluded", "enable/disable",
            "enabled/disabled", "allowed/forbidden", "above/below", "higher/lower", "with/without", "first/last",
            "earlier/later", "possible/impossible", "required/optional", "increase/decrease", "everyone/nobody",
        )),
    ],
    "only": [("only", "also"), ("only", ""), ("all", "only"), ("any", "only")],
    "prefix": [
        *(tuple(pair.split("/")) for pair in (
            "available/unavailable", "supported/unsupported", "able/unable", "encrypted/unencrypted",
            "successful/unsuccessful", "successfully/unsuccessfully", "necessary/unnecessary", "valid/invalid",
            "possible/impossible", "correct/incorrect", "correctly/incorrectly", "secure/insecure",
            "affected/unaffected", "changed/unchanged", "known/unknown", "used/unused", "compatible/incompatible",
            "complete/incomplete", "sufficient/insufficient", "active/inactive", "related/unrelated",
            "expected/unexpected", "supported/non-supported", "empty/non-empty", "default/non-default",
            "refundable/non-refundable", "connected/disconnected", "allowed/disallowed", "authorized/unauthorized",
            "limited/unlimited", "likely/unlikely", "important/unimportant", "specified/unspecified",
        )),
    ],
    "antonym": [
        *(tuple(pair.split("/")) for pair in (
            "covers/excludes", "starts/ends", "start/end", "begin/end", "upload/download", "import/export",
            "accept/reject", "accepted/rejected", "approve/reject", "approved/rejected", "online/offline",
            "automatically/manually", "automatic/manual", "temporary/permanent", "temporarily/permanently",
            "inside/outside", "public/private", "full/empty", "safe/unsafe", "deletes/keeps", "delete/keep",
            "open/closed", "opens/closes", "visible/hidden", "same/different", "internal/external",
            "input/output", "grant/revoke", "granted/revoked", "succeeds/fails", "success/failure",
            "send/receive", "sends/receives", "enters/leaves", "source/target", "old/new", "local/remote",
        )),
    ],
}  # fmt: skip
# What only may be, or is advised, said for certain or demanded.
_MODALITY = {
    "may": ("will", "must"), "might": ("will",), "could": ("will",), "can": ("must",), "should": ("must",),
    "recommended": ("required",),
}  # fmt: skip
_MODAL = re.compile(rf"\b(?:{'|'.join(_MODALITY)})\b(?! \d)")
_HALF = re.compile(r"(?<=\d)(?P<space> ?)(?P<half>[ap])(?P<point>\.?)m\b", re.I)
_SEVERAL = re.compile(r"\b(?:two|three|four|five|six|[2-9])(?P<noun> [a-z]+?)s\b(?!['-])")
_ROLES = re.compile(
    r"\b(?P<first>[Tt]he|[Aa]n?) (?P<one>[a-z]{3,}) (?P<verb>(?:(?:can|may|must|will|should|does not|cannot) )?"
    r"(?:uses?|sends?|calls?|contains?|includes?|requires?|deletes?|creates?|reads?|replaces?|overwrites?|updates?|"
    r"supports?|starts?|stops?|returns?|causes?|affects?|connects? to|access(?:es)?|sees?|manages?|hosts?|runs?))"
    r" (?P<second>the|an?) (?P<other>[a-z]{3,})\b(?! [a-z]*(?:er|or|name|file)s?\b)"
)
# Sentences begin with these, too, and passages may hold them in this form alone.
_NO_NAMES = frozenset(
    """The This That These Those There Then When While Where Which What Why Who How You Your They Their Here Its For
    From With Without Note Also After Before Once Since Until Use Using Refer See Click Select Open Enter Type Press
    Please However Therefore Because Although Make Ensure Verify Check Set Add Remove Create Follow Perform Contact
    Install Yes Each Every Some Any All Both Only Such Other Another Now Next First Second Third Finally
    Currently Try Run
    """.split()  # noqa: SIM905
)
_OPENS = re.compile(r"^(?:The|A|An|This|All|Any|Each) (?=[a-z])")
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
    if kind in _EXCHANGED:
        return _exchanged(sentence, kind, random)
    if kind in DROPPED:
        left = shortened(sentence, kind, random)
        return Altered(left, left) if left else None
    change = {
        "number": _other_number, "name": _other_name, "first name": _other_first_name, "negation": _other_negation,
        "modality": _other_modality, "half of the day": _other_half, "one of several": _one, "roles": _other_roles,
    }[kind]  # fmt: skip
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


def _other_first_name(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    """Another name for one that opens the sentence: a word that the passages never write in small letters."""
    match = _FIRST_NAME.search(sentence)
    text = " ".join(near)
    if match is None or re.search(rf"\b{match[0].lower()}", text) or match[0] in _NO_NAMES:
        return None
    names = [name for name in _NAMES if name.lower() not in text.lower()]
    return _replaced(sentence, match, random.choice(names)) if names else None


def _exchanged(sentence: str, kind: str, random: Random) -> Altered | None:
    """A word of a row for another one of it: "daily" for "weekly"; or "Only admins" for "Admins" and "All admins"."""
    found = [(match, row) for row in _EXCHANGED[kind] for word in row for match in _standing(word, sentence)]
    opening = _OPENS.search(sentence) if kind == "only" else None
    if opening and not re.search(r"\bonly\b", sentence, re.I):
        return _replaced(sentence, opening, "Only ")
    if not found:
        return None
    match, row = random.choice(found)
    others = [word for word in row if word != match[0].lower()]
    return _replaced(sentence, match, random.choice(others))


def _standing(word: str, sentence: str) -> list[re.Match[str]]:
    """Places of a whole word, a unit only behind a number."""
    unit = any(word in row for row in _EXCHANGED["unit"])
    before = r"(?<=\d )" if unit else r"(?<![\w-])"
    addresses = [match.span() for match in _ADDRESS.finditer(sentence)]
    found = re.finditer(rf"{before}{word}(?![\w-])", sentence) if word else iter(())
    return [m for m in found if not any(a <= m.start() < b for a, b in addresses)]


def _other_negation(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    denied = _DENIED.search(sentence)
    if denied:
        return _replaced(sentence, denied, next(filter(None, denied.groups())))
    match = _chosen(_AUXILIARY, sentence, random)
    return _replaced(sentence, match, f"{match.group()} not") if match else None


def _other_modality(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    match = _chosen(_MODAL, sentence, random)
    return _replaced(sentence, match, random.choice(_MODALITY[match[0]])) if match else None


def _other_half(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    match = _chosen(_HALF, sentence, random)
    other = {"a": "p", "p": "a"}
    return (
        _replaced(sentence, match, match["space"] + other[match["half"].lower()] + match["point"] + "m")
        if match
        else None
    )


def _one(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    match = _chosen(_SEVERAL, sentence, random)
    return _replaced(sentence, match, f"one{match['noun']}") if match else None


def _other_roles(sentence: str, random: Random, near: Sequence[str]) -> Altered | None:
    """Who does it and to whom, exchanged."""
    match = _ROLES.search(sentence)
    if match is None or match["one"] == match["other"]:
        return None
    exchanged = f"{match['first']} {match['other']} {match['verb']} {match['second']} {match['one']}"
    return _replaced(sentence, match, exchanged)


def _chosen(pattern: re.Pattern[str], sentence: str, random: Random) -> re.Match[str] | None:
    """One of the places outside of addresses, which the check takes away when no passage holds them."""
    addresses = [match.span() for match in _ADDRESS.finditer(sentence)]
    found = [m for m in pattern.finditer(sentence) if not any(a <= m.start() < b for a, b in addresses)]
    return random.choice(found) if found else None


def _replaced(sentence: str, match: re.Match[str], other: str) -> Altered:
    before, after = sentence[: match.start()], sentence[match.end() :]
    mark = f"{before[-12:]}{other}{after[:12]}"
    return Altered(before + other + after, mark)
