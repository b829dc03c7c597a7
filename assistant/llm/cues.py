"""Cue phrases: what the words of a sentence, a heading or a question say of its place. Pure; in languages/*.json.

`leans`: says too little without the sentence before; `goes_on`: is a further step; `begins`: may be the first;
`instructs`: tells somebody to do something; `exceptions`: a heading over what limits the section before; `precautions`:
a heading over what has to be known before the steps; `limits`: forbids, obliges, warns or leaves only a part;
`announces`: only says what will be said; `above`: is about what stands before; `ways`: a heading of one way among
several; `in_vain`: a heading for who has done the steps in vain; `steps_follow`, `fix_follows`: ends by saying that
steps, or a fix, come next; `how`, `why`: a question's; `tasks`: says that something is to be done; `asks`: begins a
question of another kind; `faults`: a title of what goes wrong; `asides`, `causes`, `answers`, `problems`: what part of
an article a heading is over; `pointing`: words that say where to look; `actions`: by kind, what names something that is
done to a thing; `sets_aside`, where they stand before it: that something is not what is asked ("without deleting it").
Languages without a file have English's.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from assistant.terms import terms
from knowledge.terms import UNSPACED

HeadingClass = Literal["aside", "cause", "answer", "problem", "topic"]

_FOLDER = Path(__file__).parent / "languages"
_ENGLISH = "en"
_ACTIONS = "actions"
_ANYWHERE = ("limits", "how", "tasks", "why", "faults", "asides", "causes", "answers", "problems", _ACTIONS)
_AT_THE_END = ("steps_follow", "fix_follows")
_WORD = re.compile(r"\w")
# Before a heading's words: "2. ", "**", a mark.
_NUMBER = re.compile(r"\A[\W\d_]+")
_POINTING = "pointing"
_INSTRUCTS = "instructs"
_SETS_ASIDE = "sets_aside"  # up to the next mark; where words stand before it in other languages, it is not known
_ASKS = "asks"  # where words stand without spaces, it seldom begins with what it asks
_QUESTION_MARK = re.compile(r"[?？؟]")
# In this order: a heading counts for the first that it matches.
_HEADINGS: Mapping[str, HeadingClass] = {
    "asides": "aside",
    "causes": "cause",
    "answers": "answer",
    "problems": "problem",
}


@dataclass(frozen=True)
class Cues:
    """The cue phrases of one language; each takes the Markdown of a sentence, a paragraph, a heading or a question."""

    _patterns: Mapping[str, re.Pattern[str]]
    pointing: frozenset[str]
    _actions: Mapping[str, re.Pattern[str]]
    _aside: re.Pattern[str] | None = None

    def leans(self, sentence: str) -> bool:
        """Whether it is not to be read without what stands before it."""
        return self._has("leans", sentence) or self.goes_on(sentence)

    def goes_on(self, sentence: str) -> bool:
        """Whether it is a further step, as in "Next, ..."."""
        return self._has("goes_on", sentence)

    def begins(self, sentence: str) -> bool:
        """Whether it may be the first step, as in "To reset it, open ..."."""
        return self._has("begins", sentence)

    def instructs(self, sentence: str) -> bool:
        """Whether it, or a clause within it, begins by telling somebody to do something: "To reset it, open ..."."""
        return self.instructions(sentence) > 0

    def instructions(self, sentence: str) -> int:
        """How many of its clauses tell somebody to do something."""
        return sum(1 for _ in self._patterns["instructs"].finditer(sentence))

    def excepts(self, heading: str) -> bool:
        """Whether what is under the heading limits what stands before it."""
        return self._has("exceptions", heading)

    def warns(self, heading: str) -> bool:
        """Whether what is under the heading has to be known before the steps beside it: "Before you start"."""
        return self._begins("precautions", heading)

    def limits(self, sentence: str) -> bool:
        """Whether it forbids something, asks for something, warns, or says that only a part holds."""
        return self._has("limits", sentence)

    def limits_all(self, sentence: str) -> bool:
        """Whether it begins with what makes it limit something, so that it names no other subject: "Never ..."."""
        found = self._patterns["limits"].search(sentence)
        return found is not None and not _WORD.search(sentence, 0, found.start())

    def announces(self, paragraph: str) -> bool:
        """Whether it begins by saying what the article will say."""
        return self._has("announces", paragraph)

    def is_on_above(self, paragraph: str) -> bool:
        """Whether it begins with words on what stands before it ("The above methods ...")."""
        return self._has("above", paragraph)

    def is_way(self, heading: str) -> bool:
        """Whether it names one way among several to do what the article is about, and no other task."""
        return self._has("ways", heading)

    def is_in_vain(self, heading: str) -> bool:
        """Whether what is under it is for who has done the steps in vain."""
        return self._has("in_vain", heading)

    def steps_follow(self, paragraph: str) -> bool:
        """Whether it ends by saying that steps come next."""
        return self._has("steps_follow", paragraph)

    def fix_follows(self, paragraph: str) -> bool:
        """Whether it ends by saying that there is a fix."""
        return self._has("fix_follows", paragraph)

    def asks_how(self, question: str) -> bool:
        """Whether it asks how something is done, or what to do about a fault."""
        return self._has("how", question)

    def asks_for_a_task(self, question: str) -> bool:
        """Whether it says that the customer wants to do something: "How do I ...", "I want to ..."."""
        return self._has("tasks", question)

    def states(self, message: str) -> bool:
        """Whether it names a fault or a task, without a question: "avrdude: not in sync", "delete my account"."""
        return not _QUESTION_MARK.search(message) and not self._has(_ASKS, message)

    def actions(self, text: str) -> frozenset[str]:
        """The kinds of actions that a heading, a sentence or a question names: "delete", "transfer"."""
        return frozenset(kind for kind, pattern in self._actions.items() if pattern.search(text))

    def set_aside(self, question: str) -> str:
        """What a question says that it does not ask for: "before I delete my account"."""
        return " ".join(self._aside.findall(question)) if self._aside else ""

    def without_aside(self, question: str) -> str:
        """The question without what it sets aside."""
        return self._aside.sub(" ", question) if self._aside else question

    def things(self, heading: str) -> str:
        """A heading's words but for those that name actions: what these are done to."""
        for pattern in self._actions.values():
            heading = pattern.sub(" ", heading)
        return heading

    def asks_why(self, question: str) -> bool:
        """Whether it asks for a cause."""
        return self._has("why", question)

    def is_fault(self, title: str) -> bool:
        """Whether an article so titled is on something that goes wrong, and what to do about it."""
        return self._has("faults", title)

    def heading_class(self, heading: str) -> HeadingClass:
        """What a heading begins by saying of its section: an aside, a cause, the problem, the answer; else "topic"."""
        found = (said for name, said in _HEADINGS.items() if self._begins(name, heading))
        return next(found, "topic")

    def topic_words(self, heading: str) -> str:
        """A heading's words but for those that say which part of any article it is over ("Cause", "How to")."""
        for name in _HEADINGS:
            heading = self._patterns[name].sub(" ", heading)
        return heading

    def _begins(self, name: str, heading: str) -> bool:
        """Anywhere in lines of capitals, which plain text has for headings ("ROOT CAUSE"), and without spaces."""
        if heading.isupper() or UNSPACED.search(heading):
            return self._has(name, heading)
        return bool(self._patterns[name].match(_NUMBER.sub("", heading)))

    def _has(self, name: str, text: str) -> bool:
        return bool(self._patterns[name].search(text))


