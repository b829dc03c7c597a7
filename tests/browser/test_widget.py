"""Every state of the widget, brought about by the frames that mean it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WidgetPage

pytestmark = pytest.mark.browser

SOURCES = [
    {
        "n": 1,
        "article": "a",
        "title": "Parcels",
        "heading": "Tracking",
        "url": "/help/default/a#tracking",
        "quote": "q",
    },
    {"n": 2, "article": "b", "title": "Customs", "heading": "", "url": "https://shop.example/customs", "quote": "q"},
]


def test_first_open_greets_and_offers_questions(widget: WidgetPage) -> None:
    expect(widget.thread).to_contain_text("Hello, how can we help?")
    widget.press("Where is my parcel?")
    expect(widget.thread.get_by_text("Where is my parcel?")).to_be_visible()
    expect(widget.page.get_by_role("button", name="Where is my parcel?")).to_have_count(0)


def test_text_in_arabic_runs_from_the_right(widget: WidgetPage) -> None:
    widget.ask("كيف أعيد تعيين كلمة المرور؟")
    said = widget.thread.get_by_text("كيف أعيد تعيين كلمة المرور؟", exact=True)
    expect(said).to_have_css("direction", "rtl")


def test_a_choice_between_two_articles_is_offered_as_buttons_until_something_is_said(widget: WidgetPage) -> None:
    widget.ask("How do I reset it?")
    widget.chat.answer("Do you mean:\n\n1. Reset the Uno\n2. Reset the Nano", decision="clarify")
    expect(widget.page.get_by_role("button", name="Reset the Uno")).to_be_visible()
    widget.press("Reset the Nano")
    expect(widget.thread.get_by_text("Reset the Nano", exact=True).last).to_be_visible()
    expect(widget.page.get_by_role("button", name="Reset the Nano")).to_have_count(0)
    assert [frame["text"] for frame in widget.chat.heard if frame["type"] == "message.send"][-1] == "Reset the Nano"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I couldn't find this. Would you like to talk to a person?", {"decision": "abstain"}),
        ("It takes a day [1]. Would you like to talk to a person?", {"sources": SOURCES}),
        ("What did you try? Möchten Sie mit einem Menschen sprechen?", {"decision": "clarify"}),
    ],
)
def test_an_offered_person_is_one_press_away_until_something_is_said(
    widget: WidgetPage, text: str, told: dict[str, object]
) -> None:
    widget.ask("Where is my parcel now?")
    widget.chat.answer(text, **told, offers_person=True)
    offer = widget.thread.get_by_role("button", name="Talk to a person")
    offer.press("Enter")
    assert widget.heard("handoff.request")
    widget.chat.update("waiting")
    expect(offer).to_have_count(0)


def test_nobody_is_offered_a_person_by_a_greeting_a_question_back_or_a_whole_answer(widget: WidgetPage) -> None:
    widget.ask("Hello")
    widget.chat.answer("Hello. What can I help you with?")
    widget.ask("Still broken")
    widget.chat.answer("I'm sorry. What did you try, and what did you see instead?", decision="clarify")
    widget.ask("Which one?")
    widget.chat.answer("Do you mean:\n\n1. Reset the Uno\n2. How do I reset my Nano?", decision="clarify")
    expect(widget.page.get_by_role("button", name="Reset the Uno")).to_be_visible()
    expect(widget.thread.get_by_role("button", name="Talk to a person")).to_have_count(0)
    widget.ask("Where is it?")
    widget.chat.answer("Look at Tracking [1]. Does it say where?", sources=SOURCES, offers_person=False)
    expect(widget.thread).to_contain_text("Look at Tracking")
    expect(widget.thread.get_by_role("button", name="Talk to a person")).to_have_count(0)


WIDE = "| Key | What it does |\n|---|---|\n| `SOME_LONG_SETTING` | Addresses such as `https://shop.example/x/y/z/%s` |"


def test_tables_and_code_fit_a_phone_or_can_be_scrolled_by_keyboard(widget: WidgetPage) -> None:
    widget.page.set_viewport_size({"width": 360, "height": 740})
    widget.ask("Which settings?")
    line = f'<script src="https://shop.example/{"x" * 80}.js"></script>'
    widget.chat.answer(f"{WIDE % ('a' * 60)}\n\n```html\n{line}\n```\n\n[1]", sources=SOURCES)
    table = widget.thread.get_by_role("region", name="Key, What it does")
    fits = "box => box.scrollWidth <= box.clientWidth"
    assert table.evaluate(fits)
    assert widget.thread.locator("pre").evaluate(fits)
    head, rule = "|".join("Column" for _ in range(9)), "|".join("-" for _ in range(9))
    widget.ask("And the rest?")
    widget.chat.answer(f"{head}\n{rule}\n{head}\n\n[1]", sources=SOURCES)
    many = widget.thread.get_by_role("region", name="Column, Column")
    many.focus()
    widget.page.keyboard.press("ArrowRight")
    expect(many).not_to_have_js_property("scrollLeft", 0)


def test_an_answer_is_searched_written_and_then_cited(widget: WidgetPage) -> None:
    widget.ask("Where is it?")
    expect(widget.thread).to_contain_text("Searching the help centre")
    turn = widget.chat.open_turn
    widget.chat.progress("answer.started", turn=turn)
    widget.chat.progress("answer.delta", turn=turn, offset=0, text="Look at **Tra")
    expect(widget.thread.locator("strong")).to_have_text("Tra")
    expect(widget.thread).to_contain_text("Writing")
    expect(widget.page.get_by_text("Was this helpful?")).to_have_count(0)
    widget.chat.answer("Look at **Tracking** [1].", sources=SOURCES)
    chip = widget.thread.get_by_role("link", name="Source 1: Parcels, Tracking")
    assert (chip.get_attribute("href") or "").endswith("/help/default/a#tracking")
    assert chip.get_attribute("target") == "_blank"
    expect(widget.thread.locator(".source-list a")).to_have_text(["1ParcelsTracking", "2Customs"])
    expect(widget.thread.get_by_text("Writing")).to_have_count(0)


def test_what_was_read_stays_the_same_nodes_while_the_rest_streams(widget: WidgetPage) -> None:
    widget.ask("How?")
    turn = widget.chat.open_turn
    widget.chat.progress("answer.delta", turn=turn, offset=0, text="First paragraph.\n\nSecond")
    expect(widget.thread).to_contain_text("Second")
    first = widget.thread.locator(".pending .bubble p").first.element_handle()
    widget.chat.progress("answer.delta", turn=turn, offset=24, text=" paragraph.")
    expect(widget.thread).to_contain_text("Second paragraph.")
    widget.chat.answer("First paragraph.\n\nSecond paragraph.")
    expect(widget.thread.locator(".pending")).to_have_count(0)
    assert first is not None
    assert first.evaluate("(node) => node.isConnected")


def test_a_reader_of_earlier_lines_is_not_moved_but_told(widget: WidgetPage) -> None:
    for number in range(8):
        widget.chat.message("agent", f"Line {number}\n\n" + "long text " * 40, author={"name": "Mira", "avatar": None})
    expect(widget.thread).to_contain_text("Line 7")
    widget.thread.evaluate("(node) => { node.scrollTop = 100; }")
    widget.chat.message("agent", "The newest", author={"name": "Mira", "avatar": None})
    pill = widget.page.get_by_role("button", name="New message", exact=True)
    expect(pill).to_be_visible()
    assert widget.thread.evaluate("(node) => node.scrollTop") == 100
    pill.click()
    expect(widget.thread.get_by_text("The newest")).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_a_tall_answer_is_read_from_its_start_and_counts_as_seen(widget: WidgetPage) -> None:
    widget.ask("Everything?")
    turn = widget.chat.open_turn
    widget.chat.progress("answer.delta", turn=turn, offset=0, text="First line.\n\n" + "long text " * 200)
    first = widget.thread.get_by_text("First line.")
    expect(first).to_be_in_viewport()
    widget.chat.answer("First line.\n\n" + "long text " * 400)
    expect(widget.thread.locator(".pending")).to_have_count(0)
    expect(first).to_be_in_viewport()
    assert widget.heard("read")
    widget.press("Close chat")
    expect(widget.page.get_by_role("button", name="Open chat", exact=True)).to_be_visible()


def test_the_newest_line_after_a_tall_answer_is_told_and_moves_nothing(widget: WidgetPage) -> None:
    widget.ask("Everything?")
    widget.chat.answer("First line.\n\n" + "long text " * 400)
    expect(widget.thread.get_by_text("First line.")).to_be_in_viewport()
    widget.chat.message("agent", "The newest", author={"name": "Mira", "avatar": None})
    expect(widget.page.get_by_role("button", name="New message", exact=True)).to_be_visible()
    expect(widget.thread.get_by_text("First line.")).to_be_in_viewport()


def test_a_delayed_answer_tells_how_long_shows_its_sources_and_offers_a_person(widget: WidgetPage) -> None:
    widget.ask("Slow one?")
    turn = widget.chat.open_turn
    widget.chat.progress("answer.status", turn=turn, status="searching", position=3)
    expect(widget.thread).to_contain_text("You are number 3 in the queue.")
    widget.chat.progress("answer.started", turn=turn)
    expect(widget.thread).not_to_contain_text("in the queue")
    widget.chat.progress("answer.status", turn=turn, status="delayed", estimate_seconds=12, sources=SOURCES)
    expect(widget.thread).to_contain_text("about 12 seconds")
    expect(widget.thread.locator(".source-list a")).to_have_count(2)
    widget.thread.get_by_role("button", name="Talk to a person").focus()
    widget.chat.progress("answer.status", turn=turn, status="delayed", estimate_seconds=1)
    expect(widget.thread).to_contain_text("about 1 second more")
    expect(widget.thread.get_by_role("button", name="Talk to a person")).to_be_focused()
    widget.chat.progress("answer.status", turn=turn, status="delayed")
    expect(widget.thread).to_contain_text("longer than usual")
    expect(widget.thread).not_to_contain_text("about")
    expect(widget.thread.locator(".source-list a")).to_have_count(2)
    widget.thread.get_by_role("button", name="Talk to a person").click()
    assert widget.heard("handoff.request")


PENDING_WORDS = """async () => {
  const { speak } = await import("/static/widget/words.js");
  const { pendingLine } = await import("/static/widget/messages.js");
  const said = {};
  for (const language of ["en", "de-AT", "pl", "tlh"]) {
    await speak(language);
    said[language] = pendingLine({ status: "delayed", estimate_seconds: 2 });
  }
  return said;
}"""


COUNTED_WORDS = """async ([language, count]) => {
  const { speak, say } = await import("/static/widget/words.js");
  await speak(language);
  return say("tooLong", { count });
}"""


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "Too long by 1 character."),
        ("en", 2, "Too long by 2 characters."),
        ("de", 1, "1 Zeichen zu lang."),
        ("pl", 3, "3 znaki ponad limit."),
        ("ru", 21, "21 лишний знак."),
    ],
)
def test_a_count_is_told_in_the_form_of_its_language(module_page: Page, language: str, count: int, said: str) -> None:
    assert module_page.evaluate(COUNTED_WORDS, [language, count]) == said


def test_who_waits_is_told_so_in_the_language_of_the_browser(module_page: Page) -> None:
    said = module_page.evaluate(PENDING_WORDS)
    assert said["de-AT"] == "Das dauert länger als sonst, noch etwa 2 Sekunden"
    assert "2 sekundy" in said["pl"]
    assert said["tlh"] == said["en"]


def test_stop_ends_the_turn_that_is_being_answered(widget: WidgetPage) -> None:
    widget.ask("Long one?")
    widget.press("Stop")
    assert widget.heard("answer.stop") == [{"type": "answer.stop", "turn": widget.chat.open_turn}]
    widget.chat.answer("Half an", decision=None, stopped=True)
    expect(widget.thread).to_contain_text("Stopped")
    expect(widget.page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def test_a_stop_that_did_not_get_through_is_asked_for_again_while_the_turn_runs(widget: WidgetPage) -> None:
    widget.ask("Long one?")
    widget.page.clock.install()
    widget.press("Stop")
    for times in (2, 3):
        widget.chat.progress("error", code="unavailable", message="Not now.")
        widget.page.wait_for_timeout(200)
        widget.page.clock.run_for(4_000)
        assert {frame["turn"] for frame in widget.heard("answer.stop", times)} == {widget.chat.open_turn}
    widget.chat.progress("error", code="unavailable", message="Not now.")
    widget.chat.answer("All of it.")
    expect(widget.thread).to_contain_text("All of it.")
    widget.page.clock.run_for(4_000)
    assert len(widget.chat.said("answer.stop")) == 3


def test_at_first_open_a_person_is_asked_for_in_words_that_start_the_conversation(widget: WidgetPage) -> None:
    widget.press("Talk to a person")
    expect(widget.thread).to_contain_text("I would like to talk to a person.")
    widget.heard("handoff.request")
    kinds = widget.chat.kinds()
    assert kinds.index("message.send") < kinds.index("handoff.request")


def test_an_agent_joins_with_name_and_face_types_and_speaks(widget: WidgetPage) -> None:
    agent = {"name": "Mira Okafor", "avatar": None}
    widget.ask("Hello?")
    widget.chat.update("agent", agent=agent)
    expect(widget.page.get_by_role("heading", name="Mira Okafor")).to_be_visible()
    expect(widget.thread).to_contain_text("Mira Okafor joined the conversation.")
    widget.chat.progress("typing", role="agent")
    expect(widget.page.get_by_text("Mira Okafor is typing")).to_be_visible()
    widget.chat.message("agent", "Hello,\nI am here.", author=agent)
    expect(widget.page.get_by_text("Mira Okafor is typing")).to_have_count(0)
    expect(widget.thread.get_by_text("I am here.")).to_be_visible()


def test_resolved_is_told_and_a_new_conversation_starts_empty(widget: WidgetPage) -> None:
    widget.ask("Thanks")
    widget.chat.update("resolved")
    expect(widget.thread).to_contain_text("This conversation is closed.")
    widget.chat.events.clear()
    widget.chat.status = "assistant"
    widget.press("New conversation")
    expect(widget.thread.get_by_text("Thanks")).to_have_count(0)
    hello = widget.heard("hello", 2)[-1]
    assert (hello["conversation"], hello["session"]) == (None, "s")
    widget.load(locale="de-AT")
    expect(widget.page.get_by_label("Nachricht schreiben")).to_be_visible()
    assert widget.heard("hello", 3)[-1]["locale"] == "de-AT"


def test_a_cut_connection_loses_and_repeats_nothing(widget: WidgetPage) -> None:
    widget.ask("One")
    widget.chat.cut()
    widget.chat.connections.clear()
    widget.chat.message("agent", "Said while away", author=None)
    expect(widget.thread.get_by_text("Said while away")).to_be_visible()
    assert widget.heard("hello", 2)[-1]["after"] == 1
    expect(widget.thread.get_by_text("One", exact=True)).to_have_count(1)


def test_a_gap_makes_it_ask_again_on_a_new_connection(widget: WidgetPage) -> None:
    widget.ask("One")
    missed = {"type": "message.created", "seq": 2, "message": {"id": "m2", "role": "agent", "text": "Missed"}}
    widget.chat.events.append(missed)
    widget.chat.message("agent", "After the gap", author=None)
    expect(widget.thread.get_by_text("Missed")).to_be_visible()
    expect(widget.thread.get_by_text("After the gap")).to_be_visible()


@pytest.mark.parametrize(("code", "words"), [(4403, "not set up for this site"), (4404, "no longer available")])
def test_a_final_refusal_says_so_and_closes_the_field(widget: WidgetPage, code: int, words: str) -> None:
    widget.chat.connections[-1].close(code=code)
    expect(widget.page.get_by_text(words)).to_be_visible()
    expect(widget.field).to_be_disabled()


def test_the_launcher_counts_what_was_not_read(widget: WidgetPage) -> None:
    widget.ask("Hello?")
    widget.press("Close chat")
    widget.chat.message("agent", "One", author=None)
    widget.chat.message("agent", "Two", author=None)
    expect(widget.page.get_by_role("button", name="Open chat, 2 unread messages")).to_be_visible()
    widget.page.get_by_role("button", name=re.compile("Open chat")).click()
    widget.press("Close chat")
    expect(widget.page.get_by_role("button", name="Open chat", exact=True)).to_be_visible()
    assert widget.heard("read", 2)[-1]["seq"] == 3


def test_without_storage_the_chat_works_as_long_as_the_page_lives(widget: WidgetPage) -> None:
    widget.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    widget.load().open()
    widget.ask("Private question")
    widget.chat.answer("Private answer")
    widget.chat.cut()
    expect(widget.thread).to_contain_text("Private answer")


def test_a_second_tab_joins_the_conversation_and_both_follow(widget: WidgetPage) -> None:
    other = WidgetPage(widget.page.context.new_page(), widget.site).load().ready()
    other.chat.events = widget.chat.events
    widget.ask("From the first tab")
    expect(other.thread.get_by_text("From the first tab")).to_be_visible()
    assert other.heard("hello", 2)[-1]["conversation"] == "c1"
