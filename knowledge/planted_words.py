"""How much the words of a sentence speak to an assistant, learned; and where sentences that do so stand together. Pure.

Patterns know the openings of an instruction. A role to play, the rules of a game, a persona's life go on for
paragraphs without any; each of their sentences alone is little evidence, all of them are enough.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

# Log-odds of a stretch from which on it is planted: above any stretch of the help centres' tuning parts.
ENOUGH = 7.0
# What one sentence adds: never so much as to be enough, and one that says nothing interrupts no stretch.
LEAST, MOST = -2.0, 5.0
CHARACTERS, WORDS = 600, 60

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[\[\]\"“”*{}<>|()]")


def evidence(sentence: str) -> float:
    """Log-odds, LEAST..MOST, that the folded sentence is of an attack and not of a help centre's article."""
    weights, bias = _learned()
    score = bias + sum(weights.get(feature, 0.0) for feature in features(sentence))
    return min(max(score, LEAST), MOST)


def stretches(scores: Sequence[float]) -> Iterator[range]:
    """The places of sentences that are together ENOUGH, by the evidence of each.

    Each is a segment of the largest sum (J. Bentley, "Programming pearls: algorithm design techniques", 1984), ended
    where the sum has fallen by ENOUGH; so it begins and ends with evidence.
    """
    begun, total, best, last = 0, 0.0, 0.0, 0
    for place, score in enumerate([*scores, -float("inf")]):
        total += score
        if total <= max(0.0, best - ENOUGH):
            if best >= ENOUGH:
                yield range(begun, last + 1)
            begun, total, best = place + 1, 0.0, 0.0
        if total > best:
            best, last = total, place


def features(sentence: str) -> set[str]:
    """Words and marks, and pairs of them with the sentence's ends; numbers are all the same."""
    found = [word.lower().replace("’", "'") for word in _WORD.findall(sentence[:CHARACTERS])][:WORDS]
    framed = ["^", *("#" if word.isdigit() else word for word in found), "$"]
    return {*framed[1:-1], *(f"{one} {other}" for one, other in pairwise(framed))}


def knows(word: str) -> bool:
    """Whether something was learned of the lower-case word."""
    return word in _learned()[0]


@lru_cache(maxsize=1)
def _learned() -> tuple[Mapping[str, float], float]:
    """Weights by feature, and what every sentence begins with."""
    loaded = json.loads((Path(__file__).with_suffix(".json")).read_text(encoding="utf-8"))
    return loaded["weights"], loaded["bias"]
