"""A few conversations for the demo's desk: two for the assistant, one resolved by an agent, one that waits."""

import asyncio
import uuid

from assistant.answering import runner
from assistant.answering.owners import owner_name
from assistant.beginnings import DEMO_CLIENT_ID
from assistant.conversations import services, sessions
from assistant.llm.openai import closing_clients
from assistant.models import Conversation, Customer, Session, User, Widget

QUESTIONS = [
    ("Ada", "How do I put the widget on my site?"),
    ("Noor", "Which kinds of files can I upload as articles?"),
]
RESOLVED = (
    "Sam",
    "Can two agents answer the same customer?",
    "Only one at a time: whoever takes the conversation over has it, and the others see who that is.",
)
WAITING = ("Jo", "I would rather talk to a person about moving our old chats.", "Moving chats from another product")


def start_conversations(widget: Widget, agent: User | None) -> None:
    """Hold the demo's conversations, unless there are any; the assistant answers them as it answers everybody."""
    if Conversation.objects.exists():
        return
    for name, question in QUESTIONS:
        asked = _ask(widget, name, question)
        for turn in asked.turns.all():
            # Here, where the embedding model is loaded: a worker would load it too, and keep it.
            asyncio.run(closing_clients(runner.run(turn.id, owner_name())))
    _wait_for_person(widget)
    if agent is not None:
        _resolve(widget, agent)


def _customer(widget: Widget, name: str) -> Session:
    session, _token = sessions.create(Customer.objects.create(widget=widget, name=name))
    return session


def _ask(widget: Widget, name: str, question: str) -> Conversation:
    accepted = services.accept_message(None, _customer(widget, name), str(DEMO_CLIENT_ID), question, "en")
    return accepted.message_event.conversation


def _wait_for_person(widget: Widget) -> None:
    name, question, reason = WAITING
    services.request_handoff(_ask(widget, name, question), _client_id(), reason)


def _resolve(widget: Widget, agent: User) -> None:
    name, question, reply = RESOLVED
    conversation = _ask(widget, name, question)
    services.take_over(conversation.id, agent)
    services.reply(conversation.id, agent, _client_id(), reply)
    services.resolve(conversation.id, agent)


def _client_id() -> str:
    return str(uuid.uuid4())
