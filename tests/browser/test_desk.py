"""An agent's day in a real Chromium, with customers on plain WebSockets."""

import re

import pytest
from django.db import OperationalError
from playwright.sync_api import APIResponse, Page, Route, expect

from assistant.conversations import services
from assistant.models import Conversation, Draft, Message, Note, User, Widget
from assistant.realtime import desk_consumer
from assistant.states import ConversationStatus
from tests.browser.conftest import OpenDesk
from tests.cast import make_agent, make_widget
from tests.desk import scenes
from tests.realtime_clients import Visit, rings_lost

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REPLIES = ["First this", "Then that"]


@pytest.fixture
def widget(transactional_db: None) -> Widget:
    return make_widget()


def lost(*arguments: object) -> None:
    raise OperationalError("the database is away")


def said(page: Page, role: str, text: str) -> None:
    expect(page.locator(f"#messages .said.{role}", has_text=text)).to_be_visible()


def test_a_desk_at_which_nothing_happens_asks_for_nothing(open_desk: OpenDesk, widget: Widget) -> None:
    page = open_desk()
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(6_000)
    assert len([url for url in asked if "/desk/list/" in url]) <= 1  # the list that follows the greeting


def test_an_agents_journey(open_desk: OpenDesk, site: str, widget: Widget) -> None:
    page = open_desk()
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()

    visit = Visit(site, widget)
    visit.ask("Where is my parcel?")
    visit.ask_for_a_person()
    row = page.locator(".row", has_text="Where is my parcel?")
    expect(row).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(1\) "))

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    said(page, "customer", "Where is my parcel?")
    page.keyboard.press("t")
    expect(page.locator(".status.agent")).to_have_text("With you")
    expect(page.locator("#thread")).to_be_focused()  # the row that had the focus has left the list
    assert visit.hear("conversation.updated", lambda f: f["status"] == "agent")["agent"]["name"] == "Alice"

    page.keyboard.press("r")
    page.keyboard.type("It is **on its way**")
    page.keyboard.press("Control+Enter")
    said(page, "agent", "It is on its way")
    assert visit.hear("message.created", lambda f: f["message"]["role"] == "agent")["message"]["text"] == (
        "It is **on its way**"
    )
    visit.ask("Thank you")
    said(page, "customer", "Thank you")

    page.keyboard.press("Escape")
    page.keyboard.press("b")
    visit.hear("conversation.updated", lambda f: f["status"] == "assistant")
    expect(page.locator(".status.assistant")).to_be_visible()
    page.keyboard.press("e")
    visit.hear("conversation.updated", lambda f: f["status"] == "resolved")
    expect(page.locator(".status.resolved")).to_be_visible()
    page.keyboard.press("4")
    expect(page.locator(".row", has_text="Thank you")).to_be_visible()


def test_who_waits_unrung_is_in_the_list_after_the_next_pulse(
    open_desk: OpenDesk, widget: Widget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_consumer, "PULSE_SECONDS", 0.5)
    page = open_desk()
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    page.wait_for_timeout(2_000)  # the list that follows the greeting has come
    with rings_lost():
        scenes.waiting(widget, text="Where is my parcel?")
    expect(page.locator(".row", has_text="Where is my parcel?")).to_be_visible()


