"""Sentences to learn acts from: phrases with alternatives, drawn by a seed, and sentences of real questions."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from string import ascii_lowercase
from typing import NamedTuple

from assistant.answering import acts
from benchmarks.evaluation import sets

PHRASES = Path(__file__).parent / "phrases.txt"
EXPANSIONS = 200
# Share of the phrases that follow, or go before, a question without a stop.
RUN_TOGETHER = 0.25
SEED = 1
# In a phrase, a word that stands in no other: what the learned weights know of a frame whatever fills it.
ANYTHING = "ANYTHING"
ANYTHING_LETTERS = 9
Reader = Callable[[str], Mapping[str, float]]

# Intents of clinc_oos that a person would answer with a word. Its "yes", "no", "cancel" and settings stay requests.
CLINC = {
    "greeting": "greeting", "goodbye": "goodbye", "thank_you": "thanks", "are_you_a_bot": "bot",
    "what_is_your_name": "name", "what_can_i_ask_you": "abilities", "meaning_of_life": "pastime",
    "tell_joke": "pastime", "fun_fact": "pastime", **dict.fromkeys(
        ("how_old_are_you", "where_are_you_from", "who_made_you", "who_do_you_work_for", "what_are_your_hobbies",
         "do_you_have_pets"), "personal"),
}  # fmt: skip

_ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
_NAMED = re.compile(r"\b[A-Z]{3,}\b")


class Example(NamedTuple):
    """A sentence and the act that it performs."""

    text: str
    act: str


def phrases(count: int = EXPANSIONS) -> Iterator[Example]:
    """`count` sentences of each line of phrases.txt, repeats left out."""
    draw = Random(SEED)
    names: dict[str, str] = {}
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        if " = " in line and line.split(" = ")[0].isupper():
            name, _, alternatives = line.partition(" = ")
            names[name] = alternatives
        elif ": " in line and not line.startswith("#"):
            act, _, phrase = line.partition(": ")
            for text in sorted({_drawn(phrase, names, draw) for _ in range(count)}):
                yield Example(text, act)


def _drawn(phrase: str, names: Mapping[str, str], draw: Random) -> str:
    while named := _NAMED.search(phrase):
        if named[0] != ANYTHING and named[0] not in names:
            break
        phrase = phrase[: named.start()] + _filled(named[0], names, draw) + phrase[named.end() :]
    return " ".join(_ALTERNATIVES.sub(lambda found: draw.choice(found[1].split("|")), phrase).split())


def _filled(name: str, names: Mapping[str, str], draw: Random) -> str:
    if name == ANYTHING:
        return "".join(draw.choices(ascii_lowercase, k=ANYTHING_LETTERS))
    return draw.choice(names[name].split("|"))


def real(part: sets.Part, act_of: Reader) -> Iterator[Example]:
    """Sentences of one part of the evaluation sets. `act_of` tells thanks and greetings within a question from it."""
    for row in _of(part, "clinc_oos/utterances.jsonl"):
        yield Example(row["text"], CLINC.get(row["intent"], acts.OTHER))
    for row in _of(part, "nlupp_banking/utterances.jsonl"):
        if row["wants_human"]:
            yield Example(max(acts.sentences(row["text"]), key=lambda said: act_of(said)[acts.PERSON]), acts.PERSON)
        else:
            yield from _asked(row["text"], act_of)
    for row in _of(part, "banking77/utterances.jsonl.gz"):
        yield from _asked(row["text"], act_of)
    for row in _of(part, "sumo_questions_2023/questions.jsonl.gz"):
        if row["locale"] == "en-US":
            yield from _asked(row["text"], act_of)
    for question in (*sets.techqa(), *sets.mtrag("last turn"), *sets.xquad()):
        if question.part == part:
            yield from _asked(question.text, act_of)


def run_together(phrases: Sequence[Example], asked: Sequence[Example]) -> Iterator[Example]:
    """Wishes for a person, and questions, each in one breath with a question, as many people write."""
    draw = Random(SEED)
    subjects = [each.text for each in asked if each.act == acts.OTHER and 3 <= len(each.text.split()) <= 12]
    for phrase in phrases:
        if phrase.act in (acts.PERSON, acts.OTHER) and draw.random() < RUN_TOGETHER:
            pair = [phrase.text, draw.choice(subjects)]
            draw.shuffle(pair)
            yield Example(" ".join(pair), phrase.act)


def _asked(text: str, act_of: Reader) -> Iterator[Example]:
    """The sentences of a question but its courtesies."""
    for sentence in acts.sentences(text):
        if sum(act_of(sentence)[act] for act in acts.COURTESIES) < 0.5:
            yield Example(sentence, acts.OTHER)


def _of(part: sets.Part, path: str) -> list[dict[str, str]]:
    return [row for row in sets.rows(path) if sets.part_of(str(row["_id"])) == part]
