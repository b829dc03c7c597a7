"""Every address as every kind of caller: nobody sees or does what is not theirs."""

from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client

from assistant import keys
from assistant.conversations import services
from assistant.models import Conversation, EscalationRule, Outgoing, User
from assistant.realtime.routing import websocket_urlpatterns
from knowledge import documents
from knowledge.models import Collection, ImportRun, Source
from tests.access.routes import ENDS_AT_LOG_IN, READ_ONLY, Audience, address, all_routes, audience_of
from tests.cast import client_id, make_agent, make_visitor, make_widget

METHODS = ("GET", "POST", "PUT", "DELETE")
CALLERS = ("anonymous", "customer", "revoked key", "foreign key", "key", "agent", "admin")
# Their look-ups run in other threads, which see only what is committed.
IN_THREADS = ("api/v1/ask", "healthz/ready")


class World:
    """A company with something at every address, and a client for each kind of caller."""

    def __init__(self) -> None:
        widget = make_widget()
        visitor = make_visitor(widget)
        accepted = services.accept_message(None, visitor.session, client_id(), "How do I return a drone?")
        document = documents.save_article(
            widget.collection, "Within 30 days.", article="returns", title="Returns", index=_never
        )
        source = Source.objects.create(collection=widget.collection, kind=Source.Kind.UPLOAD, location="upload:a.md")
        run = ImportRun.objects.create(source=source, state=ImportRun.State.DONE)
        agent = make_agent("kim")
        key, text = keys.issue("Shop", widget.collection)
        revoked, revoked_text = keys.issue("Old")
        keys.revoke(revoked)
        conversation = accepted.message_event.conversation_id
        self.samples: dict[str, Any] = {
            "key": widget.key,
            "slug": "default",
            "article": document.article,
            "article_id": document.article,
            "name": "none.png",
            "conversation_id": conversation,
            "turn_id": accepted.turn_id,
            "content_type_id": 1,
            "object_id": 1,
            "document_id": document.pk,
            "source_id": source.pk,
            "run_ids": run.pk,
            "key_id": key.pk,
            "widget_id": widget.pk,
            "collection.pk": widget.collection.pk,
            "source.pk": source.pk,
            "document.pk": document.pk,
            "importrun.pk": run.pk,
            "apikey.pk": key.pk,
            "conversation.pk": conversation,
            "outgoing.pk": _mail(accepted.message_event.conversation, agent).pk,
            "user.pk": agent.pk,
            "widget.pk": widget.pk,
            "escalationrule.pk": EscalationRule.objects.create(name="Bulk", phrases=["bulk"]).pk,
        }
        self.clients = {
            "anonymous": Client(),
            "customer": _bearer(visitor.token),
            "revoked key": _bearer(revoked_text),
            "foreign key": _bearer(keys.issue("Lab", Collection.objects.create(slug="lab", name="Lab"))[1]),
            "key": _bearer(text),
            "agent": _logged_in(agent),
            "admin": _logged_in(make_agent("robin", role=User.Role.ADMIN)),
        }


def _mail(conversation: Conversation, agent: User) -> Outgoing:
    services.save_contact(conversation, client_id(), "ann@example.org")
    services.reply(conversation.pk, agent, client_id(), "Within 30 days.")
    return Outgoing.objects.get()


def _never(_: object) -> None:
    """Nobody asks a question here, so nothing needs an index."""


def _bearer(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


def _logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def admitted(response: HttpResponseBase) -> bool:
    """False for 401, 403, and a way to a log-in page."""
    to_log_in = response.status_code in (301, 302) and "/login/" in response["Location"]
    return not to_log_in and response.status_code not in (401, 403)


def may(caller: str, audience: Audience) -> bool:
    """Whether the table lets a kind of caller in."""
    return {
        Audience.EVERYBODY: True,
        Audience.AGENTS: caller in ("agent", "admin"),
        Audience.ADMINS: caller == "admin",
        Audience.NOBODY: False,
        Audience.KEYS: caller in ("key", "foreign key"),
    }[audience]


def test_every_address_has_an_entry() -> None:
    assert [route for route in all_routes() if audience_of(route) is None] == []


def test_every_socket_is_known() -> None:
    """Sockets check callers themselves, at hello and at the handshake; a new one needs tests of its own."""
    assert [str(pattern.pattern) for pattern in websocket_urlpatterns] == ["ws/chat/", "ws/desk/"]


def check(route: str) -> None:
    world = World()
    audience = audience_of(route)
    assert audience is not None
    shown = address(route, world.samples)
    for caller in CALLERS:
        for method in METHODS:
            client = world.clients[caller]
            if client.cookies:
                client.force_login(User.objects.get(username="kim" if caller == "agent" else "robin"))
            response = client.generic(method, shown)
            case = f"{caller}: {method} {shown} gave {response.status_code}"
            assert response.status_code < 500 or route == "healthz/ready", case
            if response.status_code != 405 and route not in ENDS_AT_LOG_IN:
                allowed = may(caller, audience) and (method != "POST" or route not in READ_ONLY)
                assert admitted(response) == allowed, case


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in all_routes() if route not in IN_THREADS])
def test_only_the_right_callers_are_admitted(route: str) -> None:
    check(route)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", IN_THREADS)
def test_only_the_right_callers_are_admitted_in_threads(route: str) -> None:
    check(route)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_collections_things_look_as_if_they_were_not_there(method: str) -> None:
    world = World()
    client = world.clients["foreign key"]
    body = {"data": b'{"title": "T", "text": "t"}', "content_type": "application/json"}
    foreign = client.generic(method, "/api/v1/articles/returns?collection=default", **body)
    absent = client.generic(method, "/api/v1/articles/returns?collection=nowhere", **body)
    assert (foreign.status_code, foreign.content) == (404, absent.content)
    conversation = client.get(f"/api/v1/conversations/{world.samples['conversation_id']}")
    missing = client.get("/api/v1/conversations/00000000-0000-4000-8000-000000000000")
    assert (conversation.status_code, conversation.content) == (404, missing.content)
    assert client.get("/api/v1/conversations").json()["items"] == []
    assert client.get("/api/v1/articles").json()["items"] == []
