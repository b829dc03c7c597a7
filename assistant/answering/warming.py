"""What is loaded at first use, loaded before the first customer asks: models, tables, patterns, libraries."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import structlog
from django.conf import settings
from django.utils import timezone

from assistant.answering import guardrails, pipeline, several, wording
from assistant.answers import Delta, Question, Status
from assistant.beginnings import DEMO_CLIENT_ID
from assistant.events.threads import in_thread
from assistant.llm import gateway, openai
from assistant.llm.port import Prompt
from assistant.models import Conversation
from assistant.states import ConversationStatus
from knowledge.models import Document

log = structlog.get_logger(__name__)

ANY_QUESTION = "How do I reset my password?"
LATELY = timedelta(days=7)
# What asking a model imports; without one nobody needs their memory.
MODEL_LIBRARIES = ("openai.resources.chat.completions", "langchain.messages", "langchain_core.messages.utils")


def load_tables() -> None:
    """What of it needs no database, thread or loop: read once for all processes that are forked from this one.

    Raises nothing.
    """
    try:
        for library in MODEL_LIBRARIES if settings.GENERATIVE else ():
            import_module(library)
        wording.spoken(ANY_QUESTION, (), "")
        guardrails.read(ANY_QUESTION, (), (), "")
        several.standing_alone(ANY_QUESTION, (), "en")
    except Exception:
        log.warning("not_loaded", exc_info=True)


async def warm() -> None:
    """Answer a question that nobody asked, as far as the model. Raises nothing.

    In passages mode only where customers have asked lately: the embedding model weighs as much as all the rest of the
    process, and on a system that was only set up nobody may ever ask.
    """
    try:
        if not settings.GENERATIVE and not await in_thread(_is_in_use):
            return
        for entry in gateway.entries() if settings.GENERATIVE else ():
            openai.client(entry.base_url, entry.api_key)
        doors = replace(pipeline.TODAY, complete=_nothing_new, check=_unchecked, counted=False)
        await pipeline.answer(await in_thread(_likely_question), _unheard, doors=doors)
    except Exception:
        log.warning("not_warmed", exc_info=True)


def _is_in_use() -> bool:
    """True when somebody wrote lately who is not of the demo."""
    of_any = Conversation.objects.filter(status__in=list(ConversationStatus))  # as its index is ordered
    lately = of_any.filter(last_message_at__gte=timezone.now() - LATELY)
    return lately.exclude(messages__client_id=DEMO_CLIENT_ID).exists()


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
