"""A customer's journeys through the whole product, in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.product import Product

pytestmark = pytest.mark.browser

QUESTION = "How do I leave my e-mail address?"
PATIENCE_MS = 30_000


class Customer:
    """Somebody on the demo site, with the chat open; `cut` breaks the connection to the server."""

    def __init__(self, page: Page, product: Product) -> None:
        self.page, self.product = page, product
        self.lines: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/chat/", self._connect)
        page.goto(product.base_url + "/")
        page.get_by_role("button", name="Open chat").click()
        expect(page.get_by_role("button", name="Talk to a person", exact=True)).to_be_enabled(timeout=PATIENCE_MS)

    def _connect(self, line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        line.on_message(server.send)
        server.on_message(line.send)
        self.lines.append(line)

    def cut(self) -> None:
        self.lines[-1].close(code=1012)

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("region", name="Messages")

    @property
    def answers(self) -> Locator:
        """Finished messages of the assistant, the greeting apart."""
        return self.thread.locator(".message.assistant:not(.pending)").filter(has=self.page.locator(".sources"))

    def ask(self, text: str = QUESTION) -> None:
        field = self.page.get_by_label("Write a message")
        field.fill(text)
        field.press("Enter")


@pytest.fixture
def customer(page: Page, product: Product) -> Customer:
    return Customer(page, product)


def test_an_answer_leads_to_its_section_and_is_rated(customer: Customer) -> None:
    customer.ask()
    expect(customer.answers).to_have_count(1, timeout=PATIENCE_MS)
    with customer.page.context.expect_page() as opened:
        customer.answers.get_by_role("link", name=re.compile("^Source 1")).first.click()
    article = opened.value
    article.wait_for_load_state()
    assert "/help/default/" in article.url
    assert article.title() in customer.answers.locator(".source-title").all_text_contents()
    if "#" in article.url:
        expect(article.locator(":target")).to_be_in_viewport()
    customer.page.get_by_role("button", name="Yes, helpful").click()
    expect(customer.thread).to_contain_text("Thank you, noted.")


def test_the_conversation_is_there_after_a_reload_and_on_another_page(customer: Customer) -> None:
    customer.ask()
    expect(customer.answers).to_have_count(1, timeout=PATIENCE_MS)
    said = customer.answers.inner_text()
    by_itself = f"{customer.product.base_url}/widget/{customer.product.widget}/"
    for go in (customer.page.reload, lambda: leave_and_come_back(customer), lambda: customer.page.goto(by_itself)):
        go()
        expect(customer.answers).to_have_count(1, timeout=PATIENCE_MS)
        assert customer.answers.inner_text() == said
        expect(customer.thread.get_by_text(QUESTION, exact=True)).to_have_count(1)


def leave_and_come_back(customer: Customer) -> None:
    """Read an article of the help centre, a page without the chat, and go back."""
    customer.page.goto(customer.product.base_url + "/help/")
    customer.page.get_by_role("main").get_by_role("link").first.click()
    expect(customer.page).to_have_url(re.compile("/help/.+/"))
    expect(customer.thread).to_have_count(0)
    customer.page.go_back()
    customer.page.go_back()


def test_a_cut_line_loses_and_doubles_nothing(customer: Customer) -> None:
    for _ in range(3):
        customer.ask()
        customer.cut()
        expect(customer.thread.get_by_text("Sent", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    expect(customer.thread.get_by_text("Sending", exact=True)).to_have_count(0, timeout=PATIENCE_MS)
    expect(customer.thread.locator(".message").last).to_contain_text("Was this helpful?", timeout=PATIENCE_MS)
    expect(customer.thread.get_by_text(QUESTION, exact=True)).to_have_count(3)
    shown = customer.thread.locator(".message").all_inner_texts()
    customer.page.reload()
    expect(customer.thread.get_by_text(QUESTION, exact=True)).to_have_count(3, timeout=PATIENCE_MS)
    expect(customer.thread.locator(".message").last).to_contain_text("Was this helpful?", timeout=PATIENCE_MS)
    assert customer.thread.locator(".message").all_inner_texts() == shown


def test_a_person_is_asked_for_and_the_assistant_returned_to(customer: Customer) -> None:
    customer.ask()
    expect(customer.answers).to_have_count(1, timeout=PATIENCE_MS)
    customer.page.get_by_role("button", name="Talk to a person", exact=True).click()
    expect(customer.thread.get_by_role("group", name="Waiting for a person")).to_be_visible(timeout=PATIENCE_MS)
    # Mail is printed to the log here: nobody is promised any.
    expect(customer.page.get_by_role("textbox", name="E-mail address")).to_be_hidden()
    customer.page.get_by_role("button", name="Return to the assistant").click()
    expect(customer.thread).to_contain_text("You are back with the assistant.", timeout=PATIENCE_MS)


def test_a_new_conversation_is_empty_and_the_second_tab_joins_it(customer: Customer) -> None:
    customer.ask()
    expect(customer.answers).to_have_count(1, timeout=PATIENCE_MS)
    customer.page.get_by_role("button", name="New conversation").click()
    expect(customer.thread.get_by_text(QUESTION, exact=True)).to_have_count(0)
    other = customer.page.context.new_page()
    other.goto(customer.product.base_url + "/")
    customer.ask("How do I rate an answer?")
    expect(customer.answers).to_have_count(1, timeout=PATIENCE_MS)
    expect(other.get_by_role("region", name="Messages")).to_contain_text(
        "How do I rate an answer?", timeout=PATIENCE_MS
    )


def test_what_was_written_without_a_line_is_sent_when_it_is_back(customer: Customer) -> None:
    customer.page.evaluate("document.querySelector('answerdesk-widget').chat.connection.giveWay(600000)")
    customer.ask()
    expect(customer.thread).to_contain_text("Waits for the connection", timeout=PATIENCE_MS)
    customer.page.evaluate("document.querySelector('answerdesk-widget').chat.connection.doubt()")
    expect(customer.answers).to_have_count(1, timeout=PATIENCE_MS)
    expect(customer.thread.get_by_text(QUESTION, exact=True)).to_have_count(1)
