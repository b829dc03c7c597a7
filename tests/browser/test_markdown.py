"""Markdown becomes nodes that can be read and can do nothing else."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

RENDER = """async ([text, options]) => {
  const { renderMarkdown } = await import("/static/shared/markdown.js");
  const box = document.createElement("div");
  box.append(renderMarkdown(text, options));
  return box.innerHTML;
}"""


def render(page: Page, text: str, **options: Any) -> str:
    return str(page.evaluate(RENDER, [text, {"origin": "https://desk.example", **options}]))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("# Title\ntext", "<h3>Title</h3><p>text</p>"),
        ("a **b** *c* `d` ~~e~~", "<p>a <strong>b</strong> <em>c</em> <code>d</code> <del>e</del></p>"),
        ("snake_case_name and 2 * 3 * 4", "<p>snake_case_name and 2 * 3 * 4</p>"),
        ("**open", "<p>**open</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        (
            "1. First\n   - inner\n   - other\n2. Second",
            "<ol><li>First<ul><li>inner</li><li>other</li></ul></li><li>Second</li></ol>",
        ),
        ("1. First\n\n   More of it.\n\n2. Second", "<ol><li>First<p>More of it.</p></li><li>Second</li></ol>"),
        ("> said\n> so", "<blockquote><p>said<br>so</p></blockquote>"),
        ("```js\na < b\n```\nafter", "<pre><code>a &lt; b</code></pre><p>after</p>"),
        (
            "| a | b |\n|---|---|\n| 1 | 2\\|3 |",
            '<div class="table-scroll" tabindex="0" role="region" aria-label="a, b"><table>'
            "<thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2|3</td></tr></tbody></table></div>",
        ),
        ("---", "<hr>"),
        (r"\*not\* &amp; <b>raw</b>", "<p>*not* &amp; &lt;b&gt;raw&lt;/b&gt;</p>"),
        ("array[0](x)", "<p>array<span>0</span></p>"),
    ],
)
def test_blocks_and_inline(module_page: Page, text: str, html: str) -> None:
    assert render(module_page, text) == html


def test_links_open_beside_the_page_and_tell_their_host(module_page: Page) -> None:
    html = render(module_page, "[Guide](https://docs.example/x)")
    assert html == (
        '<p><a href="https://docs.example/x" target="_blank" rel="noopener noreferrer nofollow"'
        ' title="docs.example">Guide</a></p>'
    )


def test_a_bare_address_leaves_the_sentence_its_full_stop(module_page: Page) -> None:
    assert ">https://docs.example/x</a>." in render(module_page, "See https://docs.example/x.")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//attacker.example/x",
        "/\\attacker.example/x",
        "https://good.example@attacker.example/",
        "file:///etc/passwd",
        "\\\\attacker.example",
        "mailto:x@attacker.example",
    ],
)
def test_other_addresses_are_no_links(module_page: Page, address: str) -> None:
    assert "<a " not in render(module_page, f"[read this]({address}) and {address}")


@pytest.mark.parametrize(
    "address", ["https://attacker.example/p.png?d=SECRET", "//attacker.example/p.png", "data:image/png,x"]
)
def test_pictures_of_other_sites_become_their_words(module_page: Page, address: str) -> None:
    assert render(module_page, f"![a picture]({address})") == "<p>a picture</p>"


def test_pictures_of_our_own_are_shown(module_page: Page) -> None:
    assert '<img src="https://desk.example/media/a.png" alt="a"' in render(module_page, "![a](/media/a.png)")


SOURCE = {"n": 1, "title": "Billing", "heading": "Refunds", "url": "/help/default/billing#refunds"}


def test_a_citation_leads_to_its_section(module_page: Page) -> None:
    html = render(module_page, "Thirty days [1].", sources=[SOURCE])
    assert 'href="https://desk.example/help/default/billing#refunds"' in html
    assert 'aria-label="Source 1: Billing, Refunds"' in html
    assert 'class="citation"' in html
    assert ">1</a>" in html


def test_a_number_that_is_no_source_stays_text(module_page: Page) -> None:
    assert render(module_page, "see [2]", sources=[SOURCE]) == "<p>see [2]</p>"


def test_a_source_with_a_bad_address_is_a_chip_without_link(module_page: Page) -> None:
    html = render(module_page, "x [1]", sources=[{**SOURCE, "url": "javascript:alert(1)"}])
    assert html == '<p>x <span class="citation">1</span></p>'


FORBIDDEN = """async (text) => {
  const { renderMarkdown } = await import("/static/shared/markdown.js");
  const box = document.createElement("div");
  box.append(renderMarkdown(text, {origin: "https://desk.example"}));
  const allowed = new Set(
    ("A BLOCKQUOTE BR CODE DEL DIV EM H3 H4 H5 H6 HR IMG LI OL P PRE SPAN STRONG " +
      "TABLE TBODY TD TH THEAD TR UL").split(" "),
  );
  const attributes = new Set("alt aria-label class href loading rel role src start tabindex target title".split(" "));
  return [...box.querySelectorAll("*")].flatMap((node) => [
    ...(allowed.has(node.tagName) ? [] : [node.tagName]),
    ...[...node.attributes].filter((one) => !attributes.has(one.name)).map((one) => one.name),
    ...(node.src && !node.src.startsWith("https://desk.example/") ? [node.src] : []),
    ...(node.href && !/^https?:/.test(node.href) ? [node.href] : []),
  ]);
}"""

SYNTAX = [
    "[",
    "](",
    ")",
    "![",
    "`",
    "```\n",
    "**",
    "_",
    "|",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "> ",
    "    ",
    "#",
    "<",
    ">",
    "&lt;",
]
HOSTILE = ["javascript:", "https://a.example", "//b.example", "<img src=x onerror=alert(1)>", "|---|\n", "\\", "x", " "]
PIECES = st.sampled_from([*SYNTAX, *HOSTILE, "[1]"])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
def test_no_text_makes_any_other_node_or_attribute(module_page: Page, text: str) -> None:
    assert module_page.evaluate(FORBIDDEN, text.encode("utf-8", "ignore").decode()) == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text(st.sampled_from("abcäß漢🙂"), min_size=1, max_size=8), min_size=1, max_size=20))
def test_plain_words_all_arrive(module_page: Page, words: list[str]) -> None:
    text = " ".join(words)
    assert render(module_page, text) == f"<p>{text}</p>"
