"""What the first words of a sentence or heading say of its place, in the languages of openings.json. Pure.

A sentence that opens with one of `leans` says too little without the one before it, with one of `goes_on` it is a
further step, with one of `begins` it may be the first; under a heading of `exceptions` stands what limits the section
before. Languages without a list have English's.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.terms import UNSPACED

_BEFORE = r"[\W_]*"


@dataclass(frozen=True)
class Openings:
    """The openings of one language; each takes the Markdown of a sentence, a paragraph or a heading."""

    _leans: re.Pattern[str]
    _goes_on: re.Pattern[str]
    _begins: re.Pattern[str]
    _exceptions: re.Pattern[str]

    def leans(self, sentence: str) -> bool:
        """Whether it is not to be read without what stands before it."""
        return bool(self._leans.match(sentence)) or self.goes_on(sentence)

    def goes_on(self, sentence: str) -> bool:
        """Whether it is a further step, as in "Next, ..."."""
        return bool(self._goes_on.match(sentence))

    def begins(self, sentence: str) -> bool:
        """Whether it may be the first step, as in "To reset it, open ..."."""
        return bool(self._begins.match(sentence))

    def excepts(self, heading: str) -> bool:
        """Whether what is under the heading limits what stands before it."""
        return bool(self._exceptions.match(heading))


@lru_cache
def openings(language: str) -> Openings:
    """The openings of a language, given as its two letters."""
    kept = _kept()
    lists = kept.get(language, kept["en"])
    return Openings(*(_pattern(lists[name]) for name in ("leans", "goes_on", "begins", "exceptions")))


@lru_cache(maxsize=1)
def _kept() -> Mapping[str, Mapping[str, Sequence[str]]]:
    loaded = json.loads(Path(__file__).with_name("openings.json").read_text(encoding="utf-8"))
    return dict(loaded)


def _pattern(alternatives: Sequence[str]) -> re.Pattern[str]:
    """Whole words, but for scripts that put no spaces between them."""
    ends = "" if UNSPACED.search("".join(alternatives)) else r"(?!\w)"
    either = "|".join(alternatives).replace("'", "['’]")
    return re.compile(f"{_BEFORE}(?:{either}){ends}", re.I)
