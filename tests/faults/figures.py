"""What a run of load with faults came to: pure functions of the customers' logs and of when what broke."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.customers import Customer

# Until whatever stood still has gone on.
MOMENT_SECONDS = 2.0


@dataclass(frozen=True)
class Struck:
    """A fault from `began` to `ended`, and when the product was whole again (None: it never was). time.monotonic()."""

    name: str
    began: float
    ended: float
    whole: float | None


@dataclass(frozen=True)
class Wait:
    """Something that a customer waited for; None when it never came. time.monotonic()."""

    since: float
    until: float | None


def acknowledgements(customers: Iterable[Customer]) -> list[Wait]:
    """Of every message and request."""
    return [Wait(sent, c.acknowledged_at.get(client_id)) for c in customers for client_id, sent in c.sent_at.items()]


def catching_up(customers: Iterable[Customer]) -> list[Wait]:
    """Of everybody whose connection was lost, also of who only reads."""
    return [Wait(lost, shown) for customer in customers for lost, shown in customer.caught_up]


def outcomes(customers: Iterable[Customer]) -> list[Wait]:
    """Of every turn, from its newest message's acknowledgement; without those whose customer left before.

    Who comes back sees then what came meanwhile: how long they were away is no wait.
    """
    waits = []
    for customer in customers:
        began: dict[str, float] = {}
        for client_id, at in customer.acknowledged_at.items():
            event = customer.acknowledged[client_id]
            if event["type"] == "message.created" and event["message"]["turn"]:
                began[event["message"]["turn"]] = max(at, began.get(event["message"]["turn"], at))
        for turn, since in began.items():
            until = customer.ended_at.get(turn)
            if until is not None and not any(since <= left <= until for left in customer.left_at):
                waits.append(Wait(since, until))
    return waits


def after(struck: Struck, waits: Iterable[Wait]) -> list[float]:
    """Seconds from the fault's end, or from the asking where that came later, of all waits until all was whole again.

    A process that was killed is missed after the fault's end: what is asked for meanwhile counts too.
    """
    last = struck.ended if struck.whole is None else struck.whole
    felt = [wait for wait in waits if wait.until is not None and wait.since <= last and wait.until > struck.ended]
    return [(wait.until or 0.0) - max(wait.since, struck.ended) for wait in felt]


def during(struck: Struck, waits: Iterable[Wait]) -> list[float]:
    """Seconds of all waits, from their beginning, during which the fault lasted, or the product was not yet whole."""
    last = struck.ended if struck.whole is None else struck.whole
    return [w.until - w.since for w in waits if w.until is not None and w.since <= last and w.until > struck.began]


def apart_from(names: Collection[str], struck: Iterable[Struck], seen: Iterable[tuple[float, str]]) -> list[str]:
    """What was seen, each with when, but not while one of the named faults lasted, nor a moment after."""
    spans = [(one.began, one.ended + MOMENT_SECONDS) for one in struck if one.name in names]
    return [what for at, what in seen if not any(began <= at <= ended for began, ended in spans)]


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that so large a share does not exceed, to the hundredth; None of nothing."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else None


def spread(values: Sequence[float]) -> dict[str, float | None]:
    """Median, p99, longest and how many."""
    shares = {"p50": 0.5, "p99": 0.99, "longest": 1.0}
    return {**{name: percentile(values, share) for name, share in shares.items()}, "of": len(values)}


def recoveries(struck: Sequence[Struck], customers: Sequence[Customer]) -> dict[str, dict[str, Any]]:
    """By fault: how often it struck, and the seconds from its end until what was waited for came.

    "outcome" has those from the asking.
    """
    asked, answered, cut_off = acknowledgements(customers), outcomes(customers), catching_up(customers)
    by_name: dict[str, list[Struck]] = defaultdict(list)
    for one in struck:
        by_name[one.name].append(one)
    return {
        name: {
            "times": len(several),
            "acknowledged": spread([seconds for one in several for seconds in after(one, asked)]),
            "caught up": spread([seconds for one in several for seconds in after(one, cut_off)]),
            "answered": spread([seconds for one in several for seconds in after(one, answered)]),
            "outcome": spread([seconds for one in several for seconds in during(one, answered)]),
            "whole": spread([one.whole - one.ended for one in several if one.whole is not None]),
        }
        for name, several in by_name.items()
    }


def percentage(held: Sequence[bool]) -> float:
    """How many of them are true, in per cent."""
    return round(100 * sum(held) / len(held), 1) if held else 0.0


def shares(counts: Counter[str]) -> dict[str, float]:
    """Each count as a share of all, in per cent."""
    return {name: round(100 * count / counts.total(), 1) for name, count in counts.most_common()}
