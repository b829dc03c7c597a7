"""One question back, when two articles fit equally well and the customer's words don't tell them apart. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answering import hearing, wording
from assistant.answering.asking_signs import MARKED, signs
from assistant.answering.readings import Found
from assistant.answering.several import Part
from assistant.answering.wording import tables
from assistant.answers import Said
from assistant.states import Role
from assistant.terms import content_words, terms
from knowledge.retrieval import Passage
from knowledge.terms import language_of

# Share of the best score that the other article's best passage has to reach; chosen on the tuning parts.
EQUALLY = 0.85
# The same where both titles say all that is asked, so that what tells them apart is all that is missing.
EQUALLY_NAMED = 0.7
# A longer question describes its case; what is missing there is no title's word.
MOST_WORDS = 10
# Words of a choice that may stand in neither title: "the usb cable", "I mean with USB".
MOST_BESIDE = 2
# A longer title, or one with marks of code, is no name to choose by.
TITLE_CHARACTERS = 100

_CODE = re.compile(r"[\[\]{}<>\"`|]")
_CHOICE = re.compile(r"^(\d)\. (.+)$", re.M)


def two_meanings(question: str, passages: Sequence[Passage], history: Sequence[Said]) -> tuple[Passage, Passage] | None:
    """The best passages of two articles between which only the customer can choose.

    The second is about as good as the first, and what was found of either says all that is asked; each title has words
    that the other lacks, and the question holds some that both have and none that tells them apart. None when the
    assistant has just asked that.
    """
    if not passages or len(content_words(question)) > MOST_WORDS or _asked_before(history):
        return None
    first = max(passages, key=lambda passage: passage.score)
    others = [passage for passage in passages if passage.article != first.article]
    second = max(others, key=lambda passage: passage.score, default=None)
    if second is None or not _names(first.title, second.title):
        return None
    language = language_of(first.locale)
    if second.score < least_share(question, language, first.title, second.title) * first.score:
        return None
    asked, one, other = (set(terms(text, language)) for text in (question, first.title, second.title))
    shared, only_one, only_other = one & other & asked, one - other, other - one
    undecided = shared and only_one and only_other and not asked & (one ^ other)
    return (
        (first, second)
        if undecided and all(asked <= _said(each, passages, language) for each in (first, second))
        else None
    )


def _said(of: Passage, passages: Sequence[Passage], language: str) -> set[str]:
    """The terms of all that was found of a passage's article: a choice that lacks what is asked helps nobody."""
    found = (each for each in passages if each.article == of.article)
    return set(
        terms(" ".join(text for each in found for text in (each.title, *each.heading_path, each.text)), language)
    )


def least_share(question: str, language: str, *titles: str) -> float:
    """What share of the best score the other article's has to reach, 0..1, under these titles in this language."""
    asked = set(terms(question, language))
    return EQUALLY_NAMED if all(asked <= set(terms(title, language)) for title in titles) else EQUALLY


def _names(*titles: str) -> bool:
    return all(len(title) <= TITLE_CHARACTERS and not _CODE.search(title) for title in titles)


def question_back(first: Passage, second: Passage, language: str) -> str:
    """What the customer is asked, as Markdown."""
    return f"{wording.said('which_of_two', language)}\n\n1. {first.title}\n2. {second.title}"


def chosen(text: str, history: Sequence[Said]) -> tuple[str, ...]:
    """The earlier question with the title that the customer chose of two, or with either where both were chosen.

    Empty when this is no choice, and where neither is meant.
    """
    if not _asked_before(history):
        return ()
    asked = next((said.text for said in reversed(history[:-1]) if said.role == Role.CUSTOMER), "")
    titles = _titles_chosen(text, [found[2] for found in _CHOICE.finditer(history[-1].text)])
    return tuple(f"{asked.strip()} ({title})" for title in titles) if asked else ()


def parts_of(choices: Sequence[str]) -> tuple[Part, ...]:
    """Both articles as two questions, each under its title."""
    return tuple(Part(_title_of(choice), choice) for choice in choices)


def _title_of(choice: str) -> str:
    """What stands between its last brackets, which may hold others: "Reset the board (Uno)"."""
    depth = 0
    for at in range(len(choice) - 1, -1, -1):
        depth += (choice[at] == ")") - (choice[at] == "(")
        if depth <= 0:
            return choice[at + 1 : -1]
    return choice


def of_choice(choice: str, found: Found) -> Found:
    """What was found of the chosen article alone: of the other one nobody asked. All of it where nothing was."""
    pairs = zip(found.passages, found.readings, strict=True)
    kept = [(passage, reading) for passage, reading in pairs if choice.endswith(f" ({passage.title})")]
    if not kept:
        return found
    passages, readings = zip(*kept, strict=True)
    return replace(found, passages=passages, readings=readings)


def _titles_chosen(text: str, titles: Sequence[str]) -> Sequence[str]:
    """By words that stand in one title alone, else by number or place: an Uno is not the first."""
    if len(titles) != 2:
        return ()
    said, one, other = (set(terms(each)) for each in (text, *titles))
    hits = (len(said & (one - other)), len(said & (other - one)))
    beside = said - one - other
    if hits[0] != hits[1] and (not beside or (min(hits) == 0 and len(beside) <= MOST_BESIDE and not _asks(text))):
        return titles[:1] if hits[0] > hits[1] else titles[1:]
    return {"first": titles[:1], "second": titles[1:], "both": titles}.get(hearing.place(text) or "", ())


def _asks(text: str) -> bool:
    """Whether it is a question of its own: "Does the Uno have Bluetooth?"."""
    return bool(MARKED.search(text)) or any(signs(language).begins(text) for language in tables())


def _asked_before(history: Sequence[Said]) -> bool:
    return (
        bool(history)
        and history[-1].role == Role.ASSISTANT
        and history[-1].text.startswith(wording.said_in_any("which_of_two"))
    )
