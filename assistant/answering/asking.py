"""Asking without a browser: the command line and the API put a question and are told the outcome of its turn.

The turn is one like any other: accepted as a message, worked on by the runner, ended once.
"""

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction

from assistant.answering import dispatch, pipeline, runner
from assistant.answering.owners import owner_name
from assistant.answering.recorded import answer_of
from assistant.answers import Answer, AnswerUnavailable, Delta, Question, Status
from assistant.conversations import sessions
from assistant.conversations.channel import on_channel
from assistant.conversations.errors import NotFound
from assistant.conversations.messages import source_json
from assistant.conversations.services import Accepted, accept_message
from assistant.events.threads import in_front_thread, in_thread
from assistant.llm.openai import close_clients, closing_clients
from assistant.models import Conversation, Customer, Session, Turn, Widget
from assistant.states import OPEN_TURN_STATUSES, Decision, TurnStatus
from knowledge.models import Collection
from knowledge.retrieval import UnknownCollection

# Between two looks whether a turn has ended that is worked on elsewhere.
LOOK_SECONDS = 1.0


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
    """Store the question in a conversation, answer it here, and tell the outcome of its turn; synchronous.

    Cost, rules and checking are those of the collection's widget: see `channel.answering_as`.
    A None `conversation_id` begins a conversation. Raises UnknownCollection, NotFound for an unknown conversation, one
    of another collection or one that a customer began in a widget, InvalidText, TooLong, AnswerUnavailable.
    """
    return async_to_sync(_asked_once)(_accept(text, collection, conversation_id))


async def ask_beside_others(text: str, collection: str, conversation_id: str | None = None) -> Asked:
    """`ask` on an event loop whose connections to the models stay open.

    Where this process serves the turn begins as a message's does: in a slot, else in the queue, if it may wait there.
    """
    if dispatch.slots.loop is None:
        return await _asked(await in_front_thread(_accept, text, collection, conversation_id), served=False)
    with dispatch.slots.place() as owner:
        accepted = await in_front_thread(_taken, text, collection, conversation_id, owner)
    return await _asked(accepted, served=True)


async def answer_once(question: Question) -> Answer:
    """The answer to a question that nothing keeps; for one-off event loops. Raises as `pipeline.answer`."""
    try:
        return await pipeline.answer(question, _unheard)
    finally:
        await close_clients()


def _taken(text: str, collection: str, conversation_id: str | None, owner: str) -> Accepted:
    return dispatch.begun(_accept(text, collection, conversation_id, owner))


def _accept(text: str, collection: str, conversation_id: str | None, owner: str = "") -> Accepted:
    session, conversation = _begin(collection, conversation_id)
    return accept_message(conversation, session, str(uuid.uuid4()), text, owner=owner)


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


async def _asked_once(accepted: Accepted) -> Asked:
    return await closing_clients(_asked(accepted, served=False))


async def _asked(accepted: Accepted, *, served: bool) -> Asked:
    """The outcome of the turn that a question opened or joined; it has none while a person has the conversation."""
    turn_id, conversation = accepted.turn_id, str(accepted.message_event.conversation_id)
    if turn_id is None:
        return Asked(_with_a_person(), None, conversation)
    if not served:
        await runner.run(turn_id, owner_name())
    try:
        async with asyncio.timeout(2 * settings.TURN_DEADLINE_SECONDS + settings.TURN_LEASE_SECONDS):
            return Asked(await _outcome(turn_id, served), str(turn_id), conversation)
    except TimeoutError as error:
        raise AnswerUnavailable("the turn has no outcome yet") from error


async def _outcome(turn_id: uuid.UUID, served: bool) -> Answer:
    """What the turn ended with, wherever it was worked on, and whatever joined it. Raises AnswerUnavailable."""
    while (told := await in_thread(_told, turn_id)) is None:
        if served and dispatch.slots.loop is None:
            raise AnswerUnavailable("this process goes down, and others go on with the turn")
        await dispatch.slots.look_again(str(turn_id), LOOK_SECONDS)
    return told


def _told(turn_id: uuid.UUID) -> Answer | None:
    """The turn's outcome, None while it has none. AnswerUnavailable where it was given up, or is not there any more."""
    turn = Turn.objects.filter(pk=turn_id).first()
    if turn is None or turn.status == TurnStatus.FAILED:
        raise AnswerUnavailable(turn.reason if turn else "the conversation was deleted")
    return None if turn.status in OPEN_TURN_STATUSES else answer_of(turn) or _with_a_person()


def _with_a_person() -> Answer:
    return Answer(
        decision=Decision.ESCALATE,
        reason="with a person",
        text="This conversation was passed on to a person, who will read your message.",
        confidence=1.0,
    )


async def _unheard(event: Status | Delta) -> None:
    """Nobody watches."""
