"""What a message says in any of our languages, told by the patterns of languages/*.json. Pure.

A pattern of SEARCHED stands somewhere in a sentence, in scripts with spaces from where a word begins; any other one is
a whole sentence. "<thing>" in one stands for the language's own list of things that a customer has, "<device>" for that
of what can burn, "<machine>" for what a bot is called. English is read by learned weights instead (acts.py), but for
words of danger, law, anger, a break-in and what did not help, for a yes or no, for how to reach a person or get away
from the bot, and for a call for help in words that another language has too.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from assistant.answering.wording import ENGLISH, table_of, tables
from assistant.terms import words
from knowledge.terms import UNSPACED

DANGERS = ("self_harm", "danger", "legal")
SEARCHED = (*DANGERS, "claim", "no_bot", "person", "upset", "breach", "merely_asked", "own_case")
# Lists of words that patterns name.
LISTED = ("thing", "device", "machine")
# Where a message does several, the first of these is answered.
SMALL_TALK = ("bot", "goodbye", "thanks", "wellbeing", "understood", "greeting")
# What may stand beside it without being answered.
ALONGSIDE = (*SMALL_TALK, "yes", "no")
# A longer message describes a fault, in which the words of a case stand for something else.
MOST_WORDS = 60
# Of a message, what is read; and of it at once, since a pattern may take the square of a sentence's length.
READ_CHARACTERS = 2_000
LONGEST = 300
_SENTENCE_END = re.compile(r"([.?!,;:。？！、，；：…\n]+)")
_COMMAS = frozenset(",，、")
# Words after a comma that go on with what is asked before it, in any of our languages: "how do I see, whether".
_CLAUSE = re.compile(
    r"(?:that|if|whether|dass|ob|wenn|falls|que|qu'\S+|si|che|se|dat|of|als|że|czy|żeby|jeśli|что|чтобы|если|att|om)\b"
)


@dataclass(frozen=True)
class Heard:
    """What is said, the language it is said in, and the words that say so."""

    act: str
    language: str
    words: str


class _Sentence(str):
    """Lower-cased words of a sentence, or of a piece of a very long one; `behind_comma` of another."""

    behind_comma = False


def danger(text: str, language: str) -> Heard | None:
    """Words of SELF_HARM, danger or law, in whichever language."""
    whole = " ".join(words(text))
    for act in DANGERS:
        if (pattern := _pattern(ENGLISH, act)) and (found := pattern.search(whole)):
            return Heard(act, language, found[0])
    found_in_sentence = _heard(text, language, lambda code, said: _searched(code, said, DANGERS))
    return found_in_sentence or _claim(text, language)


def _claim(text: str, language: str) -> Heard | None:
    """A matter of law in words that ask how something is done as well ("how do I place a litigation hold?")."""

    def read(code: str, said: Sequence[_Sentence]) -> tuple[str, str] | None:
        told = _told(code, said, ("how_to",))
        found = _searched(code, [*told, " ".join(told)[:LONGEST]], ("claim",))
        return ("legal", found[1]) if found else None

    return _heard(text, language, read, (ENGLISH,))


def answer_to_offer(text: str, language: str) -> Heard | None:
    """A mere "yes" or "no"."""
    whole = " ".join(words(text))
    return _heard(text, language, lambda code, said: _matched(code, whole, ("yes", "no")), (ENGLISH,))


def place(text: str) -> str | None:
    """Which of two a mere number or place chooses: "first", "second", "both" or "neither"; None for other words."""
    whole = " ".join(words(text))
    found = (_matched(code, whole, ("first", "second", "both", "neither")) for code in tables())
    return next((match[0] for match in found if match), None)


def person_alone(text: str) -> Heard | None:
    """Nothing but the question how to reach a person, or whom of sales, in English."""
    found = _matched(ENGLISH, " ".join(words(text)), ("person_alone",))
    return Heard("person", ENGLISH, found[1]) if found else None


def no_bot(text: str, language: str) -> Heard | None:
    """That the customer will not talk to a machine, which is the wish for a person; in whichever language."""
    found = _heard(text, language, lambda code, said: _searched(code, said, ("no_bot",)), (ENGLISH,))
    return replace(found, act="person") if found else None


def wish(text: str, language: str) -> Heard | None:
    """The wish for a person, or anger; in any language but English."""
    whole = " ".join(words(text))

    def read(code: str, said: Sequence[str]) -> tuple[str, str] | None:
        alone = _matched(code, whole, ("person_alone",))
        return ("person", whole) if alone else _searched(code, said, ("person", "upset"))

    return _heard(text, language, read)


def anger(text: str, language: str) -> Heard | None:
    """English anger in words that leave no doubt."""
    found = _searched(ENGLISH, _sentences(text), ("upset",))
    return Heard(found[0], language, found[1]) if found else None


def complaint(text: str, language: str) -> Heard | None:
    """That what was said did not help, and nothing else that asks."""

    def read(code: str, said: Sequence[str]) -> tuple[str, str] | None:
        return _nothing_but(code, said, ("unhelped",), ("too_little", *ALONGSIDE))

    return _heard(text, language, read, (ENGLISH,))


def small_talk(text: str, language: str) -> Heard | None:
    """Nothing but small talk, or a call for help that says nothing of what for; in English that call alone."""
    return _heard(
        text, language, lambda code, said: _nothing_but(code, said, ("too_little", *SMALL_TALK), ALONGSIDE), (ENGLISH,)
    )


def own_case(text: str, language: str) -> Heard | None:
    """The customer's own case; a sentence that asks how something is done is none. In any language but English."""
    return _happened(text, language, "own_case", ("how_to",))


