"""Articles as pages: anchors that citations lead to, and nothing that runs or calls out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunking import chunk
from knowledge.rendering import render_text
from tests.knowledge.test_chunking import structured

ALLOWED = set(
    re.findall(
        r"\w+", "p br hr ul ol li blockquote pre code em strong s a img table thead tbody tr th td h1 h2 h3 h4 h5 h6"
    )
)
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    '![x](https://a.example/"onerror="alert(1))',
    "![x](//a.example/p.png)",
    "<svg/onload=alert(1)>",
    "<a href='x' onclick='alert(1)'>x</a>",
    "`<script>`",
    "```html\n<script>alert(1)</script>\n```",
    '# <b onmouseover=alert(1)>x</b> {#x"onclick=alert(1)}',
    "<style>*{display:none}</style>",
    "<iframe src=https://a.example></iframe>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
]


@given(structured())
def test_every_anchor_of_a_chunk_is_an_id_on_the_page(text: str) -> None:
    ids = re.findall(r'<h[1-6] id="([^"]*)"', render_text(text))
    assert {draft.anchor for draft in chunk(text, "T") if draft.anchor.isalnum()} <= set(ids)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_runs_and_nothing_is_fetched(attack: str) -> None:
    html = render_text(attack)
    tags = re.findall(r"<[^>]*>", html)
    assert not re.search(r"<(script|style|iframe|svg|math|img)", html)
    assert not any(re.search(r"\son\w+=|javascript|data:|vbscript", tag, re.IGNORECASE) for tag in tags)


@given(st.text())
def test_any_text_renders_without_foreign_tags(text: str) -> None:
    assert set(re.findall(r"<([a-z0-9]+)", render_text(text))) <= ALLOWED


def test_foreign_images_become_links_with_their_words() -> None:
    html = render_text("![Board selector](https://a.example/p.png) ![Local](img/p.png) ![Ours](/media/p.png)")
    assert '<a href="https://a.example/p.png" rel="noopener">Board selector</a>' in html
    assert "<em>Local</em>" in html
    assert '<img src="/media/p.png" alt="Ours">' in html


def test_headings_show_no_explicit_id() -> None:
    assert render_text("## Set up {#start}") == '<h2 id="start">Set up</h2>\n'


def test_relative_links_lead_where_the_caller_says() -> None:
    html = render_text("[a](other.md#x) [b](#y) [c](/z)", lambda href: "/help/default/other#x")
    assert re.findall('href="([^"]*)"', html) == ["/help/default/other#x", "#y", "/z"]


def test_line_breaks_are_line_breaks() -> None:
    assert "one<br>\ntwo" in render_text("one\ntwo")
