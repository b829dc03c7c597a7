"""A question without the courtesies around it: they say nothing of what is asked, and a search takes them for words.

A sentence that is surely small talk is left out, as learned acts read it in English (acts.py) and patterns in other
languages (hearing.py), and so is a polite opening of a sentence. Anything else stays.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.answering import acts, hearing
from assistant.terms import content_words

# The chance of being small talk from which a sentence is left out, chosen on the tuning parts; and that of its parts.
SURELY, RATHER = 0.9, 0.5
# Parts between commas of fewer words may belong to what is asked: "no, ...", "ok, ...".
PART_WORDS = 3
# Each part of a turn reads the same message: six times before a model is asked.
REMEMBERED = 64

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*|[.!?\n]+\s*")
_PART = re.compile(r"[^,;]+[,;]*\s*|[,;]+\s*")
# At the beginning of a sentence, as often as they come.
_OPENING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day))\b"
    r"(?: (?:there|all|team|everyone|support|sirs?|madam|or|and|customer|service))*|"
    r"(?:i'?m |i am )?(?:so |very )?sorry (?:to (?:bother|disturb|trouble) you|"
    r"for (?:bothering|disturbing|troubling) you)(?: again)?|"
    r"excuse me|by the way|anyway|"
    r"(?:please )?(?:could|can|would|will) (?:you|u|someone|somebody) (?:please |kindly |perhaps |maybe )*"
    r"(?:tell me|let me know|explain to me|help me understand|advise me?)|"
    r"i (?:was (?:just )?wondering|would (?:just )?like to know|just wanted to (?:ask|know)|"
    r"have (?:a|one) (?:quick |short |little )?question)|"
    r"(?:quick|short|just a) question)\b[\s,:;!.-]*(?:but |and |if |about )?",
    re.I,
)


@lru_cache(REMEMBERED)
def without_courtesies(text: str) -> str:
    """The text without courtesies; as it is when nothing that says what it is about would be left."""
    rest = "".join(_kept(text)).strip()
    return rest if content_words(rest) else text.strip()


def _kept(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.findall(acts.apart(text)):
        asked = _opened(sentence)
        if asked and not _is_small_talk(asked):
            yield _without_ends(asked)


def _opened(sentence: str) -> str:
    while (opening := _OPENING.match(sentence)) and opening.end():
        sentence = sentence[opening.end() :]
    return sentence


def _without_ends(sentence: str) -> str:
    """Without the parts before its first and after its last comma that are small talk."""
    parts = _PART.findall(sentence)
    while len(parts) > 1 and _leaves(parts[0]):
        parts.pop(0)
    while len(parts) > 1 and _leaves(parts[-1]):
        parts.pop()
    return "".join(parts)


def _leaves(part: str) -> bool:
    return len(part.split()) >= PART_WORDS and _is_small_talk(part)


def _is_small_talk(text: str) -> bool:
    """Whether it is small talk as a whole or part by part, and no part of it rather asks."""
    whole, parts = _chance(text), [_chance(part) for part in acts.sentences(text)]
    if parts and min(parts) >= RATHER and max(whole, min(parts)) >= SURELY:
        return True
    heard = hearing.small_talk(text, "")
    return heard is not None and heard.act != "too_little"


def _chance(text: str) -> float:
    chances = acts.learned().read(text)
    return sum(chances[act] for act in acts.COURTESIES)
