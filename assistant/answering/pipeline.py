"""From a customer's message to an answer: rewrite, retrieve, decide, prompt, complete, ground, finish."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from assistant import metrics
from assistant.answering import (
    cases,
    clarifying,
    confidence,
    context,
    guardrails,
    model_check,
    narrowing,
    outcomes,
    prompts,
    rewriting,
    several,
    thresholds,
    wording,
)
from assistant.answering.checking import CheckFailed, in_checking_thread
from assistant.answering.clock import Clock
from assistant.answering.computing import in_computing_thread
from assistant.answering.grounding import ground
from assistant.answering.joined import joined, least_sure, stand_apart
from assistant.answering.readings import Found, FoundPart, look_up
from assistant.answering.record import record_of
from assistant.answering.release import Evidence
from assistant.answering.stream import BUNDLE_SECONDS
from assistant.answering.writing import OnEvent, Writing
from assistant.answers import Answer, AnswerUnavailable, Delta, Question, Said, Source, Status
from assistant.events.threads import in_search_thread, until
from assistant.llm import gateway
from assistant.llm.port import Prompt
from assistant.states import Decision, Grounding
from knowledge.terms import language_of

__all__ = ["Answer", "AnswerUnavailable", "Delta", "Question", "Said", "Source", "Status", "answer"]

logger = logging.getLogger(__name__)

T = TypeVar("T")
# Passages that a model reads; passages mode looks at the same ones.
PASSAGES = 6
# Kept back from the models, so that the articles can still be quoted before the deadline.
QUOTING_SECONDS = 2.0
# For the request to a model to go out, before what its text is held against takes the processor.
HEAD_START_SECONDS = 0.01
# Of what is left of the turn: a search that hangs, for a database or an embedding server, leaves time for another.
RETRIEVAL_SHARE = 0.5
# From so many on a message may be written for the model: orders to play a part are long, most questions are not.
LONG_CHARACTERS = 500


def _read(question: Question, found: Found) -> confidence.Reading:
    """How sure today's calibration is of what was found."""
    reading = confidence.read(found.lookup, found.passages, found.retrieval.embedding_model)
    return thresholds.applied(reading, question.wrong_answer_cost)


def _divided(question: Question) -> tuple[several.Part, ...]:
    """The message's questions; one where a part of it is small talk, or says too little to be looked up."""
    parts = several.standing_alone(context.said_plainly(question.text), question.history, question.locale)
    if len(parts) > 1 and any(_is_decided(part.question, question.locale) for part in parts):
        return ()
    return parts


def _is_decided(text: str, language: str) -> bool:
    verdict = guardrails.read(text, (), (), language)
    return verdict is not None and not verdict.unless_found


@dataclass(frozen=True)
class Doors:
    """Where a turn gets what it does not compute from its question; a replay's lead to what was recorded.

    `divide` is computed, but by rules that change: a replay answers the questions that were looked up then.
    `generative` says whether a model is asked; None asks the settings. `counted`: a customer waits for it.
    """

    divide: Callable[[Question], tuple[several.Part, ...]] = _divided
    look_up: Callable[[str, str, str, int], Found] = look_up
    read: Callable[[Question, Found], confidence.Reading] = _read
    complete: Callable[[Prompt, gateway.OnText, float], Awaitable[gateway.Completion]] = gateway.complete
    rewrite: Callable[[Question, str, float], Awaitable[rewriting.Rewrite | None]] = rewriting.rewritten
    check: Callable[[], model_check.Ask | None] = model_check.configured
    capped: Callable[[Callable[[], Prompt]], Awaitable[bool]] = gateway.is_capped
    generative: bool | None = None
    counted: bool = True


TODAY = Doors()


async def answer(question: Question, on_event: OnEvent, seconds: float | None = None, doors: Doors = TODAY) -> Answer:
    """The answer to a customer's message; progress and pieces of text go to `on_event` as they come.

    `seconds` are left until the turn's deadline, a whole TURN_DEADLINE_SECONDS unless given: models that use them up
    leave enough to quote the articles.
    No database connection is held while a model is called. Raises AnswerUnavailable when the knowledge base
    cannot be read, UnknownCollection for a collection that is not there; a failing model raises nothing.
    """
    clock = Clock(settings.TURN_DEADLINE_SECONDS if seconds is None else seconds)
    answered = await _answer(question, on_event, clock, doors)
    explanation = await in_computing_thread(record_of, question, answered)
    return replace(answered, explanation=explanation, offers_person=wording.ends_in_offer(answered.text))


@dataclass(frozen=True)
class _Heard:
    """A message as it is understood before anything is looked up.

    `question` has the language to answer in. `verdict` decides alone, unless it is one for want of an article; else
    `choices` are the articles chosen of two, and `parts` the questions of a message that holds several.
    """

    question: Question
    verdict: guardrails.Verdict | None = None
    choices: tuple[str, ...] = ()
    parts: tuple[several.Part, ...] = ()


