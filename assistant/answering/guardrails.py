"""What needs no article: small talk, the wish for a person, anger, law, safety, break-ins, what didn't help. Pure.

Each rule reads the customer's words alone. Nothing here grants a power: a message that tries to instruct the
assistant is a question like any other and finds, or does not find, its article.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.answering import acts, hearing, rules, wording
from assistant.answers import ASKED, LEGAL, SAFETY, Rule, Said
from assistant.states import Decision, Role
from assistant.terms import WITHOUT_SUBJECT, content_words, words

UPSET, SMALL_TALK_REASON = "upset", "small talk"
# Chosen on the tuning parts: no question of theirs is taken for a wish for a person from here on.
CERTAIN = 0.5
# Chance of more than small talk below which a sentence is small talk, as chosen on the tuning parts; and from which on
# an article may know better: "do you have a sauna?" and "do you have a hobby?" differ in one word.
SMALL_ENOUGH, SURELY_SMALL = 0.7, 0.3
# Messages of the customer that may lie between two that say it didn't help: what was asked for, and no more.
BETWEEN_FAILURES = 2
# Where a message does several, the first of these is answered.
SMALL_TALK = (
    "stay", "bot", "abilities", "name", "personal", "pastime", "goodbye", "thanks", "wellbeing", "understood", "aside",
    "greeting",
)  # fmt: skip
ACCOUNT = "account"
# Of a rule's phrases, what is named as the reason.
WORDS_CHARACTERS = 2_000


@dataclass(frozen=True)
class Verdict:
    """A decision made from the customer's words alone, with what to say, the rule behind it and its figures.

    `unless_found`: it may ask something of the company after all, so it holds where no article answers it.
    """

    decision: Decision
    reason: str
    text: str
    basis: Mapping[str, Any] = field(default_factory=dict)
    unless_found: bool = False


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
    text: str, history: Sequence[Said] = (), laid_down: Sequence[Rule] = (), language: str = wording.ENGLISH
) -> Verdict | None:
    """The verdict on a message that no article needs to answer; None for a question to look up.

    `language` is the customer's, as far as it is known: English is read by learned weights, others by their patterns,
    the likelier one first.
    """
    message = _Message(text, history, language)
    readings = (_by_acts, _by_patterns) if language == wording.ENGLISH else (_by_patterns, _by_acts)
    return (
        _danger(message)
        or _rule(message, laid_down)
        or _breach(message)
        or _offer_taken(message)
        or _neither(message)
        or _person_alone(message)
        or _no_bot(message)
        or readings[0](message)
        or readings[1](message)
        or _no_subject(message)
    )


@dataclass(frozen=True)
class _Message:
    """A customer's message in its conversation."""

    text: str
    history: Sequence[Said]
    language: str

    @property
    def answered(self) -> str:
        """What the assistant said last, if nobody spoke since."""
        return self.history[-1].text if self.history and self.history[-1].role == Role.ASSISTANT else ""


def _danger(message: _Message) -> Verdict | None:
    found = hearing.danger(message.text, message.language)
    if found is None:
        return None
    reason = LEGAL if found.act == LEGAL else SAFETY
    return _escalated(reason, found.act, found.language, {"rule": f"words of {reason}", "words": found.words})


def _breach(message: _Message) -> Verdict | None:
    """Somebody else in the customer's account: no article may keep a person from looking."""
    found = hearing.breach(message.text, message.language)
    if found is None:
        return None
    basis = {"rule": "words of somebody else in the account", "words": found.words}
    return _escalated(ACCOUNT, "breach", found.language, basis)


def _rule(message: _Message, laid_down: Sequence[Rule]) -> Verdict | None:
    matched = rules.first_match(message.text, laid_down)
    if matched is None:
        return None
    rule, found = matched
    basis = {"rule": f"escalation rule {rule.name}", "words": ", ".join(found)[:WORDS_CHARACTERS]}
    text = rule.message or wording.said("person", message.language)
    return Verdict(Decision.ESCALATE, f"rule: {rule.name}", text, basis)


def _offer_taken(message: _Message) -> Verdict | None:
    """Yes or no to the offer of a person, in whichever language it was made."""
    if not any(offer in message.answered for offer in wording.said_in_any("offer")):
        return None
    found = hearing.answer_to_offer(message.text, message.language)
    if found is None:
        return None
    basis = {"rule": "answer to the offer of a person", "words": found.words}
    if found.act == "yes":
        return _escalated(ASKED, "person", found.language, basis)
    return Verdict(Decision.ANSWER, SMALL_TALK_REASON, wording.said("go_on", found.language), basis)


def _neither(message: _Message) -> Verdict | None:
    """Of two articles that were named neither is meant: that did not help."""
    if not message.answered.startswith(wording.said_in_any("which_of_two")) or hearing.place(message.text) != "neither":
        return None
    return _unhelped(message, message.language, {"rule": "neither of two articles", "words": message.text})


