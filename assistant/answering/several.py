"""The questions of one message, when it plainly holds several that stand for themselves. Pure.

They are told by their mark or by how they begin, also within one sentence ("... and can I ..."), by what announces them
("Another question: ...") and as the items of a list. What is told around a question stays with it. Where there is doubt
a message is one question: a question that was not split is still answered, one that was torn apart is not.
Chosen by measurement (docs/decisions/023-several-questions.md).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from assistant.answering.asking_signs import CLAUSE, DO, MARKED, SENTENCE_END, Signs, signs
from assistant.answering.context import leaning, refers_back, standalone
from assistant.answering.listed import Item, announces_questions, items
from assistant.answers import Said
from assistant.states import Role
from assistant.terms import WITHOUT_SUBJECT, content_words, terms

MOST = 3
# A longer message describes one case, with all the questions that it raises.
MOST_CHARACTERS = 300
# But for a list of questions: each stands by itself.
MOST_CHARACTERS_LISTED = 900
# So many words told, not asked, are a case as well: its questions cannot be understood without them.
MOST_WORDS_TOLD = 8
# Share of the words of the shorter question that both may have; with more, one says the other again.
ALIKE = 0.6
# "How do I install and how do I remove the driver?": the first says too little alone.
FEWEST_WORDS_JOINED = 2
# Words of its own that a question needs in a language that we have no words of: what it leans on cannot be told.
FEWEST_TERMS = 2

# Goes on with another question, which is whole behind it.
_GOING_ON = re.compile(
    rf"^\W*(?:(?:and|also|plus|finally|secondly)\b[\s,:]*)+(?=(?:(?:how|what|where|when|why)\s+)?{CLAUSE})", re.I
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
    """A stretch of a message that asks, or tells. `apart` where an item of a list begins."""

    start: int
    end: int
    asks: bool
    apart: bool = False


def questions(text: str, language: str = "en") -> tuple[Part, ...]:
    """The message's questions in their order, at most MOST; the whole message where it holds but one.

    `language` is the customer's. Beyond MOST, the last holds all the others.
    """
    whole = (Part(text.strip(), text.strip()),)
    if listed := items(text):
        parts = _listed(text, listed, language) if len(text) <= MOST_CHARACTERS_LISTED else ()
        return parts if len(parts) > 1 else whole
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


def _listed(text: str, listed: Sequence[Item], language: str) -> tuple[Part, ...]:
    """The questions of a list, each item of which asks; none of one that has other items, such as steps taken."""
    before = list(between(SENTENCE_END, text, 0, listed[0].mark))
    introduction = text[slice(*before[-1])] if before else ""
    asked = [_of_item(text, item, language, announced=announces_questions(introduction)) for item in listed]
    if not all(any(piece.asks for piece in pieces) for pieces in asked):
        return ()
    told = before[:-1] if introduction.endswith((":", "：")) else before
    if len(content_words(" ".join(text[slice(*place)] for place in told))) > MOST_WORDS_TOLD:
        return ()
    pieces = [_Piece(*place, asks=False) for place in told]
    return _parts(text, [*pieces, *chain.from_iterable(asked)], language, alone=False)


def _of_item(text: str, item: Item, language: str, *, announced: bool) -> list[_Piece]:
    """An item's sentences; what an announced one says is a question, whatever its form."""
    pieces = list(_pieces(text, language, item.start, item.end))
    asks = announced or signs(language).asks_itemised(text[item.start : item.end])
    if asks and pieces and not any(piece.asks for piece in pieces):
        pieces = [_Piece(pieces[0].start, pieces[-1].end, asks=True)]
    return [replace(piece, apart=at == 0) for at, piece in enumerate(pieces)]


def _pieces(text: str, language: str, start: int = 0, end: int | None = None) -> Iterator[_Piece]:
    """The sentences of a stretch, and the questions that are joined or announced within one."""
    for begins, ends in _sentences(text, start, len(text) if end is None else end, signs(language)):
        yield from _of_sentence(text, begins, ends, language)


def _sentences(text: str, start: int, end: int, said: Signs) -> list[tuple[int, int]]:
    """The sentences; a question without its mark goes on in what has one and begins as none: "How is St. Ives?"."""
    found: list[tuple[int, int]] = []
    unmarked = False
    for begins, ends in between(SENTENCE_END, text, start, end):
        marked, opens = bool(MARKED.search(text[begins:ends])), said.begins(text[begins:ends])
        if unmarked and marked and not opens:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
        unmarked = opens and not marked
    return found


