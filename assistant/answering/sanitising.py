"""What no text of a model may carry to a customer: foreign links, images, HTML, citations of nothing, our own rules.

Pure.
"""

import html
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from markdown_it.common.normalize_url import normalizeLink

from assistant.answering.prompts import template
from assistant.answers import CITATION
from assistant.conversations.rendering import addresses_in
from assistant.terms import words
from knowledge.retrieval import Passage

_CITED = re.compile(rf"[ \t]*{CITATION.pattern}")
LEAKED_WORDS = 10
MOST_PASSES = 10
# A rule this short is also found when it is recited alone.
WHOLE_RULE_WORDS = 4

# A name that leads somewhere in any renderer, a mail program's included: its marks may stand escaped.
_SCHEME = r"(?:(?:[a-z][a-z0-9+.-]*\\?:\\?/\\?/)|(?:https?|mailto|tel|javascript|data)\\?:(?=\S)|www\\?\.)"
_URL = rf"{_SCHEME}[^\s<>\"'`]+"
# So plain that every renderer reads the same address: no entity or escape in it, no angle brackets around it.
_ADDRESS = r"(?:[^\s()<>\[\]\\]|\([^\s()<>\[\]\\]*+\))*+"
# Possessive, or a row of brackets that never close would take minutes.
_LINK = re.compile(rf"\[((?:[^\[\]]|\[[^\[\]]*+\])*+)\]\(\s*+({_ADDRESS})(?:\s[^()]*+)?\)")
# What is left of links whose names hold more brackets than that, and addresses without a name.
_LEADS = re.compile(rf"\]\(({_ADDRESS})\)|\]\((?:[^()\n]*+\))?|{_URL}", re.I)
# What stands behind a bare address and is none of it.
_BEHIND = re.compile(r"(?:\[\d{1,3}\]|[\[\]().,;:!?*_~|])*$")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,31});", re.I)
_OF_SCHEMES = re.compile(r"[a-zA-Z0-9+.:/-]")
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
_REFERENCE = re.compile(r"\[([^\]\[]+)\]\[[^\]]*\]")
_DEFINITION = re.compile(r"^(?:[^\w\n\[]|\d{1,9}[.)])*+\[((?:[^\[\]\\]|\\[\s\S])*+)\]:.*$", re.M)
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*|[a-z][a-z0-9+.-]*:|www\.[^/?#]*", re.I)
_MARKS_A_LINK = re.compile(r"\]\(|\]:|<")
_BRACKET = re.compile(r"[\[\]()<>]")
_OPENS = {"]": "[", ")": "(", ">": "<"}
_HTML = re.compile(r"</?[a-zA-Z!](?:(?:[^<>\n]|\n(?!\s*\n))*+>|[^>\n]*)")


class Sanitiser:
    """Cleans texts that were written from these passages."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._count = len(passages)
        self._of = [_addresses(passage.url, passage.text) for passage in passages]
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
                return text if self._leads_only_to(addresses, text) else ""
            text = cleaned
        return ""  # nested so deeply to get something through

    def _leads_only_to(self, addresses: frozenset[str], text: str) -> bool:
        """The renderer has the last word on what is a link."""
        return all(_tidied(found) in addresses for found in _rendered_addresses(text))

    def _once(self, text: str, addresses: frozenset[str]) -> str:
        text = _ENTITY.sub(_told, text)
        text = _DEFINITION.sub(lambda m: m.group().replace("]:", "]", 1) if m[1].isdigit() else "", text)
        text = _IMAGE.sub("", text)
        text = _HTML.sub("", text)
        text = _LINK.sub(lambda m: f"[{m[1]}]({m[2]})" if _is_one_of(m[2], addresses) else m[1], text)
        text = _REFERENCE.sub(lambda m: m.group() if m[1].isdigit() else m[1], text)
        text = _LEADS.sub(lambda m: _led(m, addresses), text)
        return CITATION.sub(lambda m: m.group() if 1 <= int(m[1]) <= self._count else "", text)


def may_be_cut(text: str) -> bool:
    """Whether no bracket is open at its end, so that no link is let through in halves.

    One that closes nothing is none.
    """
    opened = dict.fromkeys("[(<", 0)
    for mark in _BRACKET.findall(text):
        if mark in opened:
            opened[mark] += 1
        else:
            opened[_OPENS[mark]] = max(opened[_OPENS[mark]] - 1, 0)
    return not any(opened.values())


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


@lru_cache(maxsize=512)
def _addresses(url: str, text: str) -> frozenset[str]:
    """Where a passage leads: its own page, its links as the renderer reads them, and addresses without a name."""
    bare = (m.group() for m in _LEADS.finditer(text) if not m.group().startswith("]"))
    found = (url, *_rendered_addresses(text), *(_BEHIND.sub("", address) for address in bare))
    return frozenset(map(_tidied, found)) - {""}


def _rendered_addresses(text: str) -> Iterator[str]:
    """As `addresses_in`, without rendering what has none of the marks without which nothing is a link."""
    return addresses_in(text) if _MARKS_A_LINK.search(text) else iter(())


def _led(match: re.Match[str], addresses: frozenset[str]) -> str:
    """What stays of an address, named or bare."""
    said = match.group()
    if said == "](":
        return "] ("
    if said.startswith("]("):
        return said if match[1] and _is_one_of(match[1], addresses) else "]"
    address = _BEHIND.sub("", said)
    behind = said[len(address) :]
    if _tidied(address) not in addresses:
        return behind
    # Set apart, or the citation would be read as the address's end.
    return f"{address} {behind}" if behind.startswith("[") else said


def _is_one_of(address: str, addresses: frozenset[str]) -> bool:
    """Whether the address of a link is one of these, written so that no renderer reads another."""
    return not _ENTITY.search(address.replace("&amp;", "")) and _tidied(address) in addresses


def _told(entity: re.Match[str]) -> str:
    """An entity that may hide the beginning of an address, as what it stands for."""
    meant = html.unescape(entity.group())
    return meant if _OF_SCHEMES.fullmatch(meant) else entity.group()


def _tidied(url: str) -> str:
    """For comparison: as the renderer writes it, scheme and host in small letters, the rest as it is."""
    written = normalizeLink(html.unescape(url.strip())).rstrip(".,;:!?*_").rstrip("/")
    begun = _HOST.match(written)
    return written[: begun.end()].lower() + written[begun.end() :] if begun else written