def _person_alone(message: _Message) -> Verdict | None:
    found = hearing.person_alone(message.text)
    return _escalated(ASKED, "person", message.language, _phrase(found)) if found else None


def _no_bot(message: _Message) -> Verdict | None:
    """Read before the learned acts, to which "I don't want to talk to ..." is a refusal, whoever is refused."""
    found = hearing.no_bot(message.text, message.language)
    return _escalated(ASKED, "person", found.language, _phrase(found)) if found else None


def _by_acts(message: _Message) -> Verdict | None:
    said = [_Read(sentence, acts.learned().read(sentence)) for sentence in acts.sentences(message.text)]
    return _person(said, message) or _anger(message) or _complaint(said, message) or _small_talk(said, message)


def _person(said: Sequence[_Read], message: _Message) -> Verdict | None:
    for each in said:
        wish, anger = each.chance[acts.PERSON], each.chance[acts.UPSET]
        if wish + anger < CERTAIN:
            continue
        if wish >= anger:
            return _escalated(ASKED, "person", message.language, each.basis(acts.PERSON))
        return _escalated(UPSET, "upset", message.language, each.basis(acts.UPSET))
    return None


def _anger(message: _Message) -> Verdict | None:
    found = hearing.anger(message.text, message.language)
    return _escalated(UPSET, found.act, found.language, _phrase(found)) if found else None


def _complaint(said: Sequence[_Read], message: _Message) -> Verdict | None:
    complaint = next((each for each in said if each.chance[acts.UNHELPED] >= CERTAIN), None)
    if complaint is None or any(each.asks - each.chance[acts.UNHELPED] >= CERTAIN for each in said):
        return None
    return _unhelped(message, message.language, complaint.basis(acts.UNHELPED))


def _small_talk(said: Sequence[_Read], message: _Message) -> Verdict | None:
    if not said or any(each.asks >= SMALL_ENOUGH for each in said):
        return None
    done = {max(SMALL_TALK, key=each.chance.__getitem__): each for each in said}
    act = next(act for act in SMALL_TALK if act in done)
    doubtful = any(each.asks >= SURELY_SMALL for each in said)
    if doubtful and act == "aside" and "?" in message.text:
        return None  # an aside asks nothing
    text, basis = wording.said(act, message.language), done[act].basis(act)
    return Verdict(Decision.ANSWER, SMALL_TALK_REASON, text, basis, unless_found=doubtful)


def _by_patterns(message: _Message) -> Verdict | None:
    text, language = message.text, message.language
    if found := hearing.wish(text, language):
        return _escalated(ASKED if found.act == "person" else UPSET, found.act, found.language, _phrase(found))
    if (found := hearing.complaint(text, language)) and (message.answered or not _has_asked(message)):
        return _unhelped(message, found.language, _phrase(found))
    found = hearing.small_talk(text, language)
    if found is None:
        return None
    if found.act == "too_little":
        return None if _has_asked(message) else _too_little(found.language, _phrase(found))
    return Verdict(Decision.ANSWER, SMALL_TALK_REASON, wording.said(found.act, found.language), _phrase(found))


def _unhelped(message: _Message, language: str, basis: Mapping[str, Any]) -> Verdict:
    """What was said did not help: asked back once; the second time in a row a person is brought."""
    if not message.answered:
        return _too_little(language, basis)
    if message.answered.startswith(wording.said_in_any("not_found")) or _unhelped_before(message):
        return _escalated("failed twice", "unhelped_twice", language, basis)
    text = f"{wording.said('unhelped', language)} {wording.said('offer', language)}"
    return Verdict(Decision.CLARIFY, "did not help", text, basis)


def _unhelped_before(message: _Message) -> bool:
    asked = [said.text for said in message.history if said.role == Role.CUSTOMER][-BETWEEN_FAILURES:]
    return any(_complained(text) or hearing.complaint(text, message.language) for text in asked)


def _complained(text: str) -> bool:
    return any(acts.learned().read(sentence)[acts.UNHELPED] >= CERTAIN for sentence in acts.sentences(text))


def _no_subject(message: _Message) -> Verdict | None:
    if _has_asked(message):
        return None
    if all(word in WITHOUT_SUBJECT for word in content_words(message.text)):
        plain = " ".join(words(message.text))
        return _too_little(message.language, {"rule": "no word says what it is about", "words": plain})
    return None


def _has_asked(message: _Message) -> bool:
    return any(said.role == Role.CUSTOMER for said in message.history)


def _too_little(language: str, basis: Mapping[str, Any]) -> Verdict:
    return Verdict(Decision.CLARIFY, "too little to go on", wording.said("too_little", language), basis)


def _escalated(reason: str, key: str, language: str, basis: Mapping[str, Any]) -> Verdict:
    return Verdict(Decision.ESCALATE, reason, wording.said(key, language), basis)


def _phrase(found: hearing.Heard) -> dict[str, str]:
    return {"rule": f"phrase read as {found.act}", "words": found.words}
