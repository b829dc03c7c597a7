"""What makes a short message a follow-up, in the languages of follow_ups.json. Pure.

The tables hold alternatives of patterns for lower-cased words with single spaces between them: `refers` stands for what
was named before, `goes_on` begins a message that continues, `asks` makes a question, `generic` words name no thing but
something of one ("which version?"), `courtesies` may come first, and with `nothing_new` they are all that a message
without a subject says. `particles` are the function words of scripts without spaces; other languages have theirs from a
list of stop words, except for its `subjects`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from assistant.terms import STOP_WORDS, words
from knowledge.terms import PARTICLES, UNSPACED

ENGLISH = "en"
# With more words of its own a message says what it is about; chosen by measurement (docs/decisions/014-rewriting.md).
MOST_OWN_WORDS = 2
# An earlier clause with so many words of its own names what a later "it" is.
NAMED_WORDS = 2

Lean = Literal["fragment", "refers back", "goes on"]

_CLAUSE_END = re.compile(r"[,;:.?!\n、。，；：？！]+(?:\s|$|(?<=[、。，；：？！]))")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class FollowUps:
    """The signs of follow-ups in one language."""

    code: str
    refers: re.Pattern[str]
    goes_on: re.Pattern[str]
    asks: re.Pattern[str]
    generic: re.Pattern[str]
    courtesies: re.Pattern[str]
    nothing_new: re.Pattern[str]
    particles: re.Pattern[str] | None
    stop_words: frozenset[str]

    def leaning(self, text: str) -> Lean | None:
        """How a message of few words of its own is a follow-up; None when it is none."""
        plain = self._plain(text)
        count = sum(self._count(word) for word in self.own_words(plain))
        if count > MOST_OWN_WORDS:
            return None
        if not count or (count == 1 and not self.asks.search(plain)):
            return "fragment"
        if self.refers_back(text) or all(self.generic.fullmatch(word) for word in self.own_words(plain)):
            return "refers back"
        return "goes on" if self.goes_on.match(plain) else None

    def own_words(self, text: str) -> list[str]:
        """The words that carry meaning in this language, in order, each once."""
        return [word for word in dict.fromkeys(words(text)) if word not in self.stop_words]

    def topic_words(self, text: str) -> list[str]:
        """Its own words as a follow-up takes them over: an English verb with its particle, "back up"."""
        said = words(text)
        followed = {word: after for word, after in pairwise(said) if self.code == ENGLISH and after in PARTICLES}
        return [f"{word} {followed[word]}" if word in followed else word for word in self.own_words(text)]

    def subject(self, text: str) -> str:
        """What is left of the text without its courtesies and function words."""
        plain = self._plain(text)
        if self.particles:
            return self.particles.sub(" ", self.asks.sub(" ", plain))
        return " ".join(self.own_words(plain))

    def says_nothing_new(self, text: str) -> bool:
        """Whether the message names no subject: thanks, a yes, or that something did not help."""
        return bool(self.nothing_new.fullmatch(self._plain(text)))

    def _plain(self, text: str) -> str:
        """Its words, without the courtesies they begin with."""
        return self.courtesies.sub("", " ".join(words(text)))

    def _count(self, word: str) -> int:
        """One; but of a run in a script without spaces about one for each pair of characters that are no particle."""
        if not UNSPACED.search(word):
            return 1
        rest = self.particles.sub(" ", word) if self.particles else word
        return sum(max(1, len(run) // 2) if UNSPACED.search(run) else 1 for run in _runs(rest))

    def refers_back(self, text: str) -> bool:
        """Whether a word stands for something that no earlier clause of the message itself has named."""
        clauses = [part for part in _CLAUSE_END.split(text) if part.strip()]
        first = next((i for i, clause in enumerate(clauses) if self.refers.search(" ".join(words(clause)))), None)
        return first is not None and len(self.own_words(" ".join(clauses[:first]))) < NAMED_WORDS


def likeliest(text: str) -> list[FollowUps]:
    """The languages with the most function words in the text: one, or several that tie; English wins every tie."""
    tables = _tables()
    if UNSPACED.search(text):
        return [tables["ja" if _KANA.search(text) else "zh" if _HAN.search(text) else ENGLISH]]
    said = words(text)
    votes = {code: sum(word in table.stop_words for word in said) for code, table in tables.items()}
    most = max(votes.values())
    if votes[ENGLISH] == most:
        return [tables[ENGLISH]]
    return [tables[code] for code, count in votes.items() if count == most]


def _runs(word: str) -> Iterator[str]:
    """The stretches of a word that are of one kind of script."""
    for part in word.split():
        yield from (run for run in re.split(r"([^\W_a-zA-Z0-9]+)", part) if run and re.search(r"\w", run))


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, FollowUps]:
    kept = json.loads((Path(__file__).parent / "follow_ups.json").read_text(encoding="utf-8"))
    return {code: _table(code, table) for code, table in kept.items()}


def _table(code: str, table: Mapping[str, Any]) -> FollowUps:
    from stopwordsiso import stopwords

    unspaced = "particles" in table
    edge = "" if unspaced else r"\b"
    one_of = {name: "|".join(alternatives) for name, alternatives in table.items()}
    courtesies = rf"(?:(?:{one_of['courtesies']}){edge}\s*)*" if one_of["courtesies"] else ""
    return FollowUps(
        code=code,
        refers=re.compile(rf"{edge}(?:{one_of['refers']}){edge}"),
        goes_on=re.compile(rf"^(?:{one_of['goes_on']}){edge}"),
        asks=re.compile(rf"{edge}(?:{one_of['asks']}){edge}"),
        generic=re.compile("|".join(table.get("generic", ("(?!)",)))),
        courtesies=re.compile(f"^{courtesies}"),
        nothing_new=re.compile(f"(?:{one_of['nothing_new']})?"),
        particles=re.compile(one_of["particles"]) if unspaced else None,
        stop_words=STOP_WORDS if code == ENGLISH or unspaced else frozenset(stopwords(code)) - set(table["subjects"]),
    )
