"""What a sentence says besides what backs it. Pure.

A proper sentence may carry something else along, "..., and I gladly obey", without losing much of its share.
"""

import re
from collections.abc import Sequence

from assistant.answering.claims import Claims, read

# Terms in a row that stand nowhere in what backs a sentence, from which on they are no other wording of it.
ADDED_TERMS = 3
# A clause before the first that is backed may be a phrase like "unfortunately".
LEADING_TERMS = 2
# Share of a clause's terms that one window must hold, where a sentence rests on several.
IN_ONE_WINDOW = 0.75
# A clause of words that mean little says something from so many on, if half of them are none of what backs it.
ADDED_WORDS = 3

_CLAUSE_END = re.compile(r"[()|“”\"。，、；：！？（）]+|[.!?;:,]+(?=\s|$)|\s[–—-]\s")


def adds(claims: Claims, backing: Sequence[Claims], fillers: frozenset[str]) -> bool:
    """Whether a clause, or some words in a row, of the sentence are none of the windows, titles and headings."""
    held = fillers.union(*(each.held | each.implied for each in backing))
    return _run(claims, held) >= ADDED_TERMS or _adds_clause(claims, held, backing)


def is_scattered(claims: Claims, windows: Sequence[Claims]) -> bool:
    """Whether a clause finds its words in several windows, and too few of them in any one."""
    clauses = (read(clause, language=claims.language).held for clause in _CLAUSE_END.split(claims.text))
    return any(
        len(said) >= ADDED_TERMS
        and max(len(said & (each.held | each.implied)) for each in windows) < IN_ONE_WINDOW * len(said)
        for said in clauses
    )


def _run(claims: Claims, held: frozenset[str]) -> int:
    most = found = 0
    for term in claims.terms:
        found = 0 if term in held else found + 1
        most = max(most, found)
    return most


def _adds_clause(claims: Claims, held: frozenset[str], backing: Sequence[Claims]) -> bool:
    known = frozenset().union(*(each.words for each in backing))
    backed = False
    for text in filter(str.strip, _CLAUSE_END.split(claims.text)):
        clause = read(text, language=claims.language)
        misread = clause.held - claims.held  # in small letters, as codes may be
        if clause.held & held or clause.numbers or misread:
            backed = True
        elif _says_something(clause, known, LEADING_TERMS if not backed else 1):
            return True
    return False


def _says_something(clause: Claims, known: frozenset[str], least_terms: int) -> bool:
    if clause.held:
        return len(clause.held) >= least_terms
    return len(clause.words) >= ADDED_WORDS and 2 * len(clause.words - known) >= len(clause.words)
