"""What of a model's text may be shown: citations, links and sentences are held against the passages. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.answering.prompts import NO_ANSWER, template
from assistant.llm.blocks import Span, blocks, sentences
from assistant.terms import terms, words
from knowledge.retrieval import Passage

CITATION = re.compile(r"\[(\d{1,3})\](?!\()")
# Share of a sentence's terms that the passages must hold; models rephrase, so not all of them.
SUPPORT = 0.5
QUOTE_CHARACTERS = 400
LEAKED_WORDS = 10

_URL = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|www\.|(?<=\]\()//)[^\s<>()\[\]\"'`]+", re.I)
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]\[]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
_REFERENCE = re.compile(r"\[([^\]\[]+)\]\[[^\]]*\]")
_DEFINITION = re.compile(r"^[ ]{0,3}\[[^\]]+\]:\s*\S+.*$", re.M)
_HTML = re.compile(r"</?[a-zA-Z!][^>\n]*>?")
_BOUNDARY = re.compile(r"\n|(?<=[.!?])\s+(?=\S)|(?<=[.!?]\])\s+(?=\S)|(?<=\d\])\s+(?=[^\s\[])")


@dataclass(frozen=True)
class Grounded:
    """A text that may be shown. Its [n] leads to passage `cited[n - 1]` of the prompt, both counted from 1."""

    text: str
    cited: tuple[int, ...]


class Evidence:
    """The passages of one prompt, ready to be held against sentences."""

    def __init__(self, question: str, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self._terms = frozenset(
            term for p in passages for term in terms(f"{p.title} {' '.join(p.heading_path)} {p.text}")
        )
        self._asked = frozenset(terms(question))
        self._addresses = frozenset(_tidied(url) for p in passages for url in _URL.findall(f"{p.text} {p.url}"))
        rules = words(template("answer"))
        self._rules = {tuple(rules[i : i + LEAKED_WORDS]) for i in range(len(rules) - LEAKED_WORDS + 1)}

    def clean(self, text: str) -> str:
        """Without images, HTML, foreign links and citations of passages that are not there."""
        text = _DEFINITION.sub("", text)
        text = _IMAGE.sub("", text)
        text = _HTML.sub("", text)
        text = _LINK.sub(lambda m: m.group() if _tidied(m[2]) in self._addresses else m[1], text)
        text = _REFERENCE.sub(lambda m: m.group() if m[1].isdigit() else m[1], text)
        text = _URL.sub(lambda m: m.group() if _tidied(m.group()) in self._addresses else "", text)
        return CITATION.sub(lambda m: m.group() if 1 <= int(m[1]) <= len(self.passages) else "", text)

    def supports(self, sentence: str) -> bool:
        """Whether the passages hold what the sentence says, and it does not recite the assistant's own rules."""
        said = words(sentence)
        if any(tuple(said[i : i + LEAKED_WORDS]) in self._rules for i in range(len(said))):
            return False
        stated = set(terms(CITATION.sub("", sentence))) - self._asked
        return not stated or len(stated & self._terms) >= SUPPORT * len(stated)


class Release:
    """Lets a streamed text through piece by piece: whole sentences, cleaned, none without support.

    Citations are numbered anew in order of first use: `cited` holds the passages' own numbers.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._held = ""
        self.shown = ""
        self.cited: list[int] = []

    def feed(self, text: str) -> str:
        """What may be shown now."""
        self._held += text
        if _may_be_no_answer(self.shown + self._held):
            return ""
        cut = _last_boundary(self._held)
        ready, self._held = self._held[:cut], self._held[cut:]
        return self._let_through(ready)

    def close(self) -> str:
        """The rest, when the text is whole."""
        ready, self._held = self._held, ""
        if is_no_answer(self.shown + ready):
            return ""
        return self._let_through(ready)

    def _let_through(self, ready: str) -> str:
        cleaned = self._evidence.clean(ready)
        backed = "".join(piece for piece in _pieces(cleaned) if self._evidence.supports(piece))
        released = CITATION.sub(lambda match: f"[{self._renumbered(int(match[1]))}]", backed)
        self.shown += released
        return released

    def _renumbered(self, number: int) -> int:
        if number not in self.cited:
            self.cited.append(number)
        return self.cited.index(number) + 1


def is_no_answer(text: str) -> bool:
    """Whether the model said, in the prompt's protocol, that the passages do not hold the answer."""
    return text.lstrip(" \n*#_`\"'").upper().startswith(NO_ANSWER)


def ground(text: str, evidence: Evidence) -> Grounded | None:
    """The text as it may be shown, or None when it says that it does not know, or nothing that it backs."""
    if is_no_answer(text):
        return None
    release = Release(evidence)
    shown = (release.feed(text) + release.close()).strip()
    return Grounded(shown, tuple(release.cited)) if release.cited and terms(shown) else None


def quote(answer: str, number: int, passage: Passage) -> str:
    """The passage's sentence that backs what the answer says with [number], verbatim."""
    said = frozenset(terms(" ".join(s for s in _pieces(answer) if f"[{number}]" in s)))
    units = list(_units(passage.text))
    best = max(units, key=lambda unit: (len(said & set(terms(unit.of(passage.text)))), -unit.start))
    return best.of(passage.text)


def _units(text: str) -> Iterator[Span]:
    found = False
    for block in blocks(text):
        units = block.parts or (sentences(text, block) if block.kind == "paragraph" else [block])
        for unit in units:
            if block.kind not in ("heading", "rule") and unit.end > unit.start:
                found = True
                yield unit
    if not found:
        yield Span(0, len(text))


def _pieces(text: str) -> list[str]:
    """Sentences and lines with the white space after them; joined they are the text."""
    cuts = [0, *(match.end() for match in _BOUNDARY.finditer(text)), len(text)]
    return [text[a:b] for a, b in pairwise(cuts) if a < b]


def _last_boundary(text: str) -> int:
    """Where the last whole sentence ends; not inside brackets, so that no link is let through in halves."""
    for match in reversed(list(_BOUNDARY.finditer(text))):
        before = text[: match.end()]
        if (
            before.count("[") == before.count("]")
            and before.count("(") == before.count(")")
            and before.count("<") == before.count(">")
        ):
            return match.end()
    return 0


def _may_be_no_answer(text: str) -> bool:
    begun = text.lstrip(" \n*#_`\"'").upper()
    return is_no_answer(text) or NO_ANSWER.startswith(begun)


def _tidied(url: str) -> str:
    return url.strip().rstrip(".,;:!?*_").rstrip("/").lower()
