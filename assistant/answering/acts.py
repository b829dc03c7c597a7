"""What a customer's sentence does: asks for a person, complains, thanks, greets, or asks something to look up. Pure.

A softmax over the words of a sentence and their neighbours. Its weights stand in acts.json, which
`python -m benchmarks.train_acts` learns from phrases of every kind and from real questions.
"""

import json
import math
import re
from collections.abc import Container, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

PERSON, STAY, UPSET, UNHELPED, OTHER = "person", "stay", "upset", "unhelped", "other"
COURTESIES = ("greeting", "wellbeing", "thanks", "goodbye", "understood", "aside")
# A longer message tells a story; its sentences are read no further.
MOST_SENTENCES = 12
LONGEST = 12
# Sentences whose reading is kept: a message is read for one thing after another.
REMEMBERED = 64
UNKNOWN = "?"
SHORTEST_MISTYPED = 4
MISTYPED_OFTEN = (
    "advisor", "agent", "assistant", "colleague", "connect", "customer", "employee", "hello", "human", "manager",
    "operator", "person", "please", "representative", "service", "someone", "somebody", "speak", "supervisor",
    "support", "talk", "thanks", "transfer", "want", "with", "would",
)  # fmt: skip

_SENTENCE_END = re.compile(r"[.?!,;:\n()…]+")
# A courtesy after a question without a stop between them. "Send a Thank You card" and "say thank you" hold none.
_RUN_ON = re.compile(
    r"(?<=[^\W_])(?<!\ba)(?<!\bthe)(?<!\bsay)(?<!\bmy)(?<!\byour)(?<![Mm]any)(?<!\bof)[ \t]+"
    r"(?=(?:(?:Many |So many |A lot of )?[Tt]hanks|Thank you|Thx|Cheers|(?:Kind|Best) regards)\b"
    r"(?:[.!,]|$| (?:so|very) much\b| in advance\b| for (?:your|the|any|all)\b)|"
    r"(?:No (?:hurry|rush)|Take your time|By the way|Anyway|Have a (?:nice|good|great|lovely))\b)"
)
# Anger that what it is about follows without a stop: "THIS IS RIDICULOUS I HAVE BEEN WAITING 3 WEEKS".
_ANGER_RUN_ON = re.compile(
    r"\b(th(?:is|at) is (?:so |just |absolutely |completely |totally )?"
    r"(?:ridiculous|unacceptable|outrageous|infuriating|disgraceful|a disgrace|pathetic))[ \t]+"
    r"(?=(?:i|i['’]m|i['’]ve|we|we['’]ve|you|nobody|no one)\b)",
    re.I,
)
_WORD = re.compile(r"[^\W_]+(?:['’`´][^\W_]+)*")
_APOSTROPHE = re.compile(r"['’`´]")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")


class Acts:
    """Learned weights {"acts": names, "features": {feature: {act: weight}}}, applied to sentences."""

    def __init__(self, fitted: Mapping[str, Any]) -> None:
        self._acts: list[str] = fitted["acts"]
        self._weights: Mapping[str, Mapping[str, float]] = fitted["features"]
        self.read = lru_cache(REMEMBERED)(self._read)  # shared by all who ask the same: not to be changed

    def _read(self, sentence: str) -> Mapping[str, float]:
        """The probability of each act, 0..1, together 1. Words that nobody knows are a question."""
        if not any(word in self._weights for word in plain_words(sentence)):
            return {act: float(act == OTHER) for act in self._acts}
        scores = dict.fromkeys(self._acts, 0.0)
        for feature in features(sentence, self._weights):
            for act, weight in self._weights.get(feature, {}).items():
                scores[act] += weight
        top = max(scores.values())
        powers = {act: math.exp(score - top) for act, score in scores.items()}
        whole = sum(powers.values())
        return {act: power / whole for act, power in powers.items()}


@lru_cache(maxsize=1)
def learned() -> Acts:
    """The weights that the product ships."""
    return Acts(json.loads((Path(__file__).parent / "acts.json").read_text(encoding="utf-8")))


def sentences(text: str) -> list[str]:
    """The sentences of a message; commas end one, too: "No, don't transfer me. I want a refund" are three."""
    parts = (part.strip() for part in _SENTENCE_END.split(apart(text)))
    return [part for part in parts if _WORD.search(part)][:MOST_SENTENCES]


def apart(text: str) -> str:
    """The text with a line break before a courtesy that follows without a stop, or behind anger that goes on."""
    return _ANGER_RUN_ON.sub(r"\1\n", _RUN_ON.sub("\n", text))


def features(sentence: str, known: Container[str]) -> set[str]:
    """Words, pairs and threes of them with the sentence's ends, and its length; words not known are all the same."""
    held = [_known(word, known) for word in plain_words(sentence)]
    framed = ["^", *held, "$"]
    found = {"*", f"*{min(len(held), LONGEST)}", *held}
    for size in (2, 3):
        found.update(" ".join(framed[at : at + size]) for at in range(len(framed) - size + 1))
    return found


def plain_words(sentence: str) -> list[str]:
    """Lower-cased words without apostrophes and drawn-out letters: "Don't" and "dont", "helloooo" and "hello"."""
    plain = _APOSTROPHE.sub("", sentence.lower())
    return [_DRAWN_OUT.sub(r"\1", word) for word in _WORD.findall(plain)]


def one_slip(typed: str, meant: str) -> bool:
    """Whether one letter too many, too few, wrong or exchanged with its neighbour makes `typed` of `meant`."""
    same = 0
    while same < min(len(typed), len(meant)) and typed[same] == meant[same]:
        same += 1
    rest, wanted = typed[same:], meant[same:]
    exchanged = len(rest) > 1 and rest[1::-1] == wanted[:2] and rest[2:] == wanted[2:]
    return exchanged or rest[1:] == wanted[1:] or rest == wanted[1:] or rest[1:] == wanted


def _known(word: str, known: Container[str]) -> str:
    return word if word in known else next((meant for meant in _meant(word) if meant in known), UNKNOWN)


@lru_cache(maxsize=4096)
def _meant(word: str) -> tuple[str, ...]:
    """The words of MISTYPED_OFTEN that are one slip of the fingers away."""
    if len(word) < SHORTEST_MISTYPED:
        return ()
    return tuple(meant for meant in MISTYPED_OFTEN if meant[0] == word[0] and one_slip(word, meant))