@lru_cache
def cues(language: str) -> Cues:
    """The cue phrases of a language, given as its two letters."""
    path = _FOLDER / f"{language}.json"
    if not path.is_file():
        return cues(_ENGLISH)
    lists: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    actions = {kind: _pattern(_ACTIONS, said) for kind, said in lists.pop(_ACTIONS).items()}
    pointing = frozenset(terms(" ".join(lists.pop(_POINTING)), language))
    aside = lists.pop(_SETS_ASIDE, ())
    clauses = re.compile(rf"(?<!\w)(?:{'|'.join(aside)})(?!\w)[^,;:.?!]*", re.I) if aside else None
    return Cues({name: _pattern(name, said) for name, said in lists.items()}, pointing, actions, clauses)


def _pattern(name: str, alternatives: Sequence[str]) -> re.Pattern[str]:
    """Whole words, but for scripts that put no spaces between them."""
    unspaced = UNSPACED.search("".join(alternatives))
    begins, ends = ("", "") if unspaced else (r"(?<!\w)", r"(?!\w)")
    either = "|".join(alternatives).replace("'", "['’]")
    if name in _ANYWHERE or (unspaced and name in (_ASKS, _INSTRUCTS)):
        return re.compile(f"{begins}(?:{either}){ends}", re.I)
    if name in _AT_THE_END:
        return re.compile(rf"{begins}(?:{either}){ends}\W*$", re.I)
    opens = r"(?:\A|[,;:]\s)" if name == _INSTRUCTS else r"\A"
    return re.compile(rf"{opens}[\W_]*(?:{either}){ends}", re.I)
