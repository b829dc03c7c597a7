"""Hostile text in every field that the widget shows: nothing runs, and nobody else is called."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WidgetPage
from tests.browser.payloads import FOLLOW_EVERY_LINK, HARM, LIVE_NODES, WRITTEN, address_in, batches, every, watched

pytestmark = pytest.mark.browser


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    batches(metafunc, size=60, sliced=60)


@pytest.fixture
def incidents(page: Page, module_site: str) -> list[str]:
    return watched(page, module_site)


def test_there_are_hundreds_of_payloads_and_each_is_another() -> None:
    assert len(set(WRITTEN)) == len(WRITTEN) == 60
    assert len(every()) == len(set(every())) >= 300


def hostile_source(payload: str, number: int) -> dict[str, object]:
    shown = {"article": payload, "title": payload, "heading": payload, "quote": payload}
    return {"n": number, "url": address_in(payload), **shown}


def test_hostile_text_is_shown_and_does_nothing(widget: WidgetPage, incidents: list[str], payloads: list[str]) -> None:
    for payload in payloads:
        author = {"name": payload, "avatar": address_in(payload)}
        widget.chat.message("customer", payload)
        widget.chat.message("assistant", f"{payload} [1]", decision="answer", sources=[hostile_source(payload, 1)])
        widget.chat.message("agent", payload, author=author)
        widget.chat.message("system", payload)
        widget.chat.update("agent", agent=author)
    widget.chat.progress("answer.delta", turn="open", offset=0, text="\n\n".join(payloads))
    widget.chat.message("agent", "the last of them", author=None)
    expect(widget.thread.get_by_text("the last of them")).to_be_visible()
    expect(widget.thread.locator(".own .bubble")).to_have_count(len(payloads))
    expect(widget.thread.locator(".own .bubble").first).to_contain_text(HARM)
    # Kept on this page: a script address would run here.
    widget.thread.evaluate(FOLLOW_EVERY_LINK)
    assert incidents == []
    assert widget.thread.evaluate(LIVE_NODES) == []


@pytest.mark.parametrize("field", ["name", "greeting", "suggestions", "accent"])
def test_hostile_settings_are_shown_and_do_nothing(
    widget: WidgetPage, incidents: list[str], payloads: list[str], field: str
) -> None:
    for payload in payloads:
        widget.page.evaluate(
            "(settings) => document.querySelector('answerdesk-widget').apply(settings)",
            {field: [payload] if field == "suggestions" else payload},
        )
    widget.page.wait_for_function("document.querySelector('answerdesk-widget').isConnected")
    assert incidents == []


def test_a_strict_policy_of_the_host_page_is_enough(page: Page, module_site: str) -> None:
    policy = (
        f"default-src 'none'; script-src {module_site} 'nonce-n'; connect-src {module_site} ws:; img-src 'none'; "
        "style-src 'none'; require-trusted-types-for 'script'"
    )
    violations: list[str] = []
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)
    host = f"{module_site}/host"
    body = (
        "<!doctype html><title>Host</title><body><script nonce=n type=module>"
        "await import('/static/widget/widget.js');"
        "const element = document.createElement('answerdesk-widget');"
        "element.setAttribute('key', 'wk'); element.settings = {name: 'Shop', accent: '#aa3355', greeting: 'Hello'};"
        "document.body.append(element);</script>"
    )
    headers = {"Content-Security-Policy": policy, "Content-Type": "text/html"}
    page.route(host, lambda route: route.fulfill(body=body, headers=headers))
    page.goto(host)
    widget = WidgetPage(page, module_site)
    widget.open()
    expect(widget.thread).to_contain_text("Hello")
    assert page.locator("answerdesk-widget .panel").evaluate("(node) => getComputedStyle(node).borderRadius") == "16px"
    assert violations == []