def _heard(question: Question, divide: Callable[[Question], tuple[several.Part, ...]]) -> _Heard:
    question = replace(question, locale=wording.spoken(question.text, question.history, question.locale))
    choices = clarifying.chosen(question.text, question.history)
    verdict = guardrails.read(question.text, question.history, question.rules, question.locale)
    if verdict is not None and verdict.decision is Decision.ESCALATE:
        return _Heard(question, verdict)
    if choices:
        return _Heard(question, None, choices, clarifying.parts_of(choices))
    if verdict is not None and not verdict.unless_found:
        return _Heard(question, verdict)
    return _Heard(question, verdict, parts=divide(question))


async def _answer(question: Question, on_event: OnEvent, clock: Clock, doors: Doors) -> Answer:
    # Beside the event loop: a few milliseconds, and the first time half a second.
    heard = await in_computing_thread(_heard, question, doors.divide)
    question, verdict = heard.question, heard.verdict
    if verdict is not None and not verdict.unless_found:
        return outcomes.of_verdict(verdict, question, clock.timings())
    if heard.choices:
        doors = replace(doors, look_up=partial(_chosen_alone, doors))
    await on_event(Status("searching"))
    parts = await _parts(heard.parts, question, clock, doors)
    if stand_apart(parts):
        found, reading = joined(parts, PASSAGES), least_sure(parts).reading
        answered = await _told(_spoken(question, found), found, reading, on_event, clock, doors)
    else:
        choice = next(iter(heard.choices), None)
        answered = await _as_one(choice, question, on_event, clock, doors)
    case = cases.own_case(question.text, question.locale)
    if verdict is not None and case is None:
        return outcomes.found_or_else(answered, verdict)
    return outcomes.with_a_person_at_hand(answered, case, question.locale)


async def _as_one(choice: str | None, question: Question, on_event: OnEvent, clock: Clock, doors: Doors) -> Answer:
    """The message as one question; a follow-up is made to stand alone first. `choice` is the article chosen of two."""
    lookup = choice or context.standalone(question.text, question.history)
    rewrite = None if choice else await doors.rewrite(question, lookup, clock.seconds_left() - QUOTING_SECONDS)
    if rewrite:
        clock.mark("rewrite")
    answered = await _from_articles(rewrite.text if rewrite else lookup, question, on_event, clock, doors)
    return rewriting.with_rewrite(answered, rewrite)


def _chosen_alone(doors: Doors, choice: str, *asked: Any) -> Found:
    """What is found of the article that was chosen."""
    return clarifying.of_choice(choice, doors.look_up(choice, *asked))


async def _from_articles(lookup: str, question: Question, on_event: OnEvent, clock: Clock, doors: Doors) -> Answer:
    """What the help centre says on a question that stands alone."""
    found = await _retrieve(lookup, question, clock, doors)
    reading = doors.read(question, found)
    if not reading.answerable:
        found, reading = narrowing.narrowed((found, reading), await _apart(lookup, question, clock, doors))
    question = _spoken(question, found)
    if reading.answerable and (both := clarifying.two_meanings(found.lookup, found.passages, question.history)):
        return outcomes.clarified(both, question, found, reading, clock.timings())
    if not reading.answerable:
        # Past a cap nobody but a person is left who could answer.
        why = outcomes.CAPPED if await doors.capped(partial(_prompt, question, found)) else outcomes.NOT_FOUND
        return outcomes.not_found(question, found, reading, why, clock.timings())
    return await _told(question, found, reading, on_event, clock, doors)


def _spoken(question: Question, found: Found) -> Question:
    """With the language to answer in, now that it is known which the best article is written in."""
    if not found.passages:
        return question
    written = language_of(found.passages[0].locale)
    return replace(question, locale=wording.spoken_beside(question.text, question.history, question.locale, written))


async def _apart(lookup: str, question: Question, clock: Clock, doors: Doors) -> list[narrowing.Read]:
    """What is found for each stretch of the message that may be what it asks, looked up side by side.

    Nothing for a follow-up, to which words of earlier messages were added, and where a search fails: that the whole
    was not found is known.
    """
    apart = narrowing.stretches(lookup) if lookup == context.said_plainly(question.text) else []
    try:
        found = await asyncio.gather(*(_retrieve(each, question, clock, doors) for each in apart))
    except AnswerUnavailable:
        return []
    return [(each, doors.read(question, each)) for each in found]


async def _parts(asked: Sequence[several.Part], question: Question, clock: Clock, doors: Doors) -> list[FoundPart]:
    """What is found for each question of a message that holds several, looked up side by side; empty for one."""
    if len(asked) < 2:
        return []
    found = await asyncio.gather(*(_retrieve(part.text, question, clock, doors) for part in asked))
    return [
        FoundPart(part.question, each, doors.read(question, each), part.doubtful)
        for part, each in zip(asked, found, strict=True)
    ]


