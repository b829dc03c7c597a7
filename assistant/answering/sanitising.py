"""What no text of a model may carry to a customer: foreign links, images, HTML, citations of nothing, our own rules.

Pure.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.answering.prompts import template
from assistant.answers import CITATION
from assistant.terms import words
from knowledge.retrieval import Passage

_CITED = re.compile(rf"[ \t]*{CITATION.pattern}")
LEAKED_WORDS = 10
MOST_PASSES = 10
# A rule this short is also found when it is recited alone.
WHOLE_RULE_WORDS = 4

_URL = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|www\.|(?<=\]\()//)[^\s<>()\[\]\"'`]+", re.I)
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
# Possessive, or a row of brackets that never close would take minutes.
_LINK = re.compile(r"\[([^\]\[]*+)\]\(\s*+<?([^)\s>]*+)>?[^)]*+\)")
_REFERENCE = re.compile(r"\[([^\]\[]+)\]\[[^\]]*\]")
_DEFINITION = re.compile(r"^[ ]{0,3}\[[^\]]+\]:\s*\S+.*$", re.M)
_HTML = re.compile(r"</?[a-zA-Z!][^>\n]*>?")


class Sanitiser:
    """Cleans texts that were written from these passages."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._count = len(passages)
        self._of = [frozenset(_tidied(url) for url in _URL.findall(f"{p.text} {p.url}")) for p in passages]
        self._all = frozenset[str]().union(*self._of)

    def clean(self, text: str) -> str:
        """Without images, HTML, foreign links and citations of passages that are not there."""
        return self._cleaned(text, self._all)

    def linked_from(self, text: str, cited: Sequence[int]) -> str:
        """A clean text without links that lead where none of the passages it cites leads."""
        return self._cleaned(text, frozenset[str]().union(*(self._of[number - 1] for number in cited)))

    def _cleaned(self, text: str, addresses: frozenset[str]) -> str:
        for _ in range(MOST_PASSES):  # what is taken out may have held two halves apart
            cleaned = self._once(text, addresses)
            if cleaned == text:
                return text
            text = cleaned
        return ""  # nested so deeply to get something through

    def _once(self, text: str, addresses: frozenset[str]) -> str:
        text = _DEFINITION.sub("", text)
        text = _IMAGE.sub("", text)
        text = _HTML.sub("", text)
        text = _LINK.sub(lambda m: m.group() if _tidied(m[2]) in addresses else m[1], text)
        text = _REFERENCE.sub(lambda m: m.group() if m[1].isdigit() else m[1], text)
        text = _URL.sub(lambda m: m.group() if _tidied(m.group()) in addresses else "", text)
        return CITATION.sub(lambda m: m.group() if 1 <= int(m[1]) <= self._count else "", text)


def uncited(text: str) -> str:
    """Without citations and the white space before them."""
    return _CITED.sub("", text)


def recites_rules(sentence: str) -> bool:
    """Whether it repeats a stretch of the assistant's own rules."""
    said = words(sentence)
    stretches, whole = _rules()
    if any(tuple(said[i : i + LEAKED_WORDS]) in stretches for i in range(len(said))):
        return True
    return any(tuple(said[i : i + len(rule)]) == rule for rule in whole for i in range(len(said) - len(rule) + 1))


@lru_cache(maxsize=1)
def _rules() -> tuple[frozenset[tuple[str, ...]], tuple[tuple[str, ...], ...]]:
    text = template("answer")
    rules = words(text)
    stretches = frozenset(tuple(rules[i : i + LEAKED_WORDS]) for i in range(len(rules) - LEAKED_WORDS + 1))
    sentences = (tuple(words(sentence)) for sentence in re.split(r"[.:]\s|\n", text))
    return stretches, tuple(rule for rule in sentences if len(rule) >= WHOLE_RULE_WORDS)


def _tidied(url: str) -> str:
    return url.strip().rstrip(".,;:!?*_").rstrip("/").lower()
