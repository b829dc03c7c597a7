"""What is loaded at first use, loaded before the first customer asks: models, tables, patterns, libraries."""

from dataclasses import replace

import structlog
from django.conf import settings

from assistant.answering import pipeline
from assistant.answers import Delta, Question, Status
from assistant.events.threads import in_thread
from assistant.llm import gateway, openai
from assistant.llm.port import Prompt
from knowledge.models import Document

log = structlog.get_logger(__name__)

ANY_QUESTION = "How do I reset my password?"


async def warm() -> None:
    """Answer a question that nobody asked, as far as the model; where one is configured. Raises nothing.

    In passages mode the embedding model waits for the first question: nobody may ever ask one.
    """
    if not settings.GENERATIVE:
        return
    try:
        for entry in gateway.entries():
            openai.client(entry.base_url, entry.api_key)
        doors = replace(pipeline.TODAY, complete=_nothing_new, check=_unchecked, counted=False)
        await pipeline.answer(await in_thread(_likely_question), _unheard, doors=doors)
    except Exception:
        log.warning("not_warmed", exc_info=True)


def _likely_question() -> Question:
    """One that finds something where there is anything to find."""
    published = Document.objects.filter(status=Document.Status.PUBLISHED).order_by("pk")
    title, collection = published.values_list("title", "collection__slug").first() or (ANY_QUESTION, "default")
    return Question(title, collection)


async def _nothing_new(prompt: Prompt, on_text: gateway.OnText, deadline: float) -> gateway.Completion:
    """In the model's stead, without asking it."""
    await on_text(0, "Nothing is written here. [1]\n\nNothing [1]")
    return gateway.Completion("", None, ())


def _unchecked() -> None:
    """No model's word on what is written here."""


async def _unheard(event: Status | Delta) -> None:
    """Nobody watches."""
