"""A breach of the contract's promises is found, whatever it is, and nothing else is taken for one."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.faults.customers import Customer
from tests.faults.marks import mark_of
from tests.faults.oracle import Ended, Row, breaches_of, ended

TURN, SAID = "turn-1", "feedc0de-1"


def message(seq: int, role: str, client_id: str | None = None, decision: str | None = None) -> dict[str, Any]:
    body = {"role": role, "turn": TURN, "client_id": client_id, "text": f"text {seq}", "decision": decision}
    return {"type": "message.created", "seq": seq, "message": body}


def exchange() -> tuple[list[dict[str, Any]], Row]:
    """What a customer was sent who asked and was answered, and the same conversation as it is stored."""
    events = [message(1, "customer", SAID), message(2, "assistant", decision="answer")]
    turns = [(TURN, "done", "answer", "some model", "host:1")]
    return events, {"head": 2, "events": deepcopy(events), "said": [(SAID, "text 1")], "turns": turns}


def seen_by_a_customer(events: list[dict[str, Any]]) -> Customer:
    customer = Customer("", "")
    customer.unacknowledged[SAID] = {}
    for event in events:
        customer._take(event)
    return customer


def forget_the_message(row: Row) -> None:
    row["said"].clear()


def store_it_twice(row: Row) -> None:
    row["said"] *= 2


def answer_twice(row: Row) -> None:
    row["events"].append(message(3, "assistant", decision="answer"))
    row["head"] = 3


def leave_it_open(row: Row) -> None:
    row["turns"] = [(TURN, "running", "", "", "host:1")]


def lose_the_answer(row: Row) -> None:
    row["events"].pop()


def change_the_answer(row: Row) -> None:
    row["events"][1]["message"]["text"] = "somebody else's"


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        (forget_the_message, {"lost": 1}),
        (store_it_twice, {"doubled": 1}),
        (answer_twice, {"doubled": 1}),
        (leave_it_open, {"without outcome": 1}),
        (lose_the_answer, {"skipped": 1, "misrouted": 1, "without outcome": 1}),
        (change_the_answer, {"misrouted": 1}),
        (lambda row: None, {}),
    ],
)
def test_a_stored_conversation_that_differs_is_found(change: Callable[[Row], None], breach: dict[str, int]) -> None:
    events, row = exchange()
    change(row)
    assert breaches_of(seen_by_a_customer(events), row) == breach


@pytest.mark.parametrize(
    ("order", "breach"),
    [([0, 1], {}), ([0, 0, 1], {}), ([0, 1, 1], {"out of order": 1}), ([1, 0], {"skipped": 1})],
)
def test_events_that_come_again_or_too_early_are_found(order: list[int], breach: dict[str, int]) -> None:
    """The acknowledgement is the one event that may come again."""
    events, row = exchange()
    assert breaches_of(seen_by_a_customer([events[place] for place in order]), row) == breach


def test_an_escalation_is_one_outcome_with_its_update_and_none_without() -> None:
    events, row = exchange()
    row["events"][1] = message(2, "assistant", decision="escalate")
    assert breaches_of(seen_by_a_customer(events[:1]), row) == {"without outcome": 1}
    row["events"].append({"type": "conversation.updated", "seq": 3, "turn": TURN, "status": "waiting"})
    row["head"] = 3
    assert breaches_of(seen_by_a_customer(events[:1]), row) == {}
    row["turns"] = [(TURN, "done", "escalate", "", "host:1")]
    assert ended(row) == [Ended("a person", "host:1", None)]


def test_progress_of_a_turn_that_is_not_the_conversations_is_found():
    events, _ = exchange()
    customer = seen_by_a_customer(events[:1])
    customer._take({"type": "answer.delta", "turn": TURN, "offset": 0, "text": "mine"})
    assert not customer.wrong
    customer._take({"type": "answer.status", "turn": "another's", "status": "writing"})
    assert customer.wrong == {"misrouted": 1}


@pytest.mark.parametrize(
    ("asked", "told", "sources", "breach"),
    [
        (f"Which? {mark_of(SAID)}", f"This one {mark_of(SAID)}. [1]", ["a passage"], {}),
        (f"Which? {mark_of(SAID)}", "This one. [1]", ["a passage"], {}),
        (f"Which? {mark_of(SAID)}", f"That one {mark_of('00000000')}. [1]", ["a passage"], {"misrouted": 1}),
        (f"Which? {mark_of(SAID)}", "This one. [1]", [mark_of(SAID)], {"misrouted": 1}),
        (f"Which? {mark_of('00000000')}", "This one. [1]", ["a passage"], {"misrouted": 1}),
        ("Hello", "Hello.", [], {}),
        ("Hello", "This one. [1]", ["a passage"], {"misrouted": 1}),
    ],
)
def test_an_answer_to_another_question_is_found(
    asked: str, told: str, sources: list[str], breach: dict[str, int]
) -> None:
    events, row = exchange()
    for event in (events, row["events"]):
        event[0]["message"]["text"] = asked
        event[1]["message"] |= {"text": told, "sources": sources}
    row["said"] = [(SAID, asked)]
    assert breaches_of(seen_by_a_customer(events), row) == breach
    assert [turn.marked for turn in ended(row)] == [mark_of(SAID) in told if "zq" in asked else None]


def test_words_of_another_answer_are_found_as_they_are_shown() -> None:
    events, _ = exchange()
    events[0]["message"]["text"] = mark_of(SAID)
    customer = seen_by_a_customer(events[:1])
    customer._take({"type": "answer.delta", "turn": TURN, "offset": 0, "text": f"mine {mark_of(SAID)} "})
    assert not customer.wrong
    customer._take({"type": "answer.delta", "turn": TURN, "offset": 16, "text": f"yours {mark_of('00000000')} "})
    assert customer.wrong == {"misrouted": 1}


@pytest.mark.parametrize(
    ("told", "untold", "after", "breach"),
    [
        (["text 4", "text 5"], [], ["agent", "agent"], {}),
        (["text 4", "text 5", "text 6"], [], ["agent", "agent"], {"lost": 1}),
        (["text 4"], [], ["agent", "agent"], {"doubled": 1}),
        (["text 4"], ["text 5"], ["agent", "agent"], {}),
        (["text 4"], ["text 5"], ["agent"], {}),
        ([], ["text 5"], ["agent", "agent"], {"doubled": 1}),
        (["text 5", "text 4"], [], ["agent", "agent"], {"out of order": 1}),
        ([], [], ["assistant"], {"talked over": 1, "doubled": 1}),
    ],
)
def test_what_an_agent_says_is_there_once_and_is_not_talked_over(
    told: list[str], untold: list[str], after: list[str], breach: dict[str, int]
) -> None:
    events, row = exchange()
    row["events"].append({"type": "conversation.updated", "seq": 3, "turn": None, "status": "agent"})
    row["events"] += [message(seq, role) for seq, role in enumerate(after, 4)]
    row["head"] = len(row["events"])
    customer = seen_by_a_customer(events)
    customer.told, customer.untold = told, untold
    assert breaches_of(customer, row) == breach