async def _told(
    question: Question, found: Found, reading: confidence.Reading, on_event: OnEvent, clock: Clock, doors: Doors
) -> Answer:
    """An answer from what was found: written by a model, else quoted."""
    sources = outcomes.sources(found.passages)
    await on_event(Status("writing", sources))
    if not (settings.GENERATIVE if doors.generative is None else doors.generative):
        return await _quoted(question, found, reading, clock)
    return await _generated(question, found, reading, on_event, clock, doors)


def _prompt(question: Question, found: Found) -> Prompt:
    return prompts.answer_prompt(question.text, context.bounded(question.history), found.passages)


async def _quoted(question: Question, found: Found, reading: confidence.Reading, clock: Clock, *reason: str) -> Answer:
    """The articles' own words, chosen beside the event loop."""
    return await in_computing_thread(outcomes.quoted, question, found, reading, clock.timings(), *reason)


async def _retrieve(lookup: str, question: Question, clock: Clock, doors: Doors) -> Found:
    seconds = clock.seconds_left() * RETRIEVAL_SHARE
    try:
        async with asyncio.timeout(seconds):
            with metrics.retrieval_seconds.time() if doors.counted else contextlib.nullcontext():
                asked = (lookup, question.collection, question.locale, PASSAGES)
                found = await in_search_thread(until(time.monotonic() + seconds, doors.look_up), *asked)
    except TimeoutError as error:
        raise AnswerUnavailable("the knowledge base was not read in time") from error
    except (DatabaseError, InterfaceError) as error:
        raise AnswerUnavailable("the knowledge base could not be read") from error
    for missing in found.retrieval.degraded:
        metrics.degraded_retrievals.labels(missing).inc()
    clock.mark("retrieve")
    return found


async def _generated(
    question: Question, found: Found, reading: confidence.Reading, on_event: OnEvent, clock: Clock, doors: Doors
) -> Answer:
    """An answer by a model, or by quotation when no model gives one that the passages back."""
    # Beside the event loop where there is a history, which is looked through for orders.
    prompt = await in_computing_thread(_prompt, question, found) if question.history else _prompt(question, found)
    grounding = _grounding(question)
    if grounding is Grounding.AFTER:  # what the customer is shown comes no oftener
        prompt = replace(prompt, gather_seconds=BUNDLE_SECONDS)
    record = replace(found, prompt=prompt)
    evidence = _in_the_meantime(_evidence(found, grounding, clock))
    check = model_check.ModelCheck(doors.check(), found.lookup, lambda: clock.seconds_left() - QUOTING_SECONDS)
    try:
        writing = Writing(evidence, grounding, check, on_event, clock)
        completion = await _complete(prompt, writing, clock, doors)
        record = replace(record, completions=(*completion.records, *check.calls), skipped=completion.skipped)
        if completion.model is None:
            why = outcomes.CAPPED if completion.is_capped else "no model answered"
            return await _quoted(question, record, reading, clock, why)
        await check.whole(completion.text, await evidence)
        grounded = await in_checking_thread(ground, completion.text, await evidence)
    except CheckFailed:
        logger.exception("A model's text could not be checked; the articles are quoted instead")
        return await _quoted(question, record, reading, clock, "the model's text could not be checked")
    finally:
        evidence.cancel()
    record = replace(record, checks=grounded.checks, completions=(*completion.records, *check.calls))
    if grounded.text and grounded.incomplete:
        return await _quoted(question, record, reading, clock, "part of the model's text was not backed")
    if grounded.text:
        told = (question, grounded, completion.model, record, reading, clock.timings())
        return await in_computing_thread(outcomes.generated, *told)
    # An article may have told it to say so; and of several questions it may have meant the one that nothing answers.
    if prompts.is_no_answer(completion.text) and not record.withheld and not record.parts:
        said = ("the model found no answer", clock.timings(), outcomes.NO_ANSWER)
        return outcomes.not_found(question, record, reading, *said)
    return await _quoted(question, record, reading, clock, "the model's text was not backed")


def _grounding(question: Question) -> Grounding:
    """As the widget has it; where the customer says so much at once, before anything is shown."""
    return Grounding.BEFORE if len(question.text) >= LONG_CHARACTERS else question.grounding


async def _evidence(found: Found, grounding: Grounding, clock: Clock) -> Evidence:
    await asyncio.sleep(HEAD_START_SECONDS)
    evidence = await in_checking_thread(Evidence, found.lookup, found.passages, clock.seconds_left)
    if grounding is Grounding.AFTER:
        await in_checking_thread(lambda: evidence.support.sentences)  # each of the text's is read against them
    return evidence


def _in_the_meantime(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """Begin work that is needed once the model has written something. Whether it failed is for who awaits it."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


async def _complete(prompt: Prompt, writing: Writing, clock: Clock, doors: Doors) -> gateway.Completion:
    """The first whole completion; what may be shown of it goes out as it comes."""
    deadline = asyncio.get_running_loop().time() + clock.seconds_left() - QUOTING_SECONDS
    completion = await doors.complete(prompt, writing.take, deadline)
    if completion.model is not None:
        await writing.finish()
    return completion
