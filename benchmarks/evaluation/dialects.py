"""Wordings of regional Englishes, by rules that leave what is asked as it is.

Grammar after the features of the Electronic World Atlas of Varieties of English (Kortmann, Lunkenheimer and Ehret 2020,
ewave-atlas.org) and, for where "is" and "are" are left out, Rickford and Rickford, Spoken Soul (2000), chapter 7;
spellings and turns of phrase as people write them in messages. Nobody speaks like all of a list at once: the rules
lay on thick, so that what holds here holds for most.
"""

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple


class Dialect(NamedTuple):
    """Rules (pattern, what stands instead) in the order in which they apply, and sentences around a message."""

    rules: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]
    around: tuple[str, ...] = ("{0}",)

    def __call__(self, text: str, random: Random) -> str:
        for pattern, instead in self.rules:
            text = re.sub(pattern, _as_written(instead), text, flags=re.I)
        return random.choice(self.around).format(text)


def _as_written(instead: str | Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
    """The replacement, with a capital where what it stands for has one."""

    def written(match: re.Match[str]) -> str:
        new = instead(match) if callable(instead) else match.expand(instead)
        return new[:1].upper() + new[1:] if match[0][:1].isupper() else new

    return written


def _gerund(verb: str) -> str:
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return f"{verb[:-1]}ing"
    doubled = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb)
    return f"{verb}{verb[-1] if doubled else ''}ing"


def _go_about(lead: str) -> tuple[str, Callable[[re.Match[str]], str]]:
    return r"\bhow (?:do|can) i (\w+)", lambda match: f"{lead} {_gerund(match[1])}"


DIALECTS: dict[str, Dialect] = {
    "Scottish": Dialect(
        (
            (r"\b(?:can't|cannot)\b", "cannae"), (r"\b(?:don't|do not)\b", "dinnae"),
            (r"\b(?:doesn't|does not)\b", "disnae"), (r"\b(?:isn't|is not)\b", "isnae"),
            (r"\b(?:didn't|did not)\b", "didnae"), (r"\b(?:won't|will not)\b", "willnae"),
            (r"\bneeds? to be (\w+ed)\b", r"needs \1"),
            (r"\ban? (?!wee\b)", "a wee "), (r"\boutside(?: of)?\b", "outwith"), (r"\bmy\b", "ma"),
            (r"\bhow do i\b", "how dae I"), (r"\byou\b", "ye"), (r"\bknow\b", "ken"), (r"\byes\b", "aye"),
        ),
        ("{0}", "Here, {0}", "Right, so {0}"),
    ),
    "Irish": Dialect(
        (
            _go_about("how would I go about"), (r"\b(?:is it|would it be) possible\b", "would it be possible at all"),
            (r"\bi (?:have )?just (\w+)ed\b", lambda m: f"I'm after {_gerund(m[1])}"),
            (r"\byou\b", "ye"), (r"\bmy\b", "me"), (r"\bvery\b", "fierce"), (r"\bsmall\b", "small little"),
        ),
        ("{0}", "{0} like", "Would you ever tell me, {0}"),
    ),
    "Indian": Dialect(
        (
            (r"\bhow (?:do|can) i\b", "how I can"), (r"\bwhat is ([^.?!\n]+?)(?=[.?!]|$)", r"what \1 is"),
            (r"\bwhy (is|are|does|do|did) (\w+(?: \w+)?)\b", r"why \2 \1"),
            (r"\bi (want|need|have|know)\b", lambda m: f"I am {_gerund(m[1])}"), (r"\bplease\b", "kindly"),
            (r"\btoday\b", "today itself"), (r"\bnow\b", "now only"), (r"\bthe (?=\w)", ""),
        ),
        ("I am having one doubt. {0} Kindly do the needful.", "Kindly guide me, {0}", "{0} Please revert back."),
    ),
    "African American": Dialect(
        (
            (r"\b(?:isn't|is not|aren't|are not|am not|hasn't|has not|haven't|have not)\b", "ain't"),
            (r"\b(?:doesn't|does not)\b", "don't"), (r"\bthere(?:'s| is| are)\b", "it's"), (r"^is there\b", "it's"),
            (r"\bhow (?:do|can) i\b", "how I"), (r"^(?:do|does|is|are) (the|my|your|you|i|we|this)\b", r"\1"),
            (r"(?<=[a-z]) (?:is|are) (?=(?:\w+ing|gonna|so|too|always|still|slow)\b)", " "),
            (r"\b(?:going to|will)\b", "gon"), (r"\bwant to\b", "wanna"),
            (r"\b(ain't|don't)\b([^.?!]*?)\bany\b", r"\1\2no"), (r"\ban (?=\w)", "a "),
            (r"\b(\w*[aeiou]\w+)ing\b", r"\1in'"),
        ),
    ),
    "of the American South": Dialect(
        (
            (r"\b(?:can|could) i\b", "might could I"), (r"\bi (?:can|could)\b", "I might could"),
            (r"\b(?:isn't|aren't|hasn't|haven't)\b", "ain't"), (r"\b(?:going|about) to\b", "fixin' to"),
            (r"\byou\b(?! all)", "y'all"), (r"\byour\b", "y'all's"), (r"\bhow do i\b", "how do I go on and"),
        ),
        ("{0}", "Hey y'all, {0}", "I reckon I need some help with this one. {0}"),
    ),
    "Australian": Dialect(
        (
            _go_about("how do I go about"), (r"\bvery\b", "heaps"), (r"\bthis afternoon\b", "this arvo"),
            (r"\b(?:a lot|lots) of\b", "heaps of"), (r"\bis broken\b", "has carked it"),
            (r"\bdocumentation\b", "doco"), (r"\bcan i\b", "could I just"),
        ),
        ("G'day, {0}", "{0} Cheers mate", "Keen to sort this one out. {0}", "Bit stuck here, {0}"),
    ),
    "British": Dialect(
        (
            _go_about("how does one go about"), (r"\bwhile\b", "whilst"), (r"\bamong\b", "amongst"),
            (r"\bi have\b", "I've got"), (r"\bcan i\b", "am I able to"), (r"\bshould i\b", "ought I to"),
        ),
        ("{0}", "Right then, {0}", "I'm in a spot of bother. {0}"),
    ),
}  # fmt: skip
