"""The pages and actions of the desk, and who may reach them."""

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from pytest_django import DjangoAssertNumQueries

from assistant.conversations import services
from assistant.desk import urls
from assistant.models import Draft, Event, Note, Turn, User, Widget
from tests.cast import client_id
from tests.desk import scenes
from tests.desk.conftest import browser_of

OPEN_TO_ALL = {"login", "logout", "avatar"}


def addresses(conversation_id: uuid.UUID) -> Iterator[tuple[str, str]]:
    """Every route of the desk but those that anybody may use, with its address."""
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        parts = {"conversation_id": conversation_id, "turn_id": uuid.uuid4()}
        if pattern.name not in OPEN_TO_ALL:
            wanted = {name: parts[name] for name in pattern.pattern.converters}
            yield pattern.name or "", reverse(f"desk:{pattern.name}", kwargs=wanted)


def test_nobody_gets_in_without_a_log_in(widget: Widget, client: Client) -> None:
    conversation = scenes.waiting(widget)
    checked = list(addresses(conversation.pk))
    assert len(checked) == len(urls.urlpatterns) - len(OPEN_TO_ALL)
    for name, address in checked:
        for answer in (client.get(address), client.post(address, {"text": "x"})):
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith("/desk/login/"), name
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 401, name
    assert scenes.fresh(conversation).status == "waiting"
    assert not Note.objects.exists()


