"""A follow-up put by a model as a question that stands alone; by rules where there is no model or its text is no such.

What the model writes is looked up and never shown, and it may hold no word that the conversation did not.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.conf import settings

from assistant.answering import context, prompts, record
from assistant.answering.follow_ups import likeliest
from assistant.answers import Answer, CompletionRecord, Question
from assistant.llm import gateway
from assistant.states import Role
from assistant.terms import terms
from knowledge.terms import UNSPACED

PURPOSE = "rewrite"
LONGEST_CHARACTERS = 300

Fault = Literal[
    "empty", "more than one line", "too long", "words of its own", "leaves out what was said", "nothing added"
]

_HIRAGANA = re.compile(r"[\u3041-\u309f]+")


@dataclass(frozen=True)
class Rewrite:
    """What is looked up where a model was asked for it. `fault` says why its text is not; "" when it is.

    `by_rules` is what is looked up without a model; `version` is the prompt's.
    """

    text: str
    by_rules: str
    fault: str
    version: str
    calls: tuple[CompletionRecord, ...]


async def rewritten(question: Question, by_rules: str, seconds: float) -> Rewrite | None:
    """The follow-up as a question of its own; None when no model was asked: there is none, or the message needs none.

    Takes REWRITE_SECONDS at most, and no more than these seconds. A failing model raises nothing. While the first model
    is not known to be well none is asked: the calls that may be made are the answer's, and the customer has waited for
    no words yet. A fallback's state says nothing here, which nobody learns while it is not needed.
    """
    seconds = min(settings.REWRITE_SECONDS, seconds)
    may_ask = settings.GENERATIVE and seconds > 0 and not gateway.is_outage(gateway.entries()[:1])
    history = context.bounded(question.history) if may_ask else ()
    message = context.said_plainly(question.text)
    if not any(said.role == Role.CUSTOMER for said in history) or not context.leans_on_history(message):
        return None
    prompt = prompts.rewrite_prompt(message, history)
    deadline = asyncio.get_running_loop().time() + seconds
    completion = await gateway.complete(prompt, gateway.unheard, deadline, PURPOSE)
    written = completion.text.strip().strip("\"'“”„«»").strip()
    said = [each.text for each in history if each.role != Role.SYSTEM]
    fault = completion.failure or fault_of(written, message, said, question.locale)
    return Rewrite(by_rules if fault else written, by_rules, fault or "", prompt.version, completion.records)


def with_rewrite(answer: Answer, rewrite: Rewrite | None) -> Answer:
    """The answer with what became of the rewriting in its record."""
    if rewrite is None:
        return answer
    kept = {"by_rules": record.lookup_text(rewrite.by_rules), "fault": rewrite.fault, "version": rewrite.version}
    calls = [*record.kept_asides(rewrite.calls), *answer.explanation.get("completions", ())]
    return replace(
        answer,
        completions=(*rewrite.calls, *answer.completions),
        explanation={**answer.explanation, "rewriting": kept, "completions": calls},
    )


def recorded(kept: Mapping[str, Any], looked_up: str, calls: Sequence[CompletionRecord]) -> Rewrite | None:
    """The rewriting of a record's turn, without asking again; None when no model was asked."""
    if not kept:
        return None
    of_it = tuple(call for call in calls if call.purpose == PURPOSE)
    return Rewrite(looked_up, kept["by_rules"], kept["fault"], kept["version"], of_it)


def fault_of(written: str, message: str, said: Sequence[str], language: str) -> Fault | None:
    """Why the text is not fit to be looked up for the message; None when it is."""
    if not written:
        return "empty"
    if len(written.splitlines()) != 1:
        return "more than one line"
    if len(written) > LONGEST_CHARACTERS:
        return "too long"
    if _strange(written, [message, *said], language):
        return "words of its own"
    asked, put = _subject(message, language), _subject(written, language)
    if not asked <= put:
        return "leaves out what was said"
    return None if put - asked else "nothing added"


def _subject(text: str, language: str) -> set[str]:
    return set(terms(likeliest(text)[0].subject(text), language))


def _strange(written: str, sources: Sequence[str], language: str) -> set[str]:
    """Terms that none of the sources holds; of scripts without spaces, characters."""
    known = set(terms("\n".join(sources), language))
    spaced = {term for term in _subject(written, language) if not UNSPACED.search(term)}
    rest = _HIRAGANA.sub("", likeliest(written)[0].subject(written))
    unspaced = {character for character in rest if UNSPACED.match(character)}
    return (spaced - known) | (unspaced - set("".join(sources)))
