"""A question asked for trial: answered by the code that answers customers. Nothing is stored."""

from asgiref.sync import async_to_sync
from django.db import connection

from assistant.answering import pipeline
from assistant.answers import Answer, Delta, Question, Status


def ask(question: Question) -> Answer:
    """Answer a question as the widget would.

    Raises AnswerUnavailable when the knowledge base cannot be read, UnknownCollection when it is not there.
    """
    if not connection.in_atomic_block:
        connection.close()  # given back: a model may take its time
    return async_to_sync(pipeline.answer)(question, _unwatched)


async def _unwatched(event: Status | Delta) -> None:
    """Progress and pieces of text are for customers; this page shows the whole."""
