"""The questions of one message, when it plainly holds several that stand for themselves. Pure.

English questions are told by their mark or by how they begin, also within one sentence ("... and can I ..."); those of
other languages by the mark alone. What is told around a question stays with it. Where there is doubt a message is one
question: a question that was not split is still answered, one that was torn apart is not.
Chosen by measurement (docs/decisions/023-several-questions.md).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answering.context import leaning, refers_back, standalone
from assistant.answers import Said
from assistant.states import Role
from assistant.terms import WITHOUT_SUBJECT, content_words, terms

MOST = 3
# A longer message describes one case, with all the questions that it raises.
MOST_CHARACTERS = 300
# So many words told, not asked, are a case as well: its questions cannot be understood without them.
MOST_WORDS_TOLD = 8
# Share of the words of the shorter question that both may have; with more, one says the other again.
ALIKE = 0.6
# "How do I install and how do I remove the driver?": the first says too little alone.
FEWEST_WORDS_JOINED = 2
# Words of its own that a question in another language needs: what it leans on cannot be told.
FEWEST_TERMS = 2

SENTENCE_END = re.compile(r"(?<=[?!.])\s+|(?<=[?!.][\"')\]])\s+|(?<=[？。！؟])|\n+")
MARKED = re.compile(r"[?？؟]\W*$")
_SUBJECT = r"(?:i|you|we|they|he|she|it|there|the|a|an|any|my|your|our|this|that|these|those|someone|one|people)"
DO = r"(?:do|does|did|can|could|should|would|will|is|are|was|were|am|has|have|must|may|might)(?:n't|not)?"
_CLAUSE = rf"{DO}\s+{_SUBJECT}\b"
_ASKING = (
    rf"(?:(?:how|what|where|when|why|who)(?:'s\b|\s+to\b|\s+{_CLAUSE})|(?:what|which)(?:\s+[\w-]+){{1,2}}\s+{_CLAUSE}|"
    rf"how\s+(?:much|many|long|often|far|big|old)(?:\s+[\w-]+){{0,2}}\s+{DO}\b|what\s+happens\b|"
    rf"who\s+(?:can|pays)\b|{_CLAUSE})"
)
_LEAD_IN = (
    r"^\W*(?:\d+[.):]\s*)?(?:(?:and|also|but|so|then|or|plus|secondly|second|first|finally|please|hi|hello)\b[\s,:]*)*"
)
LED_IN = re.compile(_LEAD_IN, re.I)
# "Which boards ...", "what is wrong": behind an "and" it may hang on what stands before.
_BEGINS = re.compile(
    rf"{_LEAD_IN}(?:{_ASKING}|(?:tell|show)\s+(?:me|us)\b|explain\b|describe\b|"
    r"which\b|what\s+(?:is|are|does|do|kinds?|about)\b)",
    re.I,
)
# With a question mark at its end.
_BEGINS_MARKED = re.compile(rf"{_LEAD_IN}(?:how|what|where|when|why|which|who|whose|whom|{DO})\b", re.I)
_JOIN = re.compile(
    rf"(?:\s*[,;/]\s*(?:and|also|plus)\s+|\s+(?:and|plus)\s+|\s*[;/]\s+)(?:also\s+|then\s+|please\s+)*(?={_ASKING})",
    re.I,
)
# At the end of what is told: "It does not start, what can I do?"
_AT_THE_END = re.compile(rf"[,;:]\s*(?:and\s+|so\s+|then\s+)?{_ASKING}", re.I)
# Goes on with another question, which is whole behind it.
_GOING_ON = re.compile(
    rf"^\W*(?:(?:and|also|plus|finally|secondly)\b[\s,:]*)+(?=(?:(?:how|what|where|when|why)\s+)?{_CLAUSE})", re.I
)
# "How do I update?" has its object from the question before.
_WITHOUT_OBJECT = re.compile(rf"^\W*(?:(?:and|also|how|when|where|why)\s+)*{DO}\s+(?:i|you|we)\s+[\w-]+\W*$", re.I)
# "What is the cost?": perhaps of what was asked before.
_DEFINITE = re.compile(r"\bthe\b", re.I)
# Stands for nothing that was named before.
_EXPLETIVE = re.compile(
    r"\b(?:is|was|would|will)\s+it\s+(?:also\s+|still\s+)?(?:possible|ok|okay|allowed|necessary|safe)\b|"
    r"\b(?:will|does|would|did)\s+it\s+(?:take|cost)\s+(?:for|to)\b|\b(?:that|this)\s+(?:i|you|we)\b|"
    r"\b(?:this|your)\s+(?:app|site|website|shop|store|company|service)\b",
    re.I,
)
# Words that ask for help with what was told, and name no subject of their own.
_HOLLOW = WITHOUT_SUBJECT | frozenset(
    """broke down idea ideas suggestion suggestions
    advice solution solve solved fix fixed possible correct right wrong normal happen happens happening happened cause
    reason ok good bad resolve resolved mean options explain case deal missing actually check assist find true sure
    anybody else best information recommend""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Part:
    """A question of a message: the words that ask it, and with what was told around it; stretches of the message.

    `doubtful` when it may ask of what was asked before: it stands apart only where an article answers it.
    """

    question: str
    text: str
    doubtful: bool = False


@dataclass(frozen=True)
class _Piece:
    """A stretch of a message that asks, or tells."""

    start: int
    end: int
    asks: bool


