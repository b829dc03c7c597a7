"""The cast of the tests: a shop with a widget, its customers and its agents."""

import uuid
from dataclasses import dataclass

from assistant.answers import Answer, Source
from assistant.conversations import sessions
from assistant.models import Customer, Session, User, Widget
from assistant.states import Decision
from knowledge.models import Collection


@dataclass
class Visitor:
    """A customer with a session, as a browser holds one."""

    customer: Customer
    session: Session
    token: str


def make_widget(slug: str = "default", **fields: object) -> Widget:
    collection, _ = Collection.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    return Widget.objects.create(name=f"{slug} helper", collection=collection, **fields)


def make_visitor(widget: Widget) -> Visitor:
    customer = Customer.objects.create(widget=widget)
    session, token = sessions.create(customer)
    return Visitor(customer, session, token)


def make_agent(name: str = "alice", **fields: object) -> User:
    return User.objects.create_user(name, password="correct horse", display_name=name.title(), **fields)


def client_id() -> str:
    return str(uuid.uuid4())


def make_answer(text: str = "Open the settings [1].", decision: Decision = Decision.ANSWER) -> Answer:
    source = Source(1, "settings", "Settings", "/help/default/settings#open", "Open", "Open the settings", 0.9, 0, 1)
    sources = () if decision != Decision.ANSWER else (source,)
    return Answer(decision=decision, reason="found", text=text, confidence=0.9, sources=sources)
