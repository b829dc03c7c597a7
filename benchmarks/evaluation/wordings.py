"""The same question in other words: seeded alterations, each of one kind, that no customer means anything by."""

import re
from collections.abc import Callable
from random import Random

from benchmarks.evaluation.dialects import DIALECTS, Dialect

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ARTICLES = re.compile(r"\b(?:a|an|the)\s+", re.I)
_SPELLINGS = [
    ("color", "colour"), ("ization", "isation"), ("ize", "ise"), ("center", "centre"), ("license", "licence"),
    ("canceled", "cancelled"), ("canceling", "cancelling"), ("behavior", "behaviour"), ("favorite", "favourite"),
    ("catalog", "catalogue"), ("gray", "grey"), ("analyze", "analyse"), ("program", "programme"), ("check", "cheque"),
]  # fmt: skip
_CONTRACTED = [
    ("do not", "don't"), ("does not", "doesn't"), ("cannot", "can't"), ("is not", "isn't"), ("I am", "I'm"),
    ("what is", "what's"), ("how do I", "how d'I"), ("it is", "it's"), ("I have", "I've"), ("are not", "aren't"),
]  # fmt: skip
_POLITE = (
    "Could you please tell me, {0} Thank you so much in advance!",
    "Hello, sorry to bother you. {0} Many thanks!",
)
_SMALL_TALK = (
    "Hi there, hope you are having a good day! I have been with you for years and I am very happy so far. {0} "
    "By the way, my weekend was lovely. Anyway, I would be glad to hear from you.",
    "Good morning! So I was sitting here with a coffee and wondered about something. {0} No hurry, take your time.",
)
# Not looked at when the acts were learned.
_OTHER_SMALL_TALK = (
    "Hiya, hope the week is treating you kindly! We moved house recently and everything is upside down. {0} "
    "Sending a big hug from Lisbon.",
    "Good afternoon everyone, it is my first time in this chat. My grandson set it all up for me. {0} "
    "You are doing a wonderful job, keep it up!",
    "Hey! The coffee machine at work broke, so I am half asleep. {0} That would really make my day.",
)
# What is true of a customer and tells nothing about the question: nobody answers it, and it is no courtesy either.
_CONTEXT = (
    "We are a family firm of eleven people in two towns, and my sister looks after the office in the smaller one. "
    "She began in spring and has picked up most of it by herself. Since Monday both of us work on the same things, "
    "she in the mornings and I from two o'clock on. {0}",
    "My old computer went to the repair shop last week, so I am on a borrowed one with a screen half the size. "
    "Everything on it is where I left it, only smaller, and the neighbour's lad has put my bookmarks back. {0}",
)
_STORY = (
    "Yesterday evening my boss rang and wanted something done before she leaves for Madrid. I sat down after dinner, "
    "clicked through every page I could find and wrote three things on a slip of paper that I cannot read any more. "
    "In the end there was one thing left that I could not find out by myself: {0}",
    "I promised my daughter that I would have this finished by the weekend. On Thursday I thought that I was nearly "
    "there, then the phone rang, and when I came back I had lost the thread. So this is what I would like to know "
    "now: {0}",
)
# Words that people leave out when they type into a search box.
_NO_KEY_WORD = re.compile(
    r"\b(?:a|an|the|this|that|these|those|i|you|he|she|it|we|they|me|us|them|my|your|our|its|their|is|are|was|were|am|"
    r"be|been|being|do|does|did|have|has|had|having|can|could|will|would|shall|should|may|might|must|how|what|which|"
    r"where|when|why|who|whom|to|of|in|on|at|for|from|by|with|as|and|or|but|so|if|then|than|there|here|please|just|"
    r"also|any|some)\b(?!')",
    re.I,
)
# A longer message tells a case, which no few words say.
_MOST_WORDS_CUT = 25

Alteration = Callable[[str, Random], str]


def _in_a_word(change: Callable[[str, int, Random], str]) -> Alteration:
    """One typo in each third word of at least five letters, at least one; the first letter stays."""

    def altered(text: str, random: Random) -> str:
        words = text.split(" ")
        long = [i for i, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
        for i in random.sample(long, max(len(long) // 3, min(len(long), 1))):
            words[i] = change(words[i], random.randrange(1, len(words[i]) - 1), random)
        return " ".join(words)

    return altered


def _neighbour(word: str, at: int, random: Random) -> str:
    row = next((row for row in _KEYS if word[at].lower() in row), "")
    place = row.find(word[at].lower())
    return word[:at] + row[place - 1 if place else 1] + word[at + 1 :] if row else word


def _replaced(pairs: list[tuple[str, str]]) -> Alteration:
    def altered(text: str, random: Random) -> str:
        for one, other in pairs:
            text = re.sub(one, other, text, flags=re.I) if re.search(one, text, re.I) else re.sub(other, one, text)
        return text

    return altered


def _joined(text: str, random: Random) -> str:
    spaces = [match.start() for match in re.finditer(" ", text)]
    at = random.choice(spaces) if spaces else len(text)
    return text[:at] + text[at + 1 :]


def _key_words(text: str, random: Random) -> str:
    if len(text.split()) > _MOST_WORDS_CUT:
        return text
    return " ".join(re.sub(r"[?!,;:.](?=\s|$)", "", _NO_KEY_WORD.sub(" ", text)).split()) or text


WORDINGS: dict[str, Alteration | Dialect] = {
    "typo: letters swapped": _in_a_word(lambda w, i, _: w[:i] + w[i + 1] + w[i] + w[i + 2 :]),
    "typo: letter left out": _in_a_word(lambda w, i, _: w[:i] + w[i + 1 :]),
    "typo: letter doubled": _in_a_word(lambda w, i, _: w[: i + 1] + w[i:]),
    "typo: neighbouring key": _in_a_word(_neighbour),
    "typo: space left out": _joined,
    "all capitals": lambda text, _: text.upper(),
    "no capitals, no punctuation": lambda text, _: re.sub(r"[?!,;:\"'()]|\.(?=\s|$)", "", text).lower(),
    "polite": lambda text, random: random.choice(_POLITE).format(text),
    "small talk around it": lambda text, random: random.choice(_SMALL_TALK).format(text),
    "other small talk around it": lambda text, random: random.choice(_OTHER_SMALL_TALK).format(text),
    "non-native: no articles": lambda text, _: _ARTICLES.sub("", text),
    "the other English spelling": _replaced(_SPELLINGS),
    "contractions, or none": _replaced(_CONTRACTED),
    "longer: true context before it": lambda text, random: random.choice(_CONTEXT).format(text),
    "longer: told as a story": lambda text, random: random.choice(_STORY).format(text),
    "shorter: its key words": _key_words,
    **{f"dialect: {name}": dialect for name, dialect in DIALECTS.items()},
}
