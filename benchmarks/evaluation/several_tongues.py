"""Questions in other languages than English, and the words with which a customer strings two of them together."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.evaluation import sets

# French nouns by their ending, of which an article can be told: "le réglage", "la lecture" cannot.
_FRENCH_NOUN = re.compile(r"^\w+?(?:(?P<the>tion|sion)|age|ment)s?\b", re.I)
_VOWEL = re.compile(r"^[aeéiouhyâêîôû]", re.I)
_GERUND = re.compile(r"^(\w+?)([aei])ndo\b")


class Tongue(NamedTuple):
    """A language: where its questions are from, and what stands before a further one, joined or announced."""

    code: str
    questions: Callable[[], Iterator[sets.Question]]
    joined: str
    announced: str


def tongues() -> tuple[Tongue, ...]:
    """The languages that a set is at hand for."""
    return (
        Tongue("de", lambda: iter(sets.xquad("de")), " und ", " Außerdem möchte ich wissen: "),
        Tongue("es", lambda: iter(sets.xquad("es")), " y ", " También quisiera saber: "),
        Tongue("ru", lambda: iter(sets.xquad("ru")), " и ", " Ещё хочу узнать: "),
        Tongue("zh", lambda: iter(sets.xquad("zh")), "，另外", "还有一个问题："),
        Tongue("fr", lambda: _asked("fr", _french), " et ", " Je voudrais aussi savoir : "),
        Tongue("it", lambda: _asked("it", _italian), " e ", " Vorrei anche sapere: "),
        Tongue("ja", lambda: _asked("ja", _japanese), "。また、", "もう一つ質問があります。"),
        Tongue("pl", lambda: _asked("pl", _polish), " i ", " Chcę też wiedzieć: "),
        Tongue("pt", lambda: _asked("pt_BR", _portuguese), " e ", " Também gostaria de saber: "),
        Tongue("sv", lambda: _asked("sv", _swedish), " och ", " Jag vill också veta: "),
    )


def _asked(form: str, question: Callable[[str], str | None]) -> Iterator[sets.Question]:
    """The titles of help pages, as questions; those that the language's pattern does not fit are left out."""
    for title in sets.gnome(form):
        if asked := question(title.text.strip()):
            yield title._replace(text=asked)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _french(title: str) -> str | None:
    if re.match(r"^\w+(?:er|ir|re)\b", title):
        return f"Comment {_lowered(title)} ?"
    noun = _FRENCH_NOUN.match(title)
    if noun is None:
        return None
    the = "l’" if _VOWEL.match(title) else "la " if noun["the"] else "le "
    return f"En quoi consiste {the}{_lowered(title)} ?"


def _italian(title: str) -> str | None:
    return f"Come {_lowered(title)}?" if re.match(r"^\w+(?:are|ere|ire)\b", title) else None


def _japanese(title: str) -> str | None:
    return f"{title}にはどうすればいいですか？" if re.search(r"[るうくすつむぶ]$", title) else None


def _polish(title: str) -> str | None:
    return f"Na czym polega {_lowered(title)}?" if re.match(r"^\w+(?:nie|cie|cja|ana)\b", title) else None


def _portuguese(title: str) -> str | None:
    infinitive = _GERUND.sub(r"\1\2r", title)
    return f"Como {_lowered(infinitive)}?" if infinitive != title else None


def _swedish(title: str) -> str | None:
    return f"Hur gör jag för att {_lowered(title)}?" if re.match(r"^\w+a\b", title) else None
