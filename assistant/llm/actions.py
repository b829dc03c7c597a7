"""What is done to a thing, asked and told: steps that delete an account are no answer on how to transfer it. Pure.

Only a few kinds of actions are known, by the words of each language that name them; whatever else is done, asked or
told, conflicts with nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

from assistant.llm.blocks import KEPT_TEXTS, Block, blocks, sentences
from assistant.llm.cues import cues
from assistant.llm.extracts import Extract, Reading
from assistant.llm.sections import heading_words, headings_over, is_step_heading
from assistant.llm.wanted import LOSSES, Wanted

# What nobody does on the way to something else, as they remove, reset and install again.
_FINAL = frozenset({"delete", "cancel"})
# By what is asked: steps whose heading names one of these take away what the customer wants to keep, whatever they are
# on. Who changes, installs or connects a thing may have to remove another, and reset it.
_LOST_BY: Mapping[str, frozenset[str]] = {
    "transfer": LOSSES,
    "share": LOSSES,
    "export": LOSSES - {"remove"},
    "import": LOSSES - {"reset"},
    "make": LOSSES - {"reset"},
    "restore": LOSSES - {"reset"},
    "install": frozenset({"delete", "cancel", "uninstall"}),
    "change": frozenset({"delete", "cancel"}),
    "upgrade": frozenset({"delete", "cancel"}),
    "enable": frozenset({"delete", "cancel"}),
    "connect": frozenset({"delete", "cancel"}),
    "downgrade": frozenset({"delete"}),
}
# Not to be taken for each other where both are on the same thing: "Turn off the sound" may be done by another mode that
# is turned on.
_OPPOSED = [
    *({"make", "restore"}, {"export", "import"}, {"upgrade", "downgrade"}),
    *({"install", "uninstall"}, {"enable", "disable"}, {"connect", "disconnect"}),
    *({loss, gain} for loss in ("delete", "cancel") for gain in ("make", "restore", "install", "transfer", "upgrade")),
    *({"remove", gain} for gain in ("make", "restore")),
]


def of_the_action(readings: Sequence[Reading], ranked: Sequence[Extract], wanted: Wanted) -> Sequence[Extract]:
    """The ranking without what is of another action than the one that is asked; without its steps, where how is not.

    Where that was the best for who asks how, only what names the action that is asked is left.
    """
    if not (wanted.actions or wanted.task):
        return ranked
    known: dict[tuple[str, Block | None], bool] = {}
    kept: list[Extract] = []
    for extract in ranked:
        reading = readings[extract.reading]
        own = wanted.in_language(reading.language)
        place = (reading.text, next(iter(_path(reading.text, extract.start)), None))
        if place not in known:
            known[place] = is_of_another_action(reading, extract.start, own)
        if not known[place] or _tells_by_itself(reading, extract, own):
            kept.append(extract)
        elif not own.how and (said := tuple(takewhile(lambda block: block.kind != "steps", extract.blocks))):
            kept.append(replace(extract, blocks=said))
    if wanted.how and wanted.actions and kept and kept[0] is not ranked[0]:
        return [extract for extract in kept if _names(readings[extract.reading], extract, wanted)]
    return kept


def is_of_another_action(reading: Reading, start: int, wanted: Wanted) -> bool:
    """Whether what begins at `start` stands under a heading, or a title, that names an action which is not asked.

    Where a task is asked that is none of the known actions, only one that is final is another.
    Under another that names what is asked it is a part of that task, unless it undoes it, or both are named there
    ("Make and restore backups") and the article has a heading that is nearer to the question.
    """
    said = cues(wanted.language)
    over = [heading_words(heading.of(reading.text)) for heading in _path(reading.text, start)]
    words = [*(heading for heading in over if not is_step_heading(heading)), reading.title]
    own = next((each for each in words if said.actions(each)), None)
    if own is None:
        return False
    beside = said.actions(own).isdisjoint(wanted.actions)
    if wanted.sets_aside(own) or (beside and any(map(wanted.sets_aside, words))):
        return True
    if not wanted.actions:
        return wanted.task and said.actions(own) <= _FINAL and not _says_the_verb(" ".join(words), wanted)
    if not _conflicts(own, reading.title, wanted):
        return False
    tasks = [named for each in words if (named := said.actions(each)) & _alike(wanted.actions)]
    if not tasks:
        return True
    if any(named.isdisjoint(said.actions(own)) for named in tasks):
        return _undoes(own, reading.title, wanted)
    least = wanted.cover(own)
    others = (other for other in _headings(reading.text) if _named(wanted.language, other) & wanted.actions)
    return any(wanted.cover(other) > least for other in others if other not in over)


@lru_cache(maxsize=KEPT_TEXTS)
def _headings(text: str) -> tuple[str, ...]:
    """The words of an article's headings, each once."""
    headings = (block for block in blocks(text) if block.kind == "heading")
    return tuple(dict.fromkeys(heading_words(heading.of(text)) for heading in headings))