def breach(text: str, language: str) -> Heard | None:
    """That somebody else got into the customer's account.

    A sentence that asks how something is done, whether it happened or who knows tells of none.
    """
    return _happened(text, language, "breach", ("how_to", "merely_asked"), (ENGLISH,))


def _happened(text: str, language: str, act: str, asking: Sequence[str], more: Sequence[str] = ()) -> Heard | None:
    if len(words(text)) > MOST_WORDS:
        return None

    def read(code: str, said: Sequence[_Sentence]) -> tuple[str, str] | None:
        return _searched(code, _told(code, said, asking), (act,))

    return _heard(text, language, read, more)


def _told(code: str, said: Sequence[_Sentence], asking: Sequence[str]) -> list[_Sentence]:
    """The sentences that none of the patterns named `asking` is in, nor in the one whose clause they are."""
    told = []
    asked = False
    for each in said:
        goes_on = asked and each.behind_comma and _CLAUSE.match(each) is not None
        asked = goes_on or any(_asks(code, each, name) for name in asking)
        if not asked:
            told.append(each)
    return told


def _asks(code: str, sentence: str, name: str) -> bool:
    pattern = _pattern(code, name)
    if pattern is None:
        return False
    return (pattern.match if name == "how_to" else pattern.search)(sentence) is not None


_Read = Callable[[str, Sequence[_Sentence]], tuple[str, str] | None]


def _heard(text: str, language: str, read: _Read, more: Sequence[str] = ()) -> Heard | None:
    """What is read in the customer's language, else in any other.

    `language` is the likeliest one. Words that several other languages share are answered in it.
    """
    said = _sentences(text)
    if not said:
        return None
    codes = [code for code in tables() if code != ENGLISH or code in more]
    found = {code: heard for code in codes if (heard := read(code, said)) is not None}
    if not found:
        return None
    first = next(iter(found))
    act, stood = found.get(language) or found[first]
    return Heard(act, language if language in found or len(found) > 1 else first, stood)


@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[_Sentence, ...]:
    """The sentences, of a very long one piece by piece. Kept, as a message is read for one thing after another."""
    parts = _SENTENCE_END.split(text[:READ_CHARACTERS])
    ends = ["", *parts[1::2]]
    return tuple(each for part, end in zip(parts[::2], ends, strict=True) for each in _pieces(part, end))


def _pieces(part: str, end_before: str) -> Iterator[_Sentence]:
    said = " ".join(words(part))
    for at in range(0, len(said), LONGEST):
        piece = _Sentence(said[at : at + LONGEST])
        piece.behind_comma = bool(end_before) and _COMMAS.issuperset(end_before)
        yield piece


def _searched(code: str, said: Sequence[str], names: tuple[str, ...]) -> tuple[str, str] | None:
    either = _either(code, names)
    if either is None or not any(map(either.search, said)):
        return None
    for name in names:
        pattern = _pattern(code, name)
        for sentence in said:
            if pattern and (found := pattern.search(sentence)):
                return name, found[0]
    return None


def _nothing_but(
    code: str, said: Sequence[str], names: tuple[str, ...], alongside: tuple[str, ...]
) -> tuple[str, str] | None:
    """The first of the names that a sentence is, when each other sentence is one of them or of those alongside.

    Or that all are together: "help, please".
    """
    whole = _matched(code, " ".join(said), names)
    if whole or len(said) == 1:
        return whole
    done: dict[str, tuple[str, str]] = {}
    for sentence in said:
        act = _matched(code, sentence, (*names, *alongside))
        if act is None:
            return None
        done.setdefault(act[0], act)
    return next((done[name] for name in names if name in done), None)


def _matched(code: str, sentence: str, names: tuple[str, ...]) -> tuple[str, str] | None:
    either = _either(code, names)
    if either is None or not either.fullmatch(sentence):
        return None
    for name in names:
        if (pattern := _pattern(code, name)) and pattern.fullmatch(sentence):
            return name, sentence
    return None


@cache
def _either(code: str, names: tuple[str, ...]) -> re.Pattern[str] | None:
    """What any of the names says: of most messages none does, which is then asked once instead of once for each."""
    patterns = [pattern.pattern for name in names if (pattern := _pattern(code, name))]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


@cache
def _pattern(code: str, name: str) -> re.Pattern[str] | None:
    """All alternatives of a name as one pattern."""
    written: Mapping[str, Any] = table_of(code).get("patterns", {})
    if name not in written:
        return None
    alternatives = [written[name]] if isinstance(written[name], str) else written[name]
    joined = "|".join(f"(?:{alternative})" for alternative in alternatives)
    for listed in LISTED:
        joined = joined.replace(f"<{listed}>", written.get(listed, ""))
    # Tried at the beginnings of words alone a search takes a third of the time.
    begins = r"\b(?=\w)" if name in SEARCHED and not UNSPACED.search(joined) else ""
    return re.compile(f"{begins}(?:{joined})")
