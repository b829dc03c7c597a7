"""Sentences of an article that instruct an assistant, or ask for what the article is not about: planted ones.

Nothing is answered from them. Words alone convict few; the others are held against the rest of the article by meaning,
so that an article about assistants may speak of them (docs/decisions/017-injection.md).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from knowledge import planted_languages, planted_words
from knowledge.embedding import EmbeddingUnavailable, Vectors, embedder_named
from knowledge.lookalikes import as_latin, visible, without_leet
from knowledge.planted_patterns import BEGUN, FRAGMENT, LIKELY, PLAIN, QUESTION, REQUEST, TEXT
from knowledge.terms import terms_of

# Cosine with the rest of the article below which a suspected sentence is planted. Chosen on the tuning parts of the
# attacks and of the help centres.
STRANGE_BELOW = {
    "likely": 0.3,
    "text": 0.25,
    "request": 0.13,
    "question": 0.13,
    "fragment": 0.13,
    "begun": 0.13,
    "company": 0.3,
}
# Log-odds of a sentence that a pattern convicts, or suspects, beside others: by itself neither makes a stretch.
EVIDENCE_OF = {"plain": 6.0, "likely": 2.0, "elsewhere": 2.0}
# What convicts by itself, or may after a look at the article; in a message both are enough.
TELLING = ("plain", "likely", "elsewhere")
# Log-odds of its words from which on what a pattern suspects is planted, whatever the article is about: of the help
# centres' 169,000 sentences one.
WORDS_CONVICT = 1.0
# An instruction that was cut off runs on into the article's next sentence, which begins with a capital. From so many
# words on, what stands before it is read by itself too.
BEGINNING_WORDS = 3
# A request shares no more of its terms than this with the rest of its article.
REQUEST_SHARES = 0.5
REQUEST_CHARACTERS = range(12, 300)
# Of a sentence, what is read: an instruction says what it wants at its beginning.
SUSPECTED_CHARACTERS = 2_000
# The rest of the article, as it is embedded: its beginning, a third on, two thirds on.
PIECES = 3
PIECE_CHARACTERS = 400
LEAST_CONTEXT_CHARACTERS = 30

# What was quoted may end in a mark that the sentence goes on after.
_SENTENCE_END = re.compile(r"(?<=[.!?])(?:[\"'”’)\]*_`>]+\s+(?![a-z])|\s+)|(?<=[。！？])|\n+")
_SENTENCE_ENDED = re.compile(r"\w{3}[.!?][\"'”’)\]*_`>]* +$")
_SEAM = re.compile(r"(?<=[\w'’”\")] )[A-Z]")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•|>#]|\d+[.)])")
# A run of marks, as of an empty row of a table, makes patterns look many times at each.
_LONG_MARKS = re.compile(r"(\W{8})\W+")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_SPACED_OUT = re.compile(r"(?<!\S)(?:\S (?! )){5,}\S(?!\S)(?: {2,}(?:\S (?! )){0,40}\S(?!\S))*")
# What an instruction brings with it: an address, an image, a code.
_BROUGHT = re.compile(r"://|www\.|!\[|<\w|\S@\S|\b[\w-]+\.(?:com|net|org|xyz|io|example)\b|\b[A-Z]{4,}-[\w-]+|\"")


@dataclass(frozen=True)
class Planted:
    """Code points [start, end) of an article's text that nothing is answered from."""

    start: int
    end: int


def planted(title: str, text: str, *, by_words: bool = True) -> tuple[Planted, ...]:
    """The planted stretches of an article, in order, none overlapping. May embed a few sentences.

    Without the model words alone decide; unless `by_words`, EmbeddingUnavailable is raised where they would.
    """
    spans = list(sentences(text))
    evidence = _evidence(text, spans)
    suspects = [
        (index, _suspicion(text[start:end], evidence[index]) or _cut_off(text, start))
        for index, (start, end) in enumerate(spans)
    ]
    suspects = [(index, kind) for index, kind in suspects if kind]
    spoken = _spoken(evidence, dict(suspects))
    if not suspects and not spoken:
        return ()
    article = _Article(title, text, spans, {index for index, _ in suspects} | spoken, by_words)
    guilty = sorted(spoken | {index for index, kind in suspects if kind == "plain" or article.is_strange(index, kind)})
    telling = spoken | {index for index, kind in suspects if kind in TELLING}.intersection(guilty)
    if telling:
        guilty = sorted({*guilty, *_company(article, telling)})
    return tuple(_joined(text, spans, guilty))


