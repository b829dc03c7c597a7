"""A passage as it reads, with what is quoted of it marked."""

import re

from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.marked import Piece, marked
from assistant.conversations.rendering import TAGS

MARKED = re.compile(r'<mark title="Quoted as \[(\d+)\]">(.*?)</mark>', re.S)


def quoted(*pieces: tuple[str, int | None]) -> tuple[str, list[tuple[str, str]]]:
    html = marked([Piece(*piece) for piece in pieces])
    return html, MARKED.findall(html)


def test_steps_tables_and_code_stay_what_they_are() -> None:
    text = "1. Open **Widgets**.\n2. Copy it:\n\n```html\n<script>\n```\n\n| a | b |\n|---|---|\n| c | d |\n"
    html, marks = quoted((text, 1))
    assert all(f"<{tag}>" in html for tag in ("ol", "strong", "pre", "table"))
    assert [words for _, words in marks] == [
        *("Open ", "Widgets", ".", "Copy it:", "&lt;script&gt;\n", "a", "b", "c", "d"),
    ]
    assert "**" not in html


def test_a_stretch_within_a_line_is_marked_by_itself() -> None:
    html, marks = quoted(("Wait. ", None), ("Press **it**.", 2), (" Then [go on](https://shop.example/a).", None))
    assert marks == [("2", "Press "), ("2", "it"), ("2", ".")]
    assert '<a href="https://shop.example/a"' in html


def test_what_markdown_does_not_keep_is_shown_as_written() -> None:
    html, marks = quoted(("See [here](https://shop.exam", None), ("ple/a) <b>now</b>", 1))
    assert marks == [("1", "ple/a) &lt;b&gt;now&lt;/b&gt;")]
    assert "<a " not in html


@given(st.lists(st.tuples(st.text(alphabet='ab *_`|>#-1.[]()<\n~⁅⁆"&', max_size=20), st.sampled_from([None, 1, 2]))))
def test_nothing_that_was_written_becomes_markup_of_its_own(pieces: list[tuple[str, int | None]]) -> None:
    html, _ = quoted(*pieces)
    tags = set(re.findall(r"</?([a-z0-9]+)", html))
    assert tags <= TAGS | {"mark"}
    assert html.count("<mark") == html.count("</mark>")
