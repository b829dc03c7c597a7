"""What needs no article: small talk, the wish for a person, anger, law and safety. Pure.

Each rule reads the customer's words alone. Nothing here grants a power: a message that tries to instruct the
assistant is a question like any other and finds, or does not find, its article.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering import phrases, wording
from assistant.answers import Said
from assistant.states import Decision, Role
from assistant.terms import content_words, words

OFFER_OF_A_PERSON = wording.said("offer")


@dataclass(frozen=True)
class Verdict:
    """A decision made from the customer's words alone, with what to say."""

    decision: Decision
    reason: str
    text: str


def read(text: str, history: Sequence[Said] = (), language: str = "en") -> Verdict | None:
    """The verdict on a message that no article needs to answer; None for a question to look up.

    `language` is the customer's, as far as it is known.
    """
    plain = " ".join(words(text))
    return (
        _safety(plain)
        or _in_another_language(text, history, language)
        or _offer_taken(plain, history)
        or _person(text)
        or _small_talk(plain)
        or _no_subject(plain, history)
    )


def _safety(plain: str) -> Verdict | None:
    if phrases.SELF_HARM.search(plain):
        return Verdict(Decision.ESCALATE, "safety", phrases.SELF_HARM_TEXT)
    if phrases.DANGER.search(plain):
        return Verdict(Decision.ESCALATE, "safety", phrases.DANGER_TEXT)
    if phrases.LEGAL.search(plain):
        return Verdict(Decision.ESCALATE, "legal", phrases.LEGAL_TEXT)
    return None


def _in_another_language(text: str, history: Sequence[Said], language: str) -> Verdict | None:
    found = wording.understood(text, language, offered=_offered(history))
    if found is None:
        return None
    if found.intent in ("person", "yes"):
        return Verdict(Decision.ESCALATE, "asked for a person", wording.said("person", found.language))
    reply = "go_on" if found.intent == "no" else found.intent
    return Verdict(Decision.ANSWER, "small talk", wording.said(reply, found.language))


def _offered(history: Sequence[Said]) -> bool:
    """Whether the assistant has just offered a person, in whichever language."""
    if not history or history[-1].role != Role.ASSISTANT:
        return False
    return any(offer in history[-1].text for offer in wording.said_in_any("offer"))


def _offer_taken(plain: str, history: Sequence[Said]) -> Verdict | None:
    if not _offered(history):
        return None
    if phrases.YES.fullmatch(plain):
        return Verdict(Decision.ESCALATE, "asked for a person", phrases.PERSON_TEXT)
    if phrases.NO.fullmatch(plain):
        return Verdict(Decision.ANSWER, "small talk", wording.said("go_on"))
    return None


def _person(text: str) -> Verdict | None:
    # Sentence by sentence: "Don't transfer me. I want a refund" must not borrow words across the stop.
    sentences = [" ".join(words(part)) for part in re.split(r"[.?!,;\n]+", text)]
    for sentence in sentences:
        if _wants_person(sentence):
            return Verdict(Decision.ESCALATE, "asked for a person", phrases.PERSON_TEXT)
    if any(pattern.search(sentence) for pattern in phrases.UPSET for sentence in sentences):
        return Verdict(Decision.ESCALATE, "upset", phrases.UPSET_TEXT)
    return None


def _wants_person(sentence: str) -> bool:
    wanted = any(pattern.search(sentence) for pattern in phrases.WANTS_PERSON)
    return wanted and not phrases.REFUSES_PERSON.search(sentence)


def _small_talk(plain: str) -> Verdict | None:
    for pattern, reply in phrases.SMALL_TALK:
        if pattern.fullmatch(plain):
            return Verdict(Decision.ANSWER, "small talk", reply)
    return None


def _no_subject(plain: str, history: Sequence[Said]) -> Verdict | None:
    if any(said.role == Role.CUSTOMER for said in history):
        return None
    if all(word in phrases.WITHOUT_SUBJECT for word in content_words(plain)):
        return Verdict(
            Decision.CLARIFY,
            "too little to go on",
            "What do you need help with? A few words about the product, what you tried and what you saw are enough.",
        )
    return None
