"""A short message that asks in one stretch and chats in the others: that stretch is looked up alone. Pure.

A stretch is a sentence, or a part of one where people write on without a stop: up to a capital, from a comma or a
conjunction on, or from where a question begins. Chosen by measurement (docs/decisions/030-small-talk.md).
"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from assistant.answering import confidence
from assistant.answering.asking_signs import DO, MARKED, SENTENCE_END, signs
from assistant.answering.context import refers_back
from assistant.answering.readings import Found, Narrowed, Stretch
from assistant.answering.several import between
from assistant.answering.wording import ENGLISH
from assistant.terms import content_words

# A longer message describes a case.
MOST_CHARACTERS = 500
MOST_SENTENCES = 6
# Each costs a search.
MOST_STRETCHES = 8
MOST_CLAUSES = 3
FEWEST_WORDS = 2
# "This doesn't happen with Chrome" goes on with a case; "Can I run it on Windows?" means the product.
OPENING_WORDS = 2
# A stretch out of its message says less than the message: it has to be surer than an answer must be, and plainly about
# this help centre.
SURE = 0.7
SUBJECT = 0.8

# A sentence that begins without a stop before it; a name is seldom followed by two words and preceded by a small one.
_RUN_ON = re.compile(r"(?<=[a-z0-9)\"'])\s+(?=(?!I\b)[A-Z][a-z']*\s+\w+\s+\w+)")
# A question that begins within a sentence; "we are a family" is none.
_ASKING = rf"(?:how|what|where|when|why)\s+(?:to|{DO})\b|{DO}\s+(?:i|we|you)\b"
# Between these and what they ask lies no boundary: "how | do I".
_WITHIN_QUESTION = "".join(rf"(?<!\b{word})" for word in ("how", "what", "where", "when", "why", "who", "which", "to"))
_CLAUSE_END = re.compile(
    rf"\s*[,;:]\s+|\s+[-–—]+\s+|\s*\.\.\.+\s*|"
    rf"\s+(?=(?:but|and|so|because|since|though|although|otherwise)\b)|{_WITHIN_QUESTION}\s+(?={_ASKING})",
    re.I,
)
# Behind a question, a condition or a reason belongs to what is asked; of one in a sentence of its own we are less sure.
_BELONGING = re.compile(
    r"\W*\b(?:because|since|so|otherwise|though|although|if|unless|when|while|after|as\s+long\s+as)\b[\s,]*", re.I
)
_REASON = re.compile(r"\W*\b(?:because|since)\b[\s,]*", re.I)

Place = tuple[int, int]
Read = tuple[Found, confidence.Reading]
SUBJECT_FEATURE = "subject"


def stretches(message: str) -> list[str]:
    """What may be looked up alone, whole sentences first; empty where it is one clause, or describes a case.

    Where stretches ask a question it is they.
    """
    if len(message) > MOST_CHARACTERS:
        return []
    sentences = list(between(SENTENCE_END, message, 0, len(message)))
    if len(sentences) > MOST_SENTENCES:
        return []
    sentences = _with_reasons(message, sentences)
    places = list(_stretches(message, sentences))
    if asking := [place for place in places if _asks(_cut(message, place))]:
        bounds = {bound for sentence in sentences for bound in sentence}
        places = [place for place in asking if not _is_torn(message, place, bounds)]
    apart = [stretch for stretch in dict.fromkeys(_cut(message, place) for place in places) if stretch != message]
    return list(filter(_stands_alone, apart))[:MOST_STRETCHES]


def narrowed(whole: Read, apart: Sequence[Read]) -> Read:
    """What was found for the surest of the stretches, else for the whole; either tells how all of them were read."""
    if not apart:
        return whole
    chosen = surest([reading for _, reading in apart])
    found, reading = whole if chosen is None else apart[chosen]
    told = Narrowed(_told(whole), tuple(map(_told, apart)), chosen, SURE, SUBJECT)
    return replace(found, narrowed=told), reading


def surest(readings: Sequence[confidence.Reading]) -> int | None:
    """Which of the stretches is surest; None where none is sure."""
    sure = [number for number, reading in enumerate(readings) if _is_sure(reading)]
    return max(sure, key=lambda number: readings[number].confidence, default=None)


def _is_sure(reading: confidence.Reading) -> bool:
    about = reading.features.get(SUBJECT_FEATURE, 0.0)
    return reading.answerable and reading.confidence >= SURE and about >= SUBJECT


def _told(read: Read) -> Stretch:
    return Stretch(read[0].lookup, read[1])


def _stretches(message: str, sentences: Sequence[Place]) -> Iterator[Place]:
    """Where the sentences stand, then those that run on, then clauses and neighbouring ones together."""
    runs = [run for sentence in sentences for run in between(_RUN_ON, message, *sentence)]
    clauses = [list(between(_CLAUSE_END, message, *run)) for run in runs]
    yield from sentences
    yield from runs
    for count in range(1, MOST_CLAUSES + 1):
        for each in clauses:
            yield from ((each[at][0], each[at + count - 1][1]) for at in range(len(each) - count + 1))


def _asks(stretch: str) -> bool:
    """Whether it is marked as a question, or begins as one."""
    return bool(MARKED.search(stretch)) or signs(ENGLISH).begins(stretch)


def _cut(message: str, place: Place) -> str:
    return signs(ENGLISH).without_lead_in(message[slice(*place)])


def _with_reasons(message: str, sentences: Sequence[Place]) -> list[Place]:
    """The sentences, a question's with the one behind it that gives its reason."""
    found: list[Place] = []
    for start, end in sentences:
        if found and _asks(_cut(message, found[-1])) and _belongs(_REASON, message[start:end]):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _is_torn(message: str, place: Place, bounds: Container[int]) -> bool:
    """Whether a question's condition or reason stands behind it, or the stretch is one: "..., since it is broken?".

    `bounds` are those of sentences.
    """
    start, end = place
    if start not in bounds and _belongs(_BELONGING, message[start:end]):
        return True
    return end not in bounds and _belongs(_BELONGING, message[end:])


def _belongs(opening: re.Pattern[str], clause: str) -> bool:
    """Whether a clause opens so, and does not ask: "so how do I cancel"."""
    opened = opening.match(clause)
    return opened is not None and not signs(ENGLISH).begins(clause[opened.end() :])


def _stands_alone(stretch: str) -> bool:
    return len(content_words(stretch)) >= FEWEST_WORDS and not refers_back(" ".join(stretch.split()[:OPENING_WORDS]))
