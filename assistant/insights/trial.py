"""A question asked for trial: answered by the code that answers customers, and laid open. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.db import connection

from assistant.answering import pipeline
from assistant.answers import Answer, Delta, Question, Status


@dataclass(frozen=True)
class FoundPassage:
    """A passage that was found, with its scores and the number it is cited by, if it is."""

    rank: int
    article: str
    heading: str
    text: str
    score: float
    dense: float | None
    lexical: float | None
    cited_as: int | None


@dataclass(frozen=True)
class Trial:
    """An answer and everything that led to it."""

    answer: Answer
    passages: Sequence[FoundPassage]
    prompt: Sequence[Mapping[str, str]]
    evidence: Mapping[str, Any]
    basis: Mapping[str, Any]
    degraded: Sequence[str]


def ask(question: Question) -> Trial:
    """Answer a question as the widget would.

    Raises AnswerUnavailable when the knowledge base cannot be read, UnknownCollection when it is not there.
    """
    if not connection.in_atomic_block:
        connection.close()  # given back: a model may take its time
    return laid_open(async_to_sync(pipeline.answer)(question, _unwatched))


async def _unwatched(event: Status | Delta) -> None:
    """Progress and pieces of text are for customers; this page shows the whole."""


def laid_open(answer: Answer) -> Trial:
    """The explanation that came with an answer, in the shapes of the page."""
    explanation = answer.explanation
    return Trial(
        answer=answer,
        passages=[_passage(rank, found, answer) for rank, found in enumerate(explanation.get("passages", ()), 1)],
        prompt=explanation.get("prompt", ()),
        evidence=explanation.get("confidence", {}),
        basis=explanation.get("basis", {}),
        degraded=explanation.get("degraded", ()),
    )


def _passage(rank: int, found: Mapping[str, Any], answer: Answer) -> FoundPassage:
    cited = [s.n for s in answer.sources if s.article == found["article"] and s.quote and s.quote in found["text"]]
    return FoundPassage(
        rank=rank,
        article=found["article"],
        heading=" › ".join(found["heading"]),
        text=found["text"],
        score=found["score"],
        dense=found["dense"],
        lexical=found["lexical"],
        cited_as=cited[0] if cited else None,
    )
