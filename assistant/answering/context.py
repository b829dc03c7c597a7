"""What of the conversation a question needs: a bounded history, and the question made to stand alone. Pure."""

import re
from collections.abc import Sequence
from typing import Literal

from assistant.answering.courtesies import without_courtesies
from assistant.answers import Said
from assistant.states import Role
from assistant.terms import content_words, words
from knowledge.terms import UNSPACED

HISTORY_MESSAGES = 8
HISTORY_TOKENS = 1_000
MESSAGE_CHARACTERS = 1_000
QUESTION_CHARACTERS = 2_000
CARRIED_TERMS = 6
# With more words of its own a message says what it is about; chosen by measurement (docs/decisions/014-rewriting.md).
MOST_OWN_WORDS = 2
# An earlier clause with so many words of its own names what a later "it" is.
NAMED_WORDS = 2

_REFERS = re.compile(
    r"\b(?:it|its|it's|that|this|these|those|they|them|their|(?:which|the|another) ones?|same|others|another|above|"
    r"former|latter|previous|he|she|his|her)\b"
)
_CLAUSE_END = re.compile(r"[,;:.?!\n]+(?:\s|$)")
_CONTINUES = re.compile(
    r"^(?:and|but|or|so|also|then|what about|how about|what if|why|why not|how so|how come|ok|okay|still|"
    r"in that case|for|on|with|without|instead|yes|no|any|what else|anything else)\b"
)
_ASKS = re.compile(r"\b(?:how|what|where|when|which|who|why|can|could|do|does|did|is|are|am|will|would|should|may)\b")
_NOTHING_NEW = re.compile(
    r"^(?:ok|okay|thanks|thank you|yes|no|hi|hello|hey|great|sure|cool)?(?:\s|$|[,.!])*$|^(?:that )?(?:did not|didn't|"
    r"doesn't|does not) (?:work|help)$|^(?:it )?still (?:not working|the same|doesn't work)$"
)


def bounded(history: Sequence[Said]) -> tuple[Said, ...]:
    """The newest messages that fit HISTORY_TOKENS, from a customer's on; an overlong one keeps its beginning."""
    from langchain.messages import AIMessage, HumanMessage, trim_messages  # no use without a generative model
    from langchain_core.messages.utils import count_tokens_approximately

    recent = [Said(said.role, said.text[:MESSAGE_CHARACTERS]) for said in history[-HISTORY_MESSAGES:]]
    messages = [HumanMessage(said.text) if said.role == Role.CUSTOMER else AIMessage(said.text) for said in recent]
    kept = trim_messages(
        messages, max_tokens=HISTORY_TOKENS, token_counter=count_tokens_approximately, start_on="human"
    )
    return tuple(recent[len(recent) - len(kept) :])


def standalone(text: str, history: Sequence[Said] = ()) -> str:
    """The question to look up: the text itself, with the topic of earlier questions where it leans on them.

    Selective: a message that says what it is about is left alone, since old terms would only drown it.
    """
    question = without_courtesies(text[:QUESTION_CHARACTERS])
    if not leans_on_history(question):
        return question
    carried = _topic([said.text for said in history if said.role == Role.CUSTOMER])
    own = set(content_words(question))
    added = [word for word in carried if word not in own]
    return f"{question} ({' '.join(added)})" if added else question


def leans_on_history(text: str) -> bool:
    """Whether the message is a follow-up."""
    return leaning(text) is not None


def leaning(text: str) -> Literal["fragment", "refers back", "goes on"] | None:
    """How a message of few words is a follow-up: a mere fragment, referring back, or going on; None when it is none."""
    plain = " ".join(words(text))
    own = content_words(text)
    if sum(_words_in(word) for word in own) > MOST_OWN_WORDS:
        return None
    if not own or (len(own) == 1 and not _ASKS.search(plain)):
        return "fragment"
    if refers_back(text):
        return "refers back"
    return "goes on" if _CONTINUES.match(plain) else None


def _words_in(word: str) -> int:
    """One; but of a run in a script without spaces about one for each pair of characters."""
    return max(1, len(word) // 2) if UNSPACED.search(word) else 1


def refers_back(text: str) -> bool:
    """Whether a word stands for something that no earlier clause of the message itself has named."""
    clauses = [part for part in _CLAUSE_END.split(text) if part.strip()]
    first = next((i for i, clause in enumerate(clauses) if _REFERS.search(" ".join(words(clause)))), None)
    return first is not None and len(content_words(" ".join(clauses[:first]))) < NAMED_WORDS


def _topic(customer_texts: Sequence[str]) -> list[str]:
    """The words of the latest questions back to one that stands alone, that one's first."""
    gathered: list[list[str]] = []
    for said in reversed(customer_texts[-4:]):
        text = without_courtesies(said[:MESSAGE_CHARACTERS])
        if _NOTHING_NEW.match(" ".join(words(text))):
            continue
        gathered.append(content_words(text))
        if not leans_on_history(text):
            break
    topic = [word for part in reversed(gathered) for word in part]
    return list(dict.fromkeys(topic))[:CARRIED_TERMS]