def _of_sentence(text: str, start: int, end: int, language: str) -> Iterator[_Piece]:
    said = signs(language)
    announced = list(said.announced(text, start, end))
    for begins, ends in _stripped(text, start, announced[0].start() if announced else end):
        if said.begins(text[begins:ends]):
            yield from _joined(text, begins, ends, language, said)
        else:
            yield _Piece(begins, ends, said.asks(text[begins:ends]))
    for mark, following in zip_longest(announced, announced[1:]):
        for begins, ends in _stripped(text, mark.end(), following.start() if following else end):
            first, *others = _joined(text, begins, ends, language, said)
            yield from (replace(first, asks=True), *others)


def _joined(text: str, start: int, end: int, language: str, said: Signs) -> Iterator[_Piece]:
    """The questions of a sentence; the whole of it when the first has its object from the second."""
    stretches = list(between(said.joins, text, start, end)) if said.joins else [(start, end)]
    first = text[slice(*stretches[0])]
    if language == "en":
        whole = len(content_words(first)) >= FEWEST_WORDS_JOINED or _is_leant_on(text, stretches)
    else:
        whole = said.asks(first) and _names(first, language)
    yield from (_Piece(*stretch, asks=True) for stretch in (stretches if whole else [(start, end)]))


def _is_leant_on(text: str, stretches: Sequence[tuple[int, int]]) -> bool:
    """Whether a first question of few words has its object, and the next one stands for it by an "it"."""
    first, *others = (text[slice(*stretch)] for stretch in stretches)
    own = bool(content_words(first)) and not _WITHOUT_OBJECT.search(first) and not refers_back(first)
    return own and any(refers_back(_EXPLETIVE.sub(" ", other)) for other in others)


def between(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches between the matches of a pattern, without white space around them; empty ones left out."""
    at = start
    for found in pattern.finditer(text, start, end):
        yield from _stripped(text, at, found.start())
        at = found.end()
    yield from _stripped(text, at, end)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretch without white space around it, unless nothing is left."""
    stretch = text[start:end]
    if stretch.strip():
        yield start + len(stretch) - len(stretch.lstrip()), start + len(stretch.rstrip())


def _parts(text: str, pieces: Sequence[_Piece], language: str, *, alone: bool) -> tuple[Part, ...]:
    """What is told goes to the question after it, at the end to the one before; so does a question that says little.

    `alone` when none may lean: on a question before, or on what was told, is not known. Those set apart may.
    """
    found: list[tuple[int, int, int, int]] = []  # of the question, and of all that belongs to it
    doubtful: list[bool] = []
    open_at: int | None = None
    apart = False
    for before, piece in zip((None, *pieces), pieces, strict=False):
        if piece.apart and before and found and open_at is not None:
            found[-1] = (*found[-1][:3], before.end)
            open_at = None
        apart = apart or piece.apart
        begins = piece.start if open_at is None else open_at
        asked = text[piece.start : piece.end]
        doubt = bool(found) and not apart and _may_lean(asked, language, alone)
        own = _own(asked, language, alone) if found and not doubt and not apart else _names(asked, language)
        if piece.asks and own and len(found) < MOST:
            found.append((piece.start, piece.end, begins, piece.end))
            doubtful.append(doubt)
            open_at, apart = None, False
        elif piece.asks and found:
            found[-1] = (found[-1][0], piece.end, found[-1][2], piece.end)
            open_at = None
        else:
            open_at = begins
    if found and open_at is not None:
        found[-1] = (*found[-1][:3], pieces[-1].end)
    without = signs(language).without_lead_in
    return tuple(
        Part(without(text[a:b]), text[c:d], doubt) for (a, b, c, d), doubt in zip(found, doubtful, strict=True)
    )


def _names(asked: str, language: str) -> bool:
    """Whether a first question says what it is about."""
    if language != "en":
        return len(set(terms(asked, language))) >= (1 if signs(language).joins else FEWEST_TERMS)
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
    if not _names(asked, language):
        return False
    if language == "en" and (_WITHOUT_OBJECT.search(asked) or (len(content_words(asked)) == 1 and alone)):
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
