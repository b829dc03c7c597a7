"""Where an article's links to others of its source lead."""

from typing import Any

import pytest

from knowledge.models import Document
from knowledge.siblings import linked_pages
from tests.knowledge.library import article

pytestmark = pytest.mark.django_db


def linked(text: str) -> dict[str, str]:
    document = article("admins/start", text)
    return linked_pages([document]).get(document.pk, {})


def test_a_published_article_beside_it_is_found_whatever_its_kind_and_section() -> None:
    article("admins/origins", "Origins.", path="admins/origins.html")
    article("logs", "Logs.", path="agents/read logs.md")
    article("abroad", "Abroad.", path="admins/abroad.md", url="https://docs.example/abroad")
    text = "See [a](origins.md#one-a-line), [b](../agents/read%20logs.md), [c](abroad) and [it](start.md)."
    assert linked(text) == {
        "origins.md#one-a-line": "/help/shop/admins/origins#one-a-line",
        "../agents/read%20logs.md": "/help/shop/logs",
        "abroad": "https://docs.example/abroad",
        "start.md": "/help/shop/admins/start",
    }


def test_pictures_are_not_looked_for(django_assert_num_queries: Any) -> None:
    article("admins/screen", "Screen.")
    with django_assert_num_queries(0):
        assert (
            linked_pages([Document(pk=1, path="admins/start.md", text="![a](screen.png) ![b](img/it.svg?raw#x)")]) == {}
        )


@pytest.mark.parametrize(
    "href",
    [
        "missing.md",
        "hidden.md",
        "../elsewhere.md",
        "odd.md",
        "#section",
        "/admins/origins.md",
        "//attacker.example/origins.md",
        "https://attacker.example/origins.md",
        "javascript:origins.md",
        "\\origins.md",
    ],
)
def test_what_is_no_published_article_of_its_source_leads_nowhere(href: str) -> None:
    article("admins/origins", "Origins.")
    article("admins/hidden", "Hidden.", status=Document.Status.UNPUBLISHED)
    article("elsewhere", "Elsewhere.", location="/other")
    article("admins/odd", "Odd.", url="javascript:alert(1)")
    assert linked(f"See [this]({href}).") == {}