def _evidence(text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
    """How much the words of each sentence speak to an assistant, in log-odds."""
    return [planted_words.evidence(folded(text[start:end])) for start, end in spans]


def _spoken(evidence: Sequence[float], suspicions: Mapping[int, str]) -> set[int]:
    """The sentences of stretches that together speak to an assistant by their words."""
    scores = [
        max(score, EVIDENCE_OF.get(suspicions.get(place, ""), planted_words.LEAST))
        for place, score in enumerate(evidence)
    ]
    return {place for stretch in planted_words.stretches(scores) for place in stretch}


def _company(article: "_Article", telling: set[int]) -> Iterator[int]:
    """What was planted along with sentences that speak to an assistant: of their paragraphs and the ones beside them,

    up to one that is the article's, the sentences that have nothing to do with the paragraphs elsewhere.
    """
    paragraphs = _paragraphs(article.text, article.spans)
    tainted = {number for number, paragraph in enumerate(paragraphs) if telling.intersection(paragraph)}
    around = article.without({index for number in tainted for index in paragraphs[number]})
    for number in tainted:
        yield from (index for index in paragraphs[number] if around.is_strange(index, "company"))
    for number, step in ((number, step) for number in sorted(tainted) for step in (-1, 1)):
        number += step
        while 0 <= number < len(paragraphs) and number not in tainted:
            strange = [index for index in paragraphs[number] if around.is_strange(index, "company")]
            if len(strange) < len(paragraphs[number]):
                break
            yield from strange
            number += step


def _paragraphs(text: str, spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The sentences' places, those of a paragraph together."""
    paragraphs: list[list[int]] = []
    for index, (start, _) in enumerate(spans):
        if not index or _BLANK_LINE.search(text[spans[index - 1][1] : start]):
            paragraphs.append([])
        paragraphs[-1].append(index)
    return paragraphs


def instructions(text: str) -> tuple[Planted, ...]:
    """The stretches of a message that speak to an assistant, by their words alone: who asks has no article."""
    spans = list(sentences(text))
    evidence = _evidence(text, spans)
    suspects = {index: _suspicion(text[start:end], evidence[index]) for index, (start, end) in enumerate(spans)}
    spoken = _spoken(evidence, suspects)
    guilty = sorted(spoken | {index for index, kind in suspects.items() if kind in TELLING})
    return tuple(_joined(text, spans, guilty))


def _suspicion(sentence: str, evidence: float) -> str:
    """ "plain", "likely", "elsewhere", "text", "request", "question", "begun" or ""."""
    plain = _LONG_MARKS.sub(r"\1", folded(sentence))[:SUSPECTED_CHARACTERS]
    if PLAIN.search(plain):
        return "plain"
    elsewhere, _ = planted_languages.suspicion(_in_words(sentence)[:SUSPECTED_CHARACTERS])
    if elsewhere == "plain":
        return "plain"
    if LIKELY.search(plain):
        return "plain" if evidence >= WORDS_CONVICT else "likely"
    if elsewhere:
        return elsewhere
    if len(plain) not in REQUEST_CHARACTERS or plain.endswith(":") or _LIST_ITEM.match(plain):
        return ""
    if TEXT.search(plain):
        return "plain" if evidence >= WORDS_CONVICT else "text"
    if REQUEST.search(plain):
        return "request"
    if QUESTION.search(plain):
        return "question"
    return "begun" if BEGUN.search(plain) else ""


def _cut_off(text: str, start: int) -> str:
    """ "fragment" for what begins in small letters behind the end of a sentence, as the half of one does."""
    behind = _SENTENCE_ENDED.search(text[max(start - 8, 0) : start])
    return "fragment" if behind and FRAGMENT.match(text, start) else ""


class _Article:
    """The article without what is suspected in it."""

    def __init__(
        self, title: str, text: str, spans: Sequence[tuple[int, int]], suspected: set[int], by_words: bool
    ) -> None:
        self.text, self.spans, self._title, self._by_words = text, spans, title, by_words
        rest = [text[start:end] for index, (start, end) in enumerate(spans) if index not in suspected]
        self._rest = " ".join(part for part in rest if len(part) > LEAST_CONTEXT_CHARACTERS)
        self._pieces: list[Vectors] = []

    def without(self, suspected: set[int]) -> "_Article":
        """The same article without others of its sentences."""
        return _Article(self._title, self.text, self.spans, suspected, self._by_words)

    def is_strange(self, index: int, kind: str) -> bool:
        """Whether a suspected sentence has nothing to do with the article; a request in an empty one is none."""
        sentence = self.text[slice(*self.spans[index])]
        if not self._rest:
            return kind in TELLING
        if kind == "elsewhere":
            return self._shared_elsewhere(sentence) < REQUEST_SHARES
        beginning = _beginning(sentence)
        return self._differs(sentence, kind) or bool(beginning and self._differs(beginning, kind))

    def _differs(self, stretch: str, kind: str) -> bool:
        if kind != "likely" and self._shared(stretch) > REQUEST_SHARES:
            return False
        try:
            return not self._resembles(stretch, STRANGE_BELOW[kind])
        except EmbeddingUnavailable:
            if not self._by_words:
                raise
            return kind == "likely" and self._shared(stretch) <= REQUEST_SHARES

    def _shared(self, sentence: str) -> float:
        own = set(terms_of(sentence, "en"))
        return len(own & self._terms) / len(own) if len(own) > 1 else 1.0

    def _shared_elsewhere(self, sentence: str) -> float:
        """Of a sentence in another language, whose cosines with one in its own say little: the words that say much."""
        _, language = planted_languages.suspicion(_in_words(sentence)[:SUSPECTED_CHARACTERS])
        own = planted_languages.content_words(sentence, language)
        return len(own & planted_languages.content_words(f"{self._title} {self._rest}", language)) / max(len(own), 1)

    def _resembles(self, sentence: str, least: float) -> bool:
        """Whether a piece of the rest has this cosine with the sentence."""
        vector = embedder_named("local").embed_passages([sentence])[0]
        return any(float(self._piece(number) @ vector) >= least for number in range(PIECES))

    def _piece(self, number: int) -> Vectors:
        if number == len(self._pieces):
            place = len(self._rest) * number // PIECES
            text = f"{self._title if number == 0 else ''} {self._rest[place : place + PIECE_CHARACTERS]}"
            self._pieces.append(embedder_named("local").embed_passages([text])[0])
        return self._pieces[number]

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset(terms_of(f"{self._title} {self._rest}", "en"))


def _beginning(sentence: str) -> str:
    """What stands before the first capital within the sentence that might begin another one; "" for a few words."""
    seams = (match.start() for match in _SEAM.finditer(sentence))
    return next((sentence[:at] for at in seams if len(sentence[:at].split()) >= BEGINNING_WORDS), "")


def _joined(text: str, spans: Sequence[tuple[int, int]], guilty: Sequence[int]) -> Iterator[Planted]:
    """Each with the sentences of its paragraph that follow and bring an address or a code with them."""
    taken = -1
    for index in guilty:
        if index <= taken:
            continue
        last = index
        while last + 1 < len(spans) and _goes_on(text, spans[last][1], spans[last + 1], last + 1 in guilty):
            last += 1
        taken = last
        yield Planted(spans[index][0], spans[last][1])


def _goes_on(text: str, end: int, following: tuple[int, int], guilty: bool) -> bool:
    if _BLANK_LINE.search(text[end : following[0]]):
        return False
    return guilty or bool(_BROUGHT.search(text[slice(*following)]))


def sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if text[start : match.start()].strip():
            yield start, match.start()
        start = match.end()
    if text[start:].strip():
        yield start, len(text)


def folded(sentence: str) -> str:
    """For comparison: lookalike letters and digits as the letters they stand for, nothing invisible or set apart."""
    return _in_words(as_latin(visible(sentence)))


def _in_words(sentence: str) -> str:
    """Visible, words whole and of letters."""
    closed = _SPACED_OUT.sub(_closed_up, visible(sentence))
    return without_leet(closed, _is_trigger)


def _is_trigger(word: str) -> bool:
    return planted_words.knows(word) or planted_languages.is_word(word)


def _closed_up(match: re.Match[str]) -> str:
    return " ".join(word.replace(" ", "") for word in re.split(r" {2,}", match.group()))
