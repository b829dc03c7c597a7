"""How much a character says: limits on lengths are those of alphabets. Pure."""

from functools import lru_cache

import regex

from assistant.llm.blocks import KEPT_TEXTS

# Of a sign, how many letters of an English translation it stands for: measured on help pages in both.
_SIGNS = (
    (regex.compile(r"\p{Han}"), 3.0),
    (regex.compile(r"\p{Hangul}"), 2.5),
    (regex.compile(r"[\p{Hiragana}\p{Katakana}]"), 1.5),
)


@lru_cache(maxsize=KEPT_TEXTS)
def density(text: str) -> float:
    """How many letters of an alphabet a character of the text stands for, on average; 1 for what is written in one."""
    if text.isascii():
        return 1.0
    more = sum((weight - 1) * len(sign.findall(text)) for sign, weight in _SIGNS)
    return 1 + more / len(text)
