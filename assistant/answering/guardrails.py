"""What needs no article: small talk, the wish for a person, anger, law and safety, what didn't help. Pure.

Each rule reads the customer's words alone. Nothing here grants a power: a message that tries to instruct the
assistant is a question like any other and finds, or does not find, its article.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.answering import acts, phrases, rules, wording
from assistant.answers import Rule, Said
from assistant.states import Decision, Role
from assistant.terms import content_words, words

OFFER_OF_A_PERSON = wording.said("offer")
ASKED, UPSET, SMALL_TALK = "asked for a person", "upset", "small talk"
# Chosen on the tuning parts: no question of theirs is taken for a wish for a person from here on.
CERTAIN = 0.5
# Chance of more than small talk below which a sentence is small talk, as chosen on the tuning parts.
SMALL_ENOUGH = 0.6
# Messages of the customer that may lie between two that say it didn't help: what was asked for, and no more.
BETWEEN_FAILURES = 2
# Of a rule's phrases, what is named as the reason.
WORDS_CHARACTERS = 2_000


@dataclass(frozen=True)
class Verdict:
    """A decision made from the customer's words alone, with what to say, the rule behind it and its figures."""

    decision: Decision
    reason: str
    text: str
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Read:
    """A sentence with the probability of each act."""

    text: str
    chance: Mapping[str, float]

    def basis(self, act: str) -> dict[str, Any]:
        """Why a verdict rests on this sentence."""
        return {"rule": f"sentence read as {act}", "words": self.text, "value": round(self.chance[act], 3)}

    @property
    def asks(self) -> float:
        """The chance that it is more than small talk."""
        return sum(self.chance[act] for act in (acts.OTHER, acts.PERSON, acts.UPSET, acts.UNHELPED))


def read(
    text: str, history: Sequence[Said] = (), laid_down: Sequence[Rule] = (), language: str = "en"
) -> Verdict | None:
    """The verdict on a message that no article needs to answer; None for a question to look up.

    `language` is the customer's, as far as it is known.
    """
    plain = " ".join(words(text))
    said = [_Read(sentence, acts.learned().read(sentence)) for sentence in acts.sentences(text)]
    return (
        _safety(plain)
        or _rule(text, laid_down)
        or (_in_english(plain, said, history) if language == wording.ENGLISH else None)
        or _in_another_language(text, history, language)
        or _in_english(plain, said, history)
        or _unhelped(said, history)
        or _small_talk(said)
        or _no_subject(plain, history)
    )


def _safety(plain: str) -> Verdict | None:
    for reason, pattern, reply in phrases.DANGERS:
        if found := pattern.search(plain):
            return Verdict(Decision.ESCALATE, reason, reply, {"rule": f"words of {reason}", "words": found[0]})
    return None


def _in_english(plain: str, said: Sequence[_Read], history: Sequence[Said]) -> Verdict | None:
    return _offer_taken(plain, history) or _person(said)


def _rule(text: str, laid_down: Sequence[Rule]) -> Verdict | None:
    matched = rules.first_match(text, laid_down)
    if matched is None:
        return None
    rule, found = matched
    basis = {"rule": f"escalation rule {rule.name}", "words": ", ".join(found)[:WORDS_CHARACTERS]}
    return Verdict(Decision.ESCALATE, f"rule: {rule.name}", rule.message or phrases.PERSON_TEXT, basis)


def _in_another_language(text: str, history: Sequence[Said], language: str) -> Verdict | None:
    found = wording.understood(text, language, offered=_offered(history))
    if found is None:
        return None
    basis = {"rule": f"phrase read as {found.intent}", "words": text}
    if found.intent in ("person", "yes"):
        return Verdict(Decision.ESCALATE, ASKED, wording.said("person", found.language), basis)
    reply = "go_on" if found.intent == "no" else found.intent
    return Verdict(Decision.ANSWER, SMALL_TALK, wording.said(reply, found.language), basis)


def _offered(history: Sequence[Said]) -> bool:
    """Whether the assistant has just offered a person, in whichever language."""
    return any(offer in _last_said(history) for offer in wording.said_in_any("offer"))


def _offer_taken(plain: str, history: Sequence[Said]) -> Verdict | None:
    if not _offered(history):
        return None
    basis = {"rule": "answer to the offer of a person", "words": plain}
    if phrases.YES.fullmatch(plain):
        return Verdict(Decision.ESCALATE, ASKED, phrases.PERSON_TEXT, basis)
    if phrases.NO.fullmatch(plain):
        return Verdict(Decision.ANSWER, SMALL_TALK, wording.said("go_on"), basis)
    return None


def _person(said: Sequence[_Read]) -> Verdict | None:
    for each in said:
        wish, anger = each.chance[acts.PERSON], each.chance[acts.UPSET]
        if wish + anger < CERTAIN:
            continue
        if wish >= anger:
            return Verdict(Decision.ESCALATE, ASKED, phrases.PERSON_TEXT, each.basis(acts.PERSON))
        return Verdict(Decision.ESCALATE, UPSET, phrases.UPSET_TEXT, each.basis(acts.UPSET))
    return None


def _unhelped(said: Sequence[_Read], history: Sequence[Said]) -> Verdict | None:
    """What was said did not help: asked back once; the second time in a row a person is brought."""
    complaint = next((each for each in said if each.chance[acts.UNHELPED] >= CERTAIN), None)
    if complaint is None or any(each.asks - each.chance[acts.UNHELPED] >= CERTAIN for each in said):
        return None
    basis = complaint.basis(acts.UNHELPED)
    if not _last_said(history):
        return Verdict(Decision.CLARIFY, "too little to go on", phrases.TOO_LITTLE_TEXT, basis)
    if _last_said(history).startswith(wording.said_in_any("not_found")) or _unhelped_before(history):
        return Verdict(Decision.ESCALATE, "failed twice", phrases.UNHELPED_TWICE_TEXT, basis)
    return Verdict(Decision.CLARIFY, "did not help", f"{phrases.UNHELPED_TEXT} {OFFER_OF_A_PERSON}", basis)


def _unhelped_before(history: Sequence[Said]) -> bool:
    asked = [message.text for message in history if message.role == Role.CUSTOMER][-BETWEEN_FAILURES:]
    return any(_read_as(text, acts.UNHELPED) for text in asked)


def _read_as(text: str, act: str) -> bool:
    return any(acts.learned().read(sentence)[act] >= CERTAIN for sentence in acts.sentences(text))


def _small_talk(said: Sequence[_Read]) -> Verdict | None:
    if not said or any(each.asks >= SMALL_ENOUGH for each in said):
        return None
    done = {max(phrases.SMALL_TALK, key=each.chance.__getitem__): each for each in said}
    act = next(act for act in phrases.SMALL_TALK if act in done)
    return Verdict(Decision.ANSWER, SMALL_TALK, phrases.SMALL_TALK[act], done[act].basis(act))


def _no_subject(plain: str, history: Sequence[Said]) -> Verdict | None:
    if any(said.role == Role.CUSTOMER for said in history):
        return None
    if all(word in phrases.WITHOUT_SUBJECT for word in content_words(plain)):
        basis = {"rule": "no word says what it is about", "words": plain}
        return Verdict(Decision.CLARIFY, "too little to go on", phrases.TOO_LITTLE_TEXT, basis)
    return None


def _last_said(history: Sequence[Said]) -> str:
    """What the assistant said last, if nobody spoke since."""
    return history[-1].text if history and history[-1].role == Role.ASSISTANT else ""
