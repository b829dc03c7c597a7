"""Hostile text in every field of the desk and of the help centre's pages: nothing runs, and nobody else is called."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from assistant.answers import Source
from assistant.conversations import services
from assistant.models import Conversation, Turn, User, Widget
from assistant.states import TurnStatus
from knowledge.models import Collection
from tests.browser.conftest import OpenDesk
from tests.browser.payloads import FOLLOW_EVERY_LINK, HARM, LIVE_NODES, address_in, batches, watched
from tests.cast import client_id, make_answer, make_visitor, make_widget
from tests.desk import scenes
from tests.widget.test_pages import make_article

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    batches(metafunc, size=15, sliced=6)


def test_hostile_text_at_the_desk_does_nothing(
    open_desk: OpenDesk, site: str, alice: User, payloads: list[str]
) -> None:
    texts = [payload.replace("\0", "") for payload in payloads]
    widget = make_widget()
    Widget.objects.filter(pk=widget.pk).update(name=texts[0][:100])
    User.objects.filter(pk=alice.pk).update(display_name=texts[-1][:80])
    conversation = everybody_says(texts, widget, alice)
    for text in texts:
        scenes.waiting(widget, text=text, name=text[:200])
    page = open_desk()
    incidents = watched(page, site)
    page.goto(f"{site}/desk/c/{conversation.pk}/?view=waiting")
    expect(page.locator("#messages .said.agent", has_text="the last of them")).to_be_visible()
    expect(page.locator("#messages .said.customer").first).to_contain_text(HARM)
    expect(page.locator(".row")).to_have_count(len(texts))
    nothing_lives(page, incidents, "#messages", "#rows", ".notes")


def everybody_says(texts: list[str], widget: Widget, agent: User) -> Conversation:
    """A conversation in which customer, assistant and agent say each of the texts, and colleagues note it."""
    visitor = make_visitor(widget)
    conversation = None
    for text in texts:
        accepted = services.accept_message(conversation, visitor.session, client_id(), text)
        conversation = accepted.message_event.conversation
        turn = Turn.objects.get(conversation=conversation, status=TurnStatus.QUEUED)
        Turn.objects.filter(pk=turn.pk).update(status=TurnStatus.RUNNING, attempt=1)
        source = Source(1, text[:500], text[:500], address_in(text), text, text, 0.9, 0, 1)
        assert services.record_answer(turn.pk, 1, replace(make_answer(f"{text} [1]"), sources=(source,)))
    assert conversation is not None
    services.request_handoff(conversation, client_id(), texts[0])
    for text in texts:
        services.reply(conversation.pk, agent, client_id(), text)
        services.add_note(conversation.pk, agent, text)
    services.reply(conversation.pk, agent, client_id(), "the last of them")
    services.save_draft(conversation.pk, agent, texts[0])
    return conversation


def test_hostile_articles_do_nothing_on_their_pages(page: Page, site: str, payloads: list[str]) -> None:
    widget = make_widget()
    Collection.objects.update(name=payloads[0].replace("\0", "")[:100])
    for number, payload in enumerate(payloads):
        text = payload.replace("\0", "")
        make_article(widget, f"hostile/{number}", text[:500], text)
    incidents = watched(page, site)
    for path in ("", "default/", *(f"default/hostile/{number}" for number in range(len(payloads)))):
        assert page.goto(f"{site}/help/{path}").ok  # type: ignore[union-attr]
        nothing_lives(page, incidents, "#content")


def nothing_lives(page: Page, incidents: list[str], *places: str) -> None:
    """No node of the places could run or call anything, and following the links of the first calls nobody."""
    assert [page.locator(place).first.evaluate(LIVE_NODES) for place in places] == [[] for _ in places]
    page.locator(places[0]).first.evaluate(FOLLOW_EVERY_LINK)
    assert incidents == []