@lru_cache(maxsize=2_048)
def _named(language: str, heading: str) -> frozenset[str]:
    """The actions that a heading names. Kept, as each heading of an article may be weighed against all others."""
    return cues(language).actions(heading)


def _says_the_verb(headings: str, wanted: Wanted) -> bool:
    """Whether headings have the first word of the question that means something: mostly its verb."""
    first = next(filter(None, map(wanted.terms, wanted.question.split())), frozenset[str]())
    return bool(first & wanted.terms(headings))


def _undoes(heading: str, title: str, wanted: Wanted) -> bool:
    """Whether a heading names the opposite of what is asked, and nothing but what is asked and the title's things."""
    said = cues(wanted.language)
    things = wanted.terms(said.things(heading))
    opposed = any({asked, action} in _OPPOSED for asked in wanted.actions for action in said.actions(heading))
    return opposed and things <= wanted.asked | wanted.terms(title)


def _alike(actions: frozenset[str]) -> frozenset[str]:
    """The actions with those that people name in their place: one deletes a file, and removes it."""
    return actions | LOSSES if actions & {"end", *LOSSES} else actions


def _conflicts(heading: str, title: str, wanted: Wanted) -> bool:
    """Whether all that a heading names conflicts with all that is asked."""
    named = cues(wanted.language).actions(heading)
    terms = wanted.terms(heading)
    on_the_same = bool((terms if len(terms) > 1 else terms | wanted.terms(title)) & wanted.asked)
    return all(
        action in _LOST_BY.get(asked, ()) or (on_the_same and {asked, action} in _OPPOSED)
        for asked in wanted.actions
        for action in named
    )


def _path(text: str, start: int) -> tuple[Block, ...]:
    """The headings over what begins there, the innermost first."""
    return headings_over(text, start)[::-1]


def _tells_by_itself(reading: Reading, extract: Extract, wanted: Wanted) -> bool:
    """Whether there are no steps, and sentences say how to do it in so many words: "To transfer it, open ...".

    Any sentences where it is not asked how to do it, or what is asked is not known.
    """
    if any(block.kind == "steps" for block in extract.blocks):
        return False
    if not (wanted.how and wanted.actions):
        return True
    said = cues(wanted.language)
    whole = [span.of(reading.text) for block in extract.blocks for span in sentences(reading.text, block)]
    return any(said.begins(each) and said.actions(each) & wanted.actions for each in whole) and not any(
        said.actions(each) and _conflicts(each, reading.title, wanted) for each in whole
    )


def _names(reading: Reading, extract: Extract, wanted: Wanted) -> bool:
    over = [heading.of(reading.text) for heading in _path(reading.text, extract.start)]
    said = " ".join([reading.title, *over, reading.text[extract.start : extract.end]])
    return bool(cues(reading.language).actions(said) & _alike(wanted.actions))
