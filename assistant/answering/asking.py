"""Asking without a browser: the command line and the API put a question and get the turn's answer."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction

from assistant.answering import pipeline, turns
from assistant.answers import Answer, AnswerUnavailable, Delta, Question, Status
from assistant.conversations import sessions
from assistant.conversations.channel import on_channel
from assistant.conversations.errors import NotFound
from assistant.conversations.messages import source_json
from assistant.conversations.services import accept_message, record_answer
from assistant.conversations.spending import paid_by_turn
from assistant.events.threads import in_thread
from assistant.llm.openai import close_clients
from assistant.models import Conversation, Customer, Session, Widget
from assistant.states import Decision
from knowledge.models import Collection
from knowledge.retrieval import UnknownCollection


@dataclass(frozen=True)
class Asked:
    """An answer with the turn and the conversation that keep it; no turn while a person has the conversation."""

    answer: Answer
    turn: str | None
    conversation: str

    def as_json(self) -> dict[str, Any]:
        """The shape of `ask --json` and of the API's `ask`."""
        return {**answer_json(self.answer), "turn": self.turn, "conversation": self.conversation}


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer as the contract prints it, without turn and conversation."""
    return {
        "decision": str(answer.decision),
        "reason": answer.reason,
        "answer": answer.text,
        "confidence": answer.confidence,
        "sources": [source_json(source) for source in answer.sources],
        "model": answer.model,
        "timings_ms": {name: answer.timings_ms.get(name, 0.0) for name in ("retrieve", "first_token", "total")},
    }


def ask(text: str, collection: str = "default", conversation_id: str | None = None) -> Asked:
    """Store the question in a conversation, answer it, and store the answer; synchronous.

    Cost, rules and checking are those of the collection's widget: see `channel.answering_as`.
    A None `conversation_id` begins a conversation. Raises UnknownCollection, NotFound for an unknown conversation, one
    of another collection or one that a customer began in a widget, InvalidText, TooLong, AnswerUnavailable.
    """
    stored, turn_id = _accept(text, collection, conversation_id)
    answer = async_to_sync(_answer)(turn_id, answer_once) if turn_id else _with_a_person()
    return Asked(answer, str(turn_id) if turn_id else None, stored)


async def ask_beside_others(text: str, collection: str, conversation_id: str | None = None) -> Asked:
    """`ask` on an event loop that serves other turns too, whose connections to the models stay open."""
    stored, turn_id = await in_thread(_accept, text, collection, conversation_id)
    answer = await _answer(turn_id, _answer_beside_others) if turn_id else _with_a_person()
    return Asked(answer, str(turn_id) if turn_id else None, stored)


async def answer_once(question: Question) -> Answer:
    """The answer to a question that nothing keeps; for one-off event loops. Raises as `pipeline.answer`."""
    try:
        return await pipeline.answer(question, _unheard)
    finally:
        await close_clients()


async def _answer_beside_others(question: Question) -> Answer:
    return await pipeline.answer(question, _unheard)


def _accept(text: str, collection: str, conversation_id: str | None) -> tuple[str, uuid.UUID | None]:
    """The conversation that now holds the question, and the turn that owes the answer unless a person does."""
    session, conversation = _begin(collection, conversation_id)
    accepted = accept_message(conversation, session, str(uuid.uuid4()), text)
    turn_id = uuid.UUID(str(accepted.turn_id)) if accepted.turn_id else None
    return str(accepted.message_event.conversation_id), turn_id


def _begin(collection: str, conversation_id: str | None) -> tuple[Session, Conversation | None]:
    if conversation_id is None:
        with transaction.atomic():
            customer = Customer.objects.create(widget=_widget(collection))
            return sessions.create(customer)[0], None
    conversation = _conversation(collection, conversation_id)
    return sessions.create(conversation.customer)[0], conversation


def _conversation(collection: str, conversation_id: str) -> Conversation:
    """One that was begun here. Customers' own are theirs: nobody writes in a customer's name."""
    try:
        wanted = uuid.UUID(conversation_id)
    except ValueError:
        raise NotFound from None
    begun_here = Conversation.objects.filter(widget__collection__slug=collection, **on_channel("widget__"))
    found = begun_here.select_related("widget__collection", "customer").filter(pk=wanted).first()
    if found is None:
        raise NotFound
    return found


def _widget(collection: str) -> Widget:
    """The collection's channel for questions without a browser: inactive, so no site can embed it."""
    kept_in = Collection.objects.filter(slug=collection).first()
    if kept_in is None:
        raise UnknownCollection(collection)
    channel = {"collection": kept_in, **on_channel()}
    return Widget.objects.filter(**channel).order_by("pk").first() or Widget.objects.create(**channel)


async def _answer(turn_id: uuid.UUID, work: Callable[[Question], Awaitable[Answer]]) -> Answer:
    held = await in_thread(turns.claim, turn_id, "ask")
    if held is None:
        raise AnswerUnavailable("another process has taken the turn")
    async with paid_by_turn(held.turn_id, held.attempt, capped=held.capped):
        try:
            async with _lease(held):
                answer = await work(held.question)
        except BaseException:
            await in_thread(turns.release, held, failed=True)
            raise
        await in_thread(record_answer, held.turn_id, held.attempt, answer)
    return answer


@contextlib.asynccontextmanager
async def _lease(held: turns.Claim) -> AsyncIterator[None]:
    """Keep the turn ours while it is worked on."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(settings.TURN_LEASE_RENEWAL_SECONDS)
            await in_thread(turns.renew, held, "")

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()


def _with_a_person() -> Answer:
    return Answer(
        decision=Decision.ESCALATE,
        reason="with a person",
        text="A person has this conversation and will read your message.",
        confidence=1.0,
    )


async def _unheard(event: Status | Delta) -> None:
    """Nobody watches."""
