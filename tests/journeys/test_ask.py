"""`manage.py ask` from outside: the answer's shape, its sources, its conversation, and how it ends."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import CHARGING
from tests.product import Product

pytestmark = pytest.mark.services
Command = Callable[..., Any]
KEYS = {"decision", "reason", "answer", "confidence", "sources", "model", "timings_ms", "turn", "conversation"}
SOURCE_KEYS = {"n", "article", "title", "url", "heading", "quote", "score"}


def test_an_answer_and_the_conversation_that_keeps_it(command: Command, api: httpx.Client, zorblatt: str) -> None:
    asked = command("ask", CHARGING, "--collection", zorblatt)
    assert set(asked) == KEYS
    assert asked["decision"] == "answer"
    assert "42 minutes" in asked["answer"]
    assert 0 <= asked["confidence"] <= 1
    assert asked["model"] is None
    assert set(asked["timings_ms"]) == {"retrieve", "first_token", "total"}
    assert 0 < asked["timings_ms"]["retrieve"] <= asked["timings_ms"]["first_token"] == asked["timings_ms"]["total"]
    kept = api.get(f"conversations/{asked['conversation']}").json()["messages"]
    assert [(message["role"], message["text"], message["turn"]) for message in kept] == [
        ("customer", CHARGING, asked["turn"]),
        ("assistant", asked["answer"], asked["turn"]),
    ]
    assert kept[1]["sources"] == asked["sources"]


def test_sources_are_numbered_quoted_and_lead_to_their_section(
    command: Command, site: httpx.Client, zorblatt: str
) -> None:
    asked = command("ask", CHARGING, "--collection", zorblatt)
    cited = [int(number) for number in re.findall(r"\[(\d+)\]", asked["answer"])]
    assert sorted(set(cited)) == [source["n"] for source in asked["sources"]]
    first = asked["sources"][0]
    assert set(first) == SOURCE_KEYS
    assert (first["article"], first["title"], first["heading"]) == (
        "start/charging",
        "Charging the Zorblatt",
        "With the blue cable",
    )
    assert first["quote"] == "The Zorblatt charges in 42 minutes with the blue cable."
    page = site.get(first["url"])
    assert page.status_code == 200
    assert f'id="{first["url"].partition("#")[2]}">With the blue cable<' in page.text


def test_a_conversation_goes_on(command: Command, api: httpx.Client, zorblatt: str) -> None:
    first = command("ask", CHARGING, "--collection", zorblatt)
    second = command("ask", "and with the red one?", "--conversation", first["conversation"])
    assert second["conversation"] == first["conversation"]
    assert second["turn"] != first["turn"]
    assert "3 hours" in second["answer"]
    assert len(api.get(f"conversations/{first['conversation']}").json()["messages"]) == 4


@pytest.mark.parametrize(
    ("question", "decision"),
    [("What is the capital of Mongolia?", "abstain"), ("I want to talk to a person", "escalate")],
)
def test_every_decision_is_status_0(command: Command, zorblatt: str, question: str, decision: str) -> None:
    asked = command("ask", question, "--collection", zorblatt)
    assert (asked["decision"], asked["sources"]) == (decision, [])
    assert asked["answer"]
    assert asked["reason"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["How?", "--collection", "nowhere"],
        ["How?", "--conversation", "0309f327-a651-4315-ac6a-0fb8249ebb5a"],
        ["   "],
    ],
)
def test_wrong_usage_is_status_2(product: Product, arguments: list[str]) -> None:
    done = product.manage("ask", *arguments, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_database_it_is_status_1_in_words(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(product.environment, "DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
    done = product.manage("ask", CHARGING, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "The database cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
