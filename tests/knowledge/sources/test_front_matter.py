"""Front matter in its usual forms, and in broken ones."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.sources.front_matter import FrontMatter, read_locale, split


def test_yaml_gives_all_that_is_known() -> None:
    source = """---
title: "Reset: your password"
id: 360016724040
url: https://help.example/reset
lang: pt_br
sidebar_position: 3
audience: [admins, owners]
updated_at: 2026-03-04T05:06:07Z
draft: true
tags: [x]
---
Body
"""
    about, body = split(source)
    assert body == "Body\n"
    assert about == FrontMatter(
        title="Reset: your password",
        id="360016724040",
        url="https://help.example/reset",
        locale="pt-BR",
        audience="admins, owners",
        position=3,
        written_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        draft=True,
    )


def test_toml_is_read_too() -> None:
    about, body = split('+++\ntitle = "A"\ndate = 2026-01-02\nweight = 5\n+++\nBody')
    assert (about.title, about.position, body) == ("A", 5, "Body")
    assert about.written_at == datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "title", "body"),
    [
        ("---\ntitle: a: b: [c\nid: 7\n---\nBody", "a: b: [c", "Body"),
        ("---\nJust text between rules.\n---\nBody", "", "---\nJust text between rules.\n---\nBody"),
        ("---\ntitle: never closed\nBody", "", "---\ntitle: never closed\nBody"),
        ("---\n---\nBody", "", "Body"),
        (
            "---\ntitle: !!python/object/apply:os.system ['x']\n---\nBody",
            "!!python/object/apply:os.system ['x']",
            "Body",
        ),
        ("---\ntitle: {a: 1}\n---\nBody", "", "Body"),
        ("---\ntitle:\n  - a\n---\nBody", "a", "Body"),
        ("No front matter", "", "No front matter"),
    ],
)
def test_broken_front_matter_loses_no_text(source: str, title: str, body: str) -> None:
    about, rest = split(source)
    assert (about.title, rest) == (title, body)


def test_an_alias_bomb_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    about, body = split("---\n" + "\n".join([*lines, "title: *a9"]) + "\n---\nBody")
    assert (about.title, body) == ("", "Body")


def test_deep_nesting_is_survived() -> None:
    assert split("---\na: " + "[" * 5000 + "\n---\nBody")[1]


@given(st.text())
def test_any_block_is_survived_and_the_body_kept(block: str) -> None:
    about, body = split(f"---\n{block}\n---\nBody")
    assert body.endswith("Body") or "---" in block or "..." in block
    assert isinstance(about.title, str)


@pytest.mark.parametrize(
    ("tag", "locale"), [("EN", "en"), ("zh_Hans", "zh-Hans"), ("pt-br", "pt-BR"), ("english!", ""), ("", "")]
)
def test_locales_are_language_tags(tag: str, locale: str) -> None:
    assert read_locale(tag) == locale
