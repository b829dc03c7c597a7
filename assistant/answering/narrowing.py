"""A short message that asks in one sentence and chats in the others: that sentence is looked up alone. Pure.

Chosen by measurement (docs/decisions/030-small-talk.md).
"""

from collections.abc import Iterable

from assistant.answering import confidence
from assistant.answering.asking_signs import MARKED, SENTENCE_END
from assistant.answering.context import refers_back
from assistant.answering.readings import Found
from assistant.answering.several import MOST_CHARACTERS
from assistant.terms import content_words

# Each costs a search.
MOST_SENTENCES = 6
FEWEST_WORDS = 2
# "This doesn't happen with Chrome" goes on with a case; "Can I run it on Windows?" means the product.
OPENING_WORDS = 2
# A sentence out of its message says less than the message: it has to be much surer than an answer must be.
SURE = 0.8

Read = tuple[Found, confidence.Reading]


def sentences(message: str) -> list[str]:
    """What may be looked up alone, in the order of the message; empty where it is one sentence, or describes a case.

    Where sentences are marked as questions it is they that ask.
    """
    apart = [sentence.strip() for sentence in SENTENCE_END.split(message) if sentence.strip()]
    if len(message) > MOST_CHARACTERS or not 1 < len(apart) <= MOST_SENTENCES:
        return []
    apart = list(filter(MARKED.search, apart)) or apart
    return [sentence for sentence in apart if len(content_words(sentence)) >= FEWEST_WORDS and not _goes_on(sentence)]


def surest(read: Iterable[Read]) -> Read | None:
    """What was found for the surest of the sentences; None where none is sure."""
    found = max(read, key=lambda each: each[1].confidence, default=None)
    return found if found and found[1].answerable and found[1].confidence >= SURE else None


def _goes_on(sentence: str) -> bool:
    return refers_back(" ".join(sentence.split()[:OPENING_WORDS]))