def test_a_draft_survives_a_reload_and_goes_with_the_reply(open_desk: OpenDesk, widget: Widget, alice: User) -> None:
    conversation = scenes.taken(widget, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    with page.expect_response("**/draft/"):
        page.locator("#reply").press_sequentially("Half a thought")
    page.reload()
    expect(page.locator("#reply")).to_have_value("Half a thought")
    page.locator("#reply").press("Control+Enter")
    said(page, "agent", "Half a thought")
    page.reload()
    said(page, "agent", "Half a thought")
    expect(page.locator("#reply")).to_have_value("")
    assert not Draft.objects.exists()


def test_what_is_pressed_before_the_last_is_answered_is_done_after_it(
    open_desk: OpenDesk, widget: Widget, alice: User
) -> None:
    conversation = scenes.taken(widget, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/hand-back/", lambda route: held.append((route, route.fetch())))
    page.keyboard.press("b")
    expect(page.locator(".status.assistant")).to_be_visible()  # heard of on the connection
    page.keyboard.press("e")
    for route, response in held:
        route.fulfill(response=response)
    expect(page.locator(".status.resolved")).to_be_visible()
    assert Conversation.objects.get().status == ConversationStatus.RESOLVED


def test_two_agents_claim_and_the_slower_is_told(open_desk: OpenDesk, widget: Widget) -> None:
    make_agent("bob")
    conversation = scenes.waiting(widget)
    path = f"/desk/c/{conversation.pk}/?view=waiting"
    alices, bobs = open_desk(path), open_desk(path, "bob")
    said(alices, "customer", "I want a person")
    said(bobs, "customer", "I want a person")
    bobs.route("**/head/*", lambda route: route.abort())  # bob's page does not hear of it in time
    alices.keyboard.press("t")
    expect(alices.locator(".status")).to_have_text("With you")
    bobs.keyboard.press("t")
    expect(bobs.get_by_role("alert")).to_contain_text("Alice")
    expect(bobs.locator(".status")).to_have_text("With Alice")
    expect(bobs.locator("#send")).to_be_disabled()
    assert Conversation.objects.get().agent == User.objects.get(username="alice")


def test_somebody_elses_action_shows_at_once(open_desk: OpenDesk, widget: Widget) -> None:
    bob = make_agent("bob")
    conversation = scenes.waiting(widget)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=waiting")
    said(page, "customer", "I want a person")
    services.take_over(conversation.pk, bob)
    expect(page.locator("#head .status")).to_have_text("With Bob")
    expect(page.locator(".row")).to_have_count(0)
    services.add_note(conversation.pk, bob, "He is a regular")
    expect(page.locator("#side")).to_contain_text("He is a regular")


def test_the_list_holds_its_place_when_somebody_arrives(open_desk: OpenDesk, widget: Widget) -> None:
    for number in range(40):
        scenes.answered(widget, name=f"Customer {number:02}")
    page = open_desk("/desk/?view=open")
    page.locator("#rows").evaluate("box => { box.scrollTop = 900; }")
    watched = page.locator(".row", has_text="Customer 22")
    before = watched.bounding_box()
    scenes.answered(widget, name="Newcomer")
    expect(page.locator(".row", has_text="Newcomer")).to_have_count(1)
    assert watched.bounding_box() == before
    page.locator("#rows").evaluate("box => { box.scrollTop = box.scrollHeight; }")
    expect(page.locator(".row", has_text="Customer 00")).to_be_visible()


def test_what_is_written_offline_is_kept_and_sent_once(open_desk: OpenDesk, widget: Widget, alice: User) -> None:
    conversation = scenes.taken(widget, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    said(page, "customer", "I want a person")
    page.route_web_socket("**/ws/desk/", lambda socket: socket.close())
    page.reload()
    expect(page.locator("#away")).to_be_visible()
    page.locator("#reply").fill("Written in a tunnel")
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("#pending")).to_contain_text("Sending")
    page.unroute_all()
    other = page.context.new_page()
    other.goto(page.url)
    said(other, "agent", "Written in a tunnel")
    expect(other.locator("#pending")).to_be_empty()
    assert Message.objects.filter(text="Written in a tunnel").count() == 1


def test_replies_that_could_not_be_kept_at_once_are_stored_as_they_were_written(
    open_desk: OpenDesk, widget: Widget, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = scenes.taken(widget, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    said(page, "customer", "I want a person")
    with monkeypatch.context() as away:
        away.setattr(services, "reply", lost)
        for text in REPLIES:
            page.locator("#reply").fill(text)
            page.locator("#reply").press("Control+Enter")
        expect(page.locator("#pending")).to_contain_text("sent again by itself")
        page.locator("#reply").fill("And that is all")
    page.locator("#reply").press("Control+Enter")
    said(page, "agent", "And that is all")
    expect(page.locator("#pending")).to_be_empty()
    stored = Message.objects.filter(conversation=conversation, role="agent").order_by("seq")
    assert list(stored.values_list("text", flat=True)) == [*REPLIES, "And that is all"]


def test_the_assistants_part_is_folded_and_explains_itself(open_desk: OpenDesk, widget: Widget, alice: User) -> None:
    conversation = scenes.answered(widget, "How do I start?")
    session = conversation.customer.sessions.get()
    services.accept_message(conversation, session, "00000000-0000-4000-8000-000000000001", "That did not help")
    services.take_over(conversation.pk, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    said(page, "customer", "That did not help")
    expect(page.get_by_text("Open the settings")).to_be_hidden()
    page.get_by_text("Assistant’s part").click()
    said(page, "assistant", "Open the settings")
    page.get_by_text("Why this answer").click()
    expect(page.locator(".why-answer")).to_contain_text("0.90")


def test_what_is_fetched_waits_for_nothing_else_that_is_on_its_way(
    open_desk: OpenDesk, widget: Widget, alice: User
) -> None:
    conversation = scenes.answered(widget, "How do I start?")
    page = open_desk(f"/desk/c/{conversation.pk}/?view=open")
    said(page, "assistant", "Open the settings")
    held: list[Route] = []
    page.route(re.compile(r"/desk/(list|c/[^/]+/head)/"), lambda route: held.append(route))
    with page.expect_request("**/head/**"), page.expect_request("**/desk/list/**"):
        services.take_over(conversation.pk, alice)
    page.get_by_text("Why this answer").click()
    expect(page.locator(".why-answer")).to_contain_text("0.90")
    for route in held:
        route.continue_()
    expect(page.get_by_role("button", name="Hand back")).to_be_visible()


def test_an_open_explanation_stays_open_when_a_person_takes_over(
    open_desk: OpenDesk, widget: Widget, alice: User
) -> None:
    conversation = scenes.answered(widget, "How do I start?")
    page = open_desk(f"/desk/c/{conversation.pk}/?view=open")
    said(page, "assistant", "Open the settings")
    page.get_by_text("Why this answer").click()
    expect(page.locator(".why-answer")).to_contain_text("0.90")
    services.take_over(conversation.pk, alice)
    expect(page.locator(".turned")).to_contain_text("took over")
    expect(page.locator(".why-answer")).to_be_visible()


def test_how_an_answer_was_made_is_one_key_away(open_desk: OpenDesk, widget: Widget, alice: User) -> None:
    conversation = scenes.answered(widget, "How do I start?")
    page = open_desk(f"/desk/c/{conversation.pk}/?view=open")
    said(page, "assistant", "Open the settings")
    link = page.get_by_role("link", name="How was this answered")
    expect(link).to_have_attribute("title", "How was this answered (h)")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", name="How this was answered")).to_be_visible()
    expect(page.locator("[data-decision]")).to_contain_text("Open the settings")
    page.wait_for_load_state()  # its keys are bound once its script has run
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/desk/c/{conversation.pk}/?view=open")
    said(page, "assistant", "Open the settings")


def test_who_reads_how_an_answer_was_made_is_at_the_desk(open_desk: OpenDesk, widget: Widget, alice: User) -> None:
    conversation = scenes.answered(widget, "How do I start?")
    turn = Message.objects.get(conversation=conversation, role="assistant").turn_id
    page = open_desk(f"/desk/c/{conversation.pk}/turns/{turn}/")
    expect(page.get_by_role("heading", name="How this was answered")).to_be_visible()
    for _ in range(250):
        if User.objects.get(pk=alice.pk).desk_seen_at:
            return
        page.wait_for_timeout(20)
    raise AssertionError("nobody was seen at the desk")


def test_the_key_asks_of_the_message_with_the_focus(open_desk: OpenDesk, widget: Widget) -> None:
    conversation = scenes.answered(widget, "How do I start?")
    first = Message.objects.get(conversation=conversation, role="assistant").turn_id
    session = conversation.customer.sessions.get()
    services.accept_message(conversation, session, "00000000-0000-4000-8000-000000000001", "And then?")
    second = scenes.answer_open_turn(conversation)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=open")
    expect(page.get_by_role("link", name="How was this answered")).to_have_count(2)
    page.get_by_text("Why this answer").first.focus()
    page.keyboard.press("h")
    page.wait_for_url(f"**/turns/{first}/?view=open")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="How was this answered")).to_have_count(2)
    page.keyboard.press("h")
    page.wait_for_url(f"**/turns/{second}/?view=open")


def test_a_long_line_of_code_wraps_in_its_message(open_desk: OpenDesk, widget: Widget) -> None:
    conversation = scenes.answered(widget)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=open")
    said(page, "assistant", "Open the settings")
    bubble = page.locator(".said.assistant .bubble")
    bubble.evaluate("box => box.insertAdjacentHTML('beforeend', `<pre>${'x'.repeat(400)}</pre>`)")
    assert page.locator("#scroller").evaluate("box => box.scrollWidth <= box.clientWidth")
    bubble.evaluate("box => { box.innerHTML = '<table><td>Support</td></table>'; box.style.width = '60px'; }")
    assert bubble.locator("td").evaluate("cell => cell.clientHeight") < 40  # one line: the word is whole


def test_a_note_by_key_and_the_list_of_keys(open_desk: OpenDesk, widget: Widget, alice: User) -> None:
    conversation = scenes.taken(widget, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    said(page, "customer", "I want a person")
    page.keyboard.press("n")
    page.keyboard.type("Ask about tea")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".notes")).to_contain_text("Ask about tea")
    expect(page.locator("#note")).to_have_value("")
    page.locator("#note").fill("And about milk")
    page.locator("#note").press("Control+Enter")
    expect(page.locator(".notes")).to_contain_text("And about milk")
    assert [note.text for note in Note.objects.order_by("created_at")] == ["Ask about tea", "And about milk"]
    page.locator("#scroller").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("t")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_half_written_note_survives_a_reload_and_goes_when_saved(
    open_desk: OpenDesk, site: str, widget: Widget, alice: User
) -> None:
    conversation, other = scenes.taken(widget, alice), scenes.taken(widget, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    page.locator("#note").fill("Half a thought")
    page.reload()
    expect(page.locator("#note")).to_have_value("Half a thought")
    page.locator(f"#row-{other.pk}").click()
    expect(page.locator("#conversation")).to_have_attribute("data-conversation", str(other.pk))
    expect(page.locator("#note")).to_have_value("")
    page.locator(f"#row-{conversation.pk}").click()
    expect(page.locator("#note")).to_have_value("Half a thought")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".notes")).to_contain_text("Half a thought")
    expect(page.locator("#note")).to_have_value("")
    page.reload()
    expect(page.locator(".notes")).to_contain_text("Half a thought")
    expect(page.locator("#note")).to_have_value("")


@pytest.mark.parametrize("width", [360, 1024, 1440])
def test_nothing_overflows_with_long_words(open_desk: OpenDesk, widget: Widget, alice: User, width: int) -> None:
    long = "Donaudampfschifffahrt" * 30
    conversation = scenes.taken(widget, alice, text=long, name=long[:200])
    services.add_note(conversation.pk, alice, long)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine")
    page.set_viewport_size({"width": width, "height": 740})
    said(page, "customer", long)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#scroller").evaluate("box => box.scrollWidth <= box.clientWidth")
    expect(page.locator("#reply")).to_be_in_viewport()
