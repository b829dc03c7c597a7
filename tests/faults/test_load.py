"""Whoever stays to the end is shown all that is stored, or it is found."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.faults import load as load_module
from tests.faults.agents import Agent
from tests.faults.customers import Customer
from tests.faults.load import Load
from tests.faults.oracle import breaches_of
from tests.faults.test_oracle import exchange, seen_by_a_customer


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "PATIENCE_SECONDS", 0.0)


async def after_the_end(customer: Customer, *heads: int | None) -> Customer:
    """The customer once it has left, as all is sent, where these are stored one after the other."""
    told: Iterator[int | None] = iter(heads)

    async def head_of(conversation: str) -> int | None:
        return next(told)

    load = Load("", "", 0, 1.0, Agent("", "", ""), head_of)
    load.enough.set()
    await load._converse(customer, Random(0))
    return customer


async def test_a_notice_that_who_stayed_was_never_shown_is_a_breach() -> None:
    events, row = exchange()
    row["events"].append({"type": "conversation.updated", "seq": 3, "turn": None, "status": "assistant"})
    row["head"] = 3
    assert breaches_of(seen_by_a_customer(events), row) == {}  # it left before
    assert breaches_of(await after_the_end(seen_by_a_customer(events), 3), row) == {"unseen": 1}
    assert breaches_of(await after_the_end(seen_by_a_customer(events), 2), row) == {}


async def test_it_is_waited_for_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "PATIENCE_SECONDS", 60.0)
    events, _ = exchange()
    assert not (await after_the_end(seen_by_a_customer(events), None, 2)).wrong


async def test_who_never_had_anything_kept_has_nothing_to_see() -> None:
    assert not (await after_the_end(Customer("", ""))).wrong


async def test_a_database_that_never_tells_is_not_taken_for_one_that_agrees() -> None:
    events, _ = exchange()
    assert (await after_the_end(seen_by_a_customer(events), None)).wrong == {"unseen": 1}
