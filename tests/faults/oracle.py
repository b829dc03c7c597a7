"""What every customer was sent, held against the database: the contract's four promises, counted."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg

from tests.faults import mails as mailed
from tests.faults.customers import Customer, Frame, is_outcome, said_by
from tests.faults.marks import marks_in, marks_of, strays
from tests.faults.surroundings import STRANGER
from tests.product import Product, eventually

BREACHES = (
    "lost",
    "unseen",
    "doubled",
    "skipped",
    "out of order",
    "misrouted",
    "without outcome",
    "talked over",
    "not mailed",
    "mailed unasked",
    "mailed again",
    "refused",
    "waited in vain",
    "not imported",
    "not whole again",
)
BY_A_MODEL = "a model"
AT_ONCE = 200
PATIENCE_SECONDS = 60.0
Row = dict[str, Any]

OF_THESE = "conversation_id = ANY(%s::uuid[])"
QUERIES = {
    "events": f"SELECT conversation_id, frame FROM assistant_event WHERE {OF_THESE} ORDER BY seq",
    "said": f"SELECT conversation_id, client_id, text FROM assistant_message WHERE {OF_THESE} AND role = 'customer'",
    "turns": f"SELECT conversation_id, id, status, decision, model, owner FROM assistant_turn WHERE {OF_THESE}",
}
HEADS = "SELECT id, seq FROM assistant_conversation WHERE id = ANY(%s::uuid[])"


@dataclass(frozen=True)
class Ended:
    """How a turn ended: who answered, in which process, and whether the answer repeats a mark of its own question.

    `marked` is None where no model answered, or nothing was asked.
    """

    by: str
    owner: str
    marked: bool | None


def judged(
    product: Product, customers: Sequence[Customer], mails: mailed.Mails
) -> tuple[Counter[str], list[Ended], list[str]]:
    """Breaches by name (none of them is zero); every turn that was; and what was found of each breach."""
    breaches, turns, found = Counter[str](), list[Ended](), list[str]()
    for first in range(0, len(customers), AT_ONCE):
        some = customers[first : first + AT_ONCE]
        rows = eventually(partial(_read, product, some), "the database is read", PATIENCE_SECONDS)
        for customer in some:
            row = rows.get(str(customer.conversation))
            seen = breaches_of(customer, row)
            if row and customer.mailbox:
                seen += mailed.breaches_of(row["events"], mails.get(customer.mailbox, []))
            breaches.update(seen)
            found += [f"{customer.conversation}: {dict(seen)} {customer.notes}"] if seen else []
        turns += [turn for row in rows.values() for turn in ended(row)]
    return breaches, turns, found


async def stored_head(product: Product, conversation: str) -> int | None:
    """The number of the conversation's newest event; None while the database is away, or has no such conversation."""
    with contextlib.suppress(psycopg.OperationalError):
        async with await psycopg.AsyncConnection.connect(
            product.database_url, connect_timeout=5, application_name=STRANGER
        ) as database:
            row = await (await database.execute(HEADS, [[conversation]])).fetchone()
            return int(row[1]) if row else None
    return None


def compare(product: Product, customers: Sequence[Customer]) -> None:
    """Fail with what was found unless nothing is amiss."""
    assert len({customer.conversation for customer in customers}) == len(customers)
    breaches, _, found = judged(product, customers, {})
    assert not breaches, found


def _read(product: Product, customers: Iterable[Customer]) -> dict[str, Row] | None:
    """What is stored of the customers' conversations; None while the database is away."""
    wanted = [customer.conversation for customer in customers if customer.conversation]
    try:
        with psycopg.connect(product.database_url, connect_timeout=5) as connection:
            rows: dict[str, Row] = {
                str(pk): {"head": seq, "events": [], "said": [], "turns": []}
                for pk, seq in connection.execute(HEADS, [wanted])
            }
            for part, query in QUERIES.items():
                for pk, *values in connection.execute(query, [wanted]):
                    rows[str(pk)][part].append(values[0] if part == "events" else tuple(map(str, values)))
    except psycopg.OperationalError:
        return None
    return rows