def test_a_part_of_a_page_sends_the_whole_page_to_the_log_in(client: Client, widget: Widget) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?view=mine"}
    answer = client.get("/desk/list/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/desk/login/?next=%2Fdesk%2F%3Fview%3Dmine"


def test_every_post_needs_the_token(widget: Widget, alice: User) -> None:
    conversation = scenes.waiting(widget)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    for name, address in [*addresses(conversation.pk), ("login", "/desk/login/"), ("logout", "/desk/logout/")]:
        assert strict.post(address, {"text": "x"}).status_code == 403, name
    assert scenes.fresh(conversation).status == "waiting"


def test_nothing_of_the_desk_is_cached_or_framed(widget: Widget, desk: Client) -> None:
    conversation = scenes.waiting(widget)
    for address in ("/desk/", "/desk/list/", f"/desk/c/{conversation.pk}/", f"/desk/c/{conversation.pk}/side/"):
        answer = desk.get(address)
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_what_is_not_there_is_not_found(desk: Client, widget: Widget) -> None:
    for name, address in addresses(uuid.uuid4()):
        if "c/" in address:
            assert 404 in (desk.get(address).status_code, desk.post(address, {"text": "x"}).status_code), name


def test_an_open_conversation_shows_the_customer_and_the_history(widget: Widget, desk: Client, alice: User) -> None:
    first = scenes.resolved(widget, alice, name="Ann Other")
    services.add_note(first.pk, alice, "Likes tea")
    page = desk.get(f"/desk/c/{first.pk}/?view=resolved").content.decode()
    assert "Ann Other" in page
    assert "Likes tea" in page
    part = desk.get(f"/desk/c/{first.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Likes tea" in part
    again = services.accept_message(None, first.customer.sessions.get(), client_id(), "And now?")
    page = desk.get(f"/desk/c/{again.message_event.conversation_id}/").content.decode()
    assert '<span class="quiet">Resolved</span>' in page


def test_the_conversation_takes_a_constant_number_of_queries(
    widget: Widget, desk: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    conversation = scenes.taken(widget, alice)
    # Session, user, conversation, draft, notes, earlier ones.
    for _ in range(2):
        with django_assert_num_queries(6):
            desk.get(f"/desk/c/{conversation.pk}/", headers={"HX-Request": "true"})
        for number in range(10):
            services.add_note(conversation.pk, alice, f"note {number}")


def test_take_over_hand_back_resolve(widget: Widget, desk: Client, alice: User) -> None:
    conversation = scenes.waiting(widget)
    base = f"/desk/c/{conversation.pk}/"
    taken = desk.post(f"{base}take-over/")
    assert 'data-mine="yes"' in taken.content.decode()
    assert scenes.fresh(conversation).agent == alice
    assert "With the assistant" in desk.post(f"{base}hand-back/").content.decode()
    assert "Resolved" in desk.post(f"{base}resolve/").content.decode()
    assert scenes.fresh(conversation).status == "resolved"


def test_the_slower_agent_is_told_who_was_faster(widget: Widget, desk: Client, bob: User) -> None:
    conversation = scenes.taken(widget, bob)
    for action in ("take-over", "hand-back", "resolve"):
        answer = desk.post(f"/desk/c/{conversation.pk}/{action}/")
        assert answer.status_code == 409
        assert "Bob" in answer.content.decode()
    assert scenes.fresh(conversation).agent == bob


def test_a_note_is_for_agents_alone(widget: Widget, desk: Client, alice: User) -> None:
    conversation = scenes.taken(widget, alice)
    before = conversation.seq
    answer = desk.post(f"/desk/c/{conversation.pk}/notes/", {"text": " <b>Careful</b> "})
    assert "&lt;b&gt;Careful&lt;/b&gt;" in answer.content.decode()
    assert Note.objects.get().author == alice
    assert scenes.fresh(conversation).seq == before
    assert not Event.objects.filter(frame__icontains="Careful").exists()


@pytest.mark.parametrize("text", ["", "  ", "\0"])
def test_an_empty_note_is_not_kept(widget: Widget, desk: Client, alice: User, text: str) -> None:
    conversation = scenes.taken(widget, alice)
    assert desk.post(f"/desk/c/{conversation.pk}/notes/", {"text": text}).status_code == 200
    assert not Note.objects.exists()


def test_a_draft_comes_back_to_its_author_alone(widget: Widget, desk: Client, alice: User, bob: User) -> None:
    conversation = scenes.taken(widget, alice)
    base = f"/desk/c/{conversation.pk}/"
    assert desk.post(f"{base}draft/", {"text": "Half a rep\0ly"}).status_code == 204
    assert "Half a reply" in desk.get(base).content.decode()
    assert "Half a reply" not in browser_of(bob).get(base).content.decode()
    desk.post(f"{base}draft/", {"text": ""})
    assert not Draft.objects.exists()


def test_a_turn_shows_why_the_assistant_answered_so(widget: Widget, desk: Client) -> None:
    conversation = scenes.answered(widget)
    turn = Turn.objects.get(conversation=conversation)
    page = desk.get(f"/desk/c/{conversation.pk}/turns/{turn.pk}/").content.decode()
    for words in ("Answered", "found", "0.90", "Open the settings", "/help/default/settings#open"):
        assert words in page
    other = scenes.answered(widget)
    assert desk.get(f"/desk/c/{other.pk}/turns/{turn.pk}/").status_code == 404


def test_what_customers_write_is_never_markup(widget: Widget, desk: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    conversation = scenes.waiting(widget, text=evil, name=evil)
    for address in ("/desk/", f"/desk/c/{conversation.pk}/"):
        assert "<img" not in desk.get(address).content.decode()


@pytest.mark.parametrize("query", ["view=x", "size=-1", "size=99999999999", "after=x", "size=%D9%A3", "after=%00"])
def test_odd_questions_give_a_page(widget: Widget, desk: Client, query: str) -> None:
    assert desk.get(f"/desk/list/?{query}").status_code == 200


def test_a_part_of_the_page_leads_back_to_the_list_that_the_page_shows(desk: Client, widget: Widget) -> None:
    found = scenes.waiting(widget)
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/desk/c/{found.pk}/?view=open"}
    head = desk.post(f"/desk/c/{found.pk}/take-over/", headers=asked).content.decode()
    assert "/desk/?view=open" in head
