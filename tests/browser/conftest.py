"""Pages to test on: one that holds nothing but the front end's own modules, and the desk of a served product."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from assistant.models import User
from assistant.project.static_files import MINIFIERS
from tests.browser.scripted_chat import ScriptedChat
from tests.cast import make_agent

OpenDesk = Callable[..., Page]
ROOT = Path(__file__).resolve().parents[2]


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    """The checkout's static files under /static/, scripts as they are served, and an empty page everywhere else."""

    def do_GET(self) -> None:
        kind, body = "text/html", b"<!doctype html><html lang=en><title>Modules</title><body></body></html>"
        if self.path.startswith("/static/") and self.path.endswith(".js"):
            kind, body = "text/javascript", MINIFIERS[".js"]((ROOT / self.path[1:]).read_text("utf-8")).encode()
        elif self.path.startswith("/static/"):
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture(scope="session")
def module_site() -> Iterator[str]:
    """Address of a server of the modules under /static/."""
    handler = functools.partial(QuietFiles, directory=str(ROOT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def module_page(page: Page, module_site: str) -> Page:
    """A page in a fresh profile that may import the modules."""
    page.goto(module_site)
    return page


PLACE_WIDGET = """async (settings) => {
  await import("/static/widget/widget.js");
  const element = document.createElement("answerdesk-widget");
  element.setAttribute("key", "wk_test");
  if (settings.locale) element.setAttribute("locale", settings.locale);
  element.settings = settings;
  document.body.append(element);
}"""
SETTINGS = {
    "name": "Shop help",
    "accent": "#3b5bdb",
    "greeting": "Hello, how can we help?",
    "suggestions": ["Where is my parcel?"],
}


READY_LOOKS, READY_PAUSE_MS = 600, 50


class WidgetPage:
    """A page with the widget on it, and the chat that it talks to."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.chat = ScriptedChat(page)

    def load(self, **settings: object) -> "WidgetPage":
        self.page.goto(self.site)
        self.page.evaluate(PLACE_WIDGET, {**SETTINGS, **settings})
        self.page.locator("answerdesk-widget .launcher").wait_for(state="attached")
        return self

    def open(self) -> "WidgetPage":
        self.page.get_by_role("button", name="Open chat").click()
        return self.ready()

    def ready(self) -> "WidgetPage":
        # Looked at from outside: what looks again and again from within is refused by a page's strict policy.
        for _ in range(READY_LOOKS):
            if self.page.evaluate("document.querySelector('answerdesk-widget').chat.connection.status === 'ready'"):
                return self
            self.page.wait_for_timeout(READY_PAUSE_MS)
        raise AssertionError("the widget did not become ready")

    @property
    def field(self) -> Locator:
        return self.page.get_by_label("Write a message")

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("region", name="Messages")

    def ask(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")
        expect(self.thread.get_by_text(text, exact=True)).to_be_visible()

    def heard(self, kind: str, times: int = 1) -> list[dict[str, Any]]:
        """Frames of one type that the server heard, once there are `times` of them."""
        for _ in range(250):
            if len(self.chat.said(kind)) >= times:
                return self.chat.said(kind)
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{kind} was not sent {times} times, but: {self.chat.kinds()}")

    def on_a_clock(self) -> "WidgetPage":
        """Loaded anew, with every timer on a clock that `pass_time` turns."""
        self.page.clock.install()
        return self.load().ready()

    def pass_time(self, seconds: int) -> None:
        """Second by second: what the server says meanwhile arrives."""
        for _ in range(seconds):
            self.page.clock.run_for(1_000)
            self.page.wait_for_timeout(READY_PAUSE_MS)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def widget(module_page: Page, module_site: str) -> WidgetPage:
    """The widget, opened, in a fresh profile."""
    return WidgetPage(module_page, module_site).load().open()


@pytest.fixture
def alice(transactional_db: None) -> User:
    return make_agent("alice")


@pytest.fixture
def open_desk(browser: Browser, site: str, alice: User) -> Iterator[OpenDesk]:
    """Logs somebody in through the form and opens a page of the desk, connected."""
    contexts: list[BrowserContext] = []
    failures: list[str] = []
    cache.clear()  # so many log-ins of one address, one test after the other, would be taken for guessing

    def opened(path: str = "/desk/", name: str = "alice", **options: object) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        # Chromium lets requests pass that come just after a page's first route, unless that is older than the page.
        page.route("**/nothing-is-called-so", lambda route: route.abort())
        page.goto(f"{site}{path}")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill("correct horse")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert failures == []