def breaches_of(customer: Customer, row: Row | None) -> Counter[str]:
    """What is wrong between a customer's log and the stored conversation."""
    wrong = Counter(customer.wrong)
    row = row or {"head": 0, "events": [], "said": [], "turns": []}
    stored: Counter[tuple[str, str]] = Counter(row["said"])
    wrong["lost"] += sum(said not in stored for said in _acknowledged(customer))
    wrong["doubled"] += len(row["said"]) - len({client_id for client_id, _ in row["said"]})
    seqs = [frame["seq"] for frame in row["events"]]
    wrong["skipped"] += seqs != list(range(1, row["head"] + 1))
    ours = {frame["seq"]: frame for frame in row["events"]}
    wrong["misrouted"] += sum(ours.get(frame["seq"]) != frame for frame in customer.log)
    wrong["misrouted"] += len(strays(row["events"]))
    wrong["talked over"] += talked_over(row["events"])
    spoken = _spoken(customer, row["events"])
    missing, more = _compared(customer.told, spoken)
    wrong["lost"] += missing
    wrong["doubled"] += more
    wrong["out of order"] += not (missing or more) and customer.told != spoken
    for turn, status, *_ in row["turns"]:
        ends = outcomes(row["events"], turn)
        wrong["doubled"] += max(0, ends - 1)
        wrong["without outcome"] += ends == 0 or status not in ("done", "failed", "cancelled")
    return +wrong


def talked_over(events: Iterable[Frame]) -> int:
    """How often the assistant spoke while a person did, or was asked for."""
    count, status = 0, "assistant"
    for event in events:
        if event["type"] == "conversation.updated":
            status = event["status"]
        elif event["message"]["role"] == "assistant":
            count += status in ("agent", "waiting")
    return count


def _spoken(customer: Customer, events: list[Frame]) -> list[str]:
    """What an agent said, without what it was never told of and may be stored or not: that is waited for in vain."""
    spoken = said_by("agent", events)
    for text in customer.untold:
        with contextlib.suppress(ValueError):
            spoken.remove(text)
    return spoken


def _compared(said: list[str], stored: list[str]) -> tuple[int, int]:
    """How much of what was said is missing from what is stored, and how much there is besides."""
    return (Counter(said) - Counter(stored)).total(), (Counter(stored) - Counter(said)).total()


def _acknowledged(customer: Customer) -> list[tuple[str, str]]:
    messages = [event["message"] for event in customer.acknowledged.values() if event["type"] == "message.created"]
    return [(message["client_id"], message["text"]) for message in messages]


def outcomes(events: list[Frame], turn: str) -> int:
    """How often the turn ended; an escalation's message and its update are one."""
    ends = [frame for frame in events if is_outcome(frame, turn)]
    escalated = bool(ends) and ends[0]["type"] == "message.created" and ends[0]["message"]["decision"] == "escalate"
    return len(ends) - 1 if escalated else len(ends)


def ended(row: Row) -> list[Ended]:
    """How each of the conversation's turns ended."""
    asked = marks_of(row["events"])
    texts = {
        frame["message"]["turn"]: frame["message"]["text"]
        for frame in row["events"]
        if frame["type"] == "message.created" and frame["message"]["role"] == "assistant"
    }
    found = []
    for turn, status, decision, model, owner in row["turns"]:
        by = _answerer(status, decision, model)
        marked = bool(marks_in(texts.get(turn, "")) & asked[turn]) if by == BY_A_MODEL and asked[turn] else None
        found.append(Ended(by, owner, marked))
    return found


def _answerer(status: str, decision: str, model: str) -> str:
    if status == "cancelled":
        return "the customer's own doing"
    if status != "done" or decision == "escalate":
        return "a person"
    return BY_A_MODEL if model else "passages or set phrases"