def questions(text: str, language: str = "en") -> tuple[Part, ...]:
    """The message's questions in their order, at most MOST; the whole message where it holds but one.

    `language` is the customer's. Beyond MOST, the last holds all the others.
    """
    whole = (Part(text.strip(), text.strip()),)
    if len(text) > MOST_CHARACTERS:
        return whole
    pieces = list(_pieces(text, language))
    told = content_words(" ".join(text[piece.start : piece.end] for piece in pieces if not piece.asks))
    parts = _parts(text, pieces, language, alone=bool(told))
    if len(parts) < 2 or len(told) > MOST_WORDS_TOLD or _alike(parts, language):
        return whole
    return parts


def standing_alone(text: str, history: Sequence[Said] = (), language: str = "en") -> tuple[Part, ...]:
    """The message's questions, each with the text to look up, its topic taken from those before where it leans."""
    found: list[Part] = []
    for part in questions(text, language):
        before = (*history, *(Said(Role.CUSTOMER, earlier.text) for earlier in found))
        found.append(replace(part, text=standalone(_GOING_ON.sub("", part.text), before)))
    return tuple(found)


def _pieces(text: str, language: str) -> Iterator[_Piece]:
    """The sentences, and the questions that are joined within one."""
    for start, end in between(SENTENCE_END, text, 0, len(text)):
        sentence = text[start:end]
        marked = bool(MARKED.search(sentence))
        if language != "en":
            yield _Piece(start, end, marked)
        elif (_BEGINS_MARKED if marked else _BEGINS).search(sentence):
            yield from _joined(text, start, end)
        else:
            yield _Piece(start, end, marked and bool(_AT_THE_END.search(sentence)))


def _joined(text: str, start: int, end: int) -> Iterator[_Piece]:
    """The questions of a sentence; the whole of it when the first has its object from the second."""
    pieces = [_Piece(*stretch, asks=True) for stretch in between(_JOIN, text, start, end)]
    whole = len(content_words(text[pieces[0].start : pieces[0].end])) >= FEWEST_WORDS_JOINED
    yield from pieces if whole else [_Piece(start, end, asks=True)]


def asks(stretch: str) -> bool:
    """Whether a stretch of a message is marked as a question, or begins as one."""
    return bool(MARKED.search(stretch) or _BEGINS.search(stretch))


def between(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches between the matches of a pattern, without white space around them; empty ones left out."""
    at = start
    for cut_start, cut_end in [
        *((found.start(), found.end()) for found in pattern.finditer(text, start, end)),
        (end, end),
    ]:
        stretch = text[at:cut_start]
        if stretch.strip():
            yield at + len(stretch) - len(stretch.lstrip()), at + len(stretch.rstrip())
        at = cut_end


def _parts(text: str, pieces: list[_Piece], language: str, *, alone: bool) -> tuple[Part, ...]:
    """What is told goes to the question after it, at the end to the one before; so does a question that says little.

    `alone` when none may lean: on a question before, or on what was told, is not known.
    """
    found: list[tuple[int, int, int, int]] = []  # of the question, and of all that belongs to it
    doubtful: list[bool] = []
    open_at: int | None = None
    for piece in pieces:
        begins = piece.start if open_at is None else open_at
        asked = text[piece.start : piece.end]
        doubt = bool(found) and _may_lean(asked, language, alone)
        own = _own(asked, language, alone) if found and not doubt else _names(asked, language)
        if piece.asks and own and len(found) < MOST:
            found.append((piece.start, piece.end, begins, piece.end))
            doubtful.append(doubt)
            open_at = None
        elif piece.asks and found:
            found[-1] = (found[-1][0], piece.end, found[-1][2], piece.end)
            open_at = None
        else:
            open_at = begins
    if found and open_at is not None:
        found[-1] = (*found[-1][:3], pieces[-1].end)
    return tuple(
        Part(_without_lead_in(text[a:b], language), text[c:d], doubt)
        for (a, b, c, d), doubt in zip(found, doubtful, strict=True)
    )


def _without_lead_in(asked: str, language: str) -> str:
    return LED_IN.sub("", asked) if language == "en" else asked


def _names(asked: str, language: str) -> bool:
    """Whether a first question says what it is about."""
    if language != "en":
        return len(set(terms(asked, language))) >= FEWEST_TERMS
    return any(word not in _HOLLOW for word in content_words(asked))


def _may_lean(asked: str, language: str, alone: bool) -> bool:
    """Whether a further question names one thing, as if it were known: "What is the cost?", "Where are the logs?"."""
    return (
        language == "en"
        and not alone
        and len(content_words(asked)) == 1
        and bool(_DEFINITE.search(asked))
        and not refers_back(_EXPLETIVE.sub(" ", asked))
    )


def _own(asked: str, language: str, alone: bool) -> bool:
    """Whether a further question can be looked up on its own, or with the topic of those before it."""
    if language != "en" or not _names(asked, language):
        return _names(asked, language)
    if _WITHOUT_OBJECT.search(asked) or (len(content_words(asked)) == 1 and alone):
        return False
    asked = _EXPLETIVE.sub(" ", _GOING_ON.sub("", asked))
    leans = leaning(asked)
    return leans == "refers back" and not alone if leans else not refers_back(asked)


def _alike(parts: tuple[Part, ...], language: str) -> bool:
    """Whether two of the questions ask with the same words."""
    asked = [set(terms(part.question, language)) for part in parts]
    return any(
        len(one & other) > ALIKE * min(len(one), len(other)) for n, one in enumerate(asked) for other in asked[:n]
    )
