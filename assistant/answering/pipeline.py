"""From a customer's message to an answer: rewrite, retrieve, decide, prompt, complete, ground, finish."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from assistant.answering import confidence, context, guardrails, outcomes, prompts
from assistant.answering.grounding import Evidence, Release, ground, is_no_answer
from assistant.answering.readings import Found, look_up
from assistant.answers import Answer, AnswerUnavailable, Delta, Question, Said, Source, Status
from assistant.events.threads import in_thread
from assistant.llm import gateway
from assistant.llm.port import Prompt

__all__ = ["Answer", "AnswerUnavailable", "Delta", "Question", "Said", "Source", "Status", "answer"]

OnEvent = Callable[[Status | Delta], Awaitable[None]]
# Passages that a model reads; passages mode looks at the same ones.
PASSAGES = 6


async def answer(question: Question, on_event: OnEvent) -> Answer:
    """The answer to a customer's message; progress and pieces of text go to `on_event` as they come.

    No database connection is held while a model is called. Raises AnswerUnavailable when the knowledge base
    cannot be read, UnknownCollection for a collection that is not there; a failing model raises nothing.
    """
    clock = _Clock()
    verdict = guardrails.read(question.text, question.history)
    if verdict is not None:
        return outcomes.of_verdict(verdict, question, clock.timings())
    lookup = context.standalone(question.text, question.history)
    await on_event(Status("searching"))
    found = await _retrieve(lookup, question, clock)
    reading = confidence.read(lookup, found.passages)
    if not reading.answerable:
        return outcomes.not_found(question, found, reading, "not in the help centre", clock.timings())
    sources = outcomes.sources(found.passages)
    await on_event(Status("writing", sources))
    if not settings.GENERATIVE:
        return outcomes.quoted(question, found, reading, clock.timings())
    return await _generated(question, found, reading, on_event, clock)


async def _retrieve(lookup: str, question: Question, clock: "_Clock") -> Found:
    try:
        found = await in_thread(look_up, lookup, question.collection, question.locale, PASSAGES)
    except (DatabaseError, InterfaceError) as error:
        raise AnswerUnavailable("the knowledge base could not be read") from error
    clock.mark("retrieve")
    return found


async def _generated(
    question: Question, found: Found, reading: confidence.Reading, on_event: OnEvent, clock: "_Clock"
) -> Answer:
    """An answer by a model, or by quotation when no model gives one that the passages back."""
    prompt = prompts.answer_prompt(question.text, context.bounded(question.history), found.passages)
    evidence = Evidence(found.lookup, found.passages)
    completion = await _complete(prompt, evidence, on_event, clock)
    record = replace(found, prompt=prompt, completions=completion.records)
    if completion.model is None:
        return outcomes.quoted(question, record, reading, clock.timings(), "no model answered")
    grounded = ground(completion.text, evidence)
    if grounded is not None:
        return outcomes.generated(grounded, completion.model, record, reading, clock.timings())
    if is_no_answer(completion.text):
        return outcomes.not_found(question, record, reading, "the model found no answer", clock.timings())
    return outcomes.quoted(question, record, reading, clock.timings(), "the model's text was not backed")


async def _complete(prompt: Prompt, evidence: Evidence, on_event: OnEvent, clock: "_Clock") -> gateway.Completion:
    release = Release(evidence)
    shown = 0

    async def on_text(offset: int, text: str) -> None:
        nonlocal release, shown
        if offset == 0:
            release, begun_before, shown = Release(evidence), shown, 0
            if begun_before:
                await on_event(Delta(0, ""))
        piece = release.feed(text)
        if piece:
            clock.mark("first_token", once=True)
            await on_event(Delta(shown, piece))
            shown += len(piece)

    deadline = asyncio.get_running_loop().time() + settings.TURN_DEADLINE_SECONDS - clock.elapsed_seconds() - 1
    return await gateway.complete(prompt, on_text, deadline)


class _Clock:
    """Milliseconds since the question arrived."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._marks: dict[str, float] = {}

    def elapsed_seconds(self) -> float:
        return time.monotonic() - self._started

    def mark(self, name: str, once: bool = False) -> None:
        if not (once and name in self._marks):
            self._marks[name] = round(self.elapsed_seconds() * 1000, 1)

    def timings(self) -> dict[str, float]:
        """The contract's three figures: what never happened counts as the whole."""
        total = round(self.elapsed_seconds() * 1000, 1)
        return {"retrieve": 0.0, "first_token": total, **self._marks, "total": total}
