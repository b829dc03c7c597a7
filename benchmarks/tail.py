"""`python -m benchmarks.tail`: how long customers wait when models are slow, flaky or gone, and at how many calls.

The gateway as it is composed, over simulated models: only the request itself is replaced, and an event loop that skips
its waiting makes hours of traffic out of minutes, without a machine's noise. Each way of asking meets the same weather,
drawn by a seed from the number of the call (`tests/model_server/weather.py`).

`--product` asks the whole product over its WebSocket instead, in real time, so that the first sign is in it too.
"""

import argparse
import asyncio
import logging
import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from django.conf import settings

from assistant.llm import gateway, health
from assistant.llm.breaker import Breaker
from assistant.llm.concurrency import Places
from assistant.llm.entries import Entry
from assistant.llm.hedge import Bucket, Pace
from assistant.llm.port import Call, ChatMessage, ChatModel, Finished, Items, ModelFailure, Prompt, Usage
from assistant.llm.rest import Rest
from assistant.llm.retry import Retry
from benchmarks import tail_served
from tests.llm.clock import run
from tests.model_server.weather import draw

MESSAGES = 6_000
A_SECOND = 1.0  # messages, on average
FIRST_SECONDS = 0.7  # until the first text, as usual
TOKENS = 60
TOKEN_SECONDS = 0.02
TURN_SECONDS = 43.0
PROMPT = Prompt((ChatMessage("user", "How long does a pin take?"),), "v1")
REST_SECONDS = 2.0  # the longest that a message without a fallback waits for
FAILURES = {"429": "rate_limit", "529": "overloaded", "reset": "connect", "malformed": "malformed"}


@dataclass(frozen=True)
class Simulated:
    """A model whose calls meet the weather, each by its `number`. Who is turned away is asked for `rest_seconds`."""

    name: str
    weather: str
    seed: int
    number: Iterator[int]
    rest_seconds: float | None = None

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        drawn = draw(self.weather, self.seed, next(self.number))
        if drawn.fault in ("429", "529"):
            await asyncio.sleep(0.1)
            raise ModelFailure(FAILURES[drawn.fault], drawn.fault, self.rest_seconds)  # type: ignore[arg-type]
        said = TOKENS // 2 if drawn.midway else 0
        for number in range(TOKENS):
            if drawn.fault and number == said:
                await asyncio.sleep(3600 if drawn.fault == "stall" else FIRST_SECONDS)
                raise ModelFailure(FAILURES[drawn.fault], drawn.fault)  # type: ignore[arg-type]
            await asyncio.sleep(TOKEN_SECONDS if number else FIRST_SECONDS * drawn.factor)
            yield f"word{number} "
        yield Finished(Usage(100, TOKENS))


class Gone:
    """A model whose server takes requests and never answers."""

    def __init__(self, entry: Entry) -> None:
        self.name = entry.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        await asyncio.sleep(3600)
        yield ""


class Answered(NamedTuple):
    """Seconds until the first text and the outcome; whether a model answered; the kinds of the calls that were made."""

    first: float
    outcome: float
    by_model: bool
    kinds: list[str]


Ask = Callable[[Sequence[Entry], Callable[[Entry], ChatModel]], ChatModel]
WAYS: dict[str, tuple[int, Ask]] = {
    "plain calls": (1, lambda asked, of: gateway.bounded(asked[0], of)),
    "retries": (1, lambda asked, of: Retry(gateway.bounded(asked[0], of))),
    "hedging": (1, gateway.composed),
    "hedging and a fallback": (2, gateway.composed),
}


async def asked(way: str, of: Callable[[Entry], ChatModel], messages: int, seed: int) -> tuple[list[Answered], int]:
    """What became of each message, as they come by chance, and how often a breaker opened."""
    random.seed(seed)  # of the pauses between retries
    many, ask = WAYS[way]
    entries = [Entry(name, "http://models.example", "") for name in ("first", "second")[:many]]
    opened = _fresh(entries)
    requests = {entry: of(entry) for entry in entries}
    model, coming, tasks = ask(entries, requests.__getitem__), random.Random(seed), []
    for _ in range(messages):
        tasks.append(asyncio.create_task(_message(model, entries)))
        await asyncio.sleep(coming.expovariate(A_SECOND))
    return [await task for task in tasks], len(opened)


def _noted(breaker: Breaker, name: str, opened: list[str]) -> None:
    if breaker.state == "open":
        opened.append(name)


def _fresh(entries: Sequence[Entry]) -> list[str]:
    """Nothing was seen of the models yet; the list gets a name whenever a breaker opens."""
    clock, opened = asyncio.get_running_loop().time, list[str]()
    health.seen.clear()
    for entry in entries:
        breaker = Breaker(clock)
        breaker.watch = partial(_noted, breaker, entry.name, opened)
        rest = Rest(clock)
        pace = Pace(Bucket(settings.HEDGE_SHARE), breaker, rest)
        health.seen[entry.base_url, entry.name] = health.Health(breaker, rest, pace, Places(settings.LLM_CONCURRENCY))
    return opened


async def _message(model: ChatModel, entries: Sequence[Entry]) -> Answered:
    clock = asyncio.get_running_loop().time
    began, first = clock(), list[float]()

    async def on_text(offset: int, text: str) -> None:
        if not first:
            first.append(clock() - began)

    call = gateway.call_of(began + TURN_SECONDS, gateway.ANSWER, entries)
    completion = await gateway.completed(model, PROMPT, on_text, call)
    took = clock() - began  # passages are quoted at once
    kinds = [record.kind for record in completion.records]
    return Answered(first[0] if first else took, took, completion.model is not None, kinds)


def row(name: str, answered: Sequence[Answered], opened: int) -> str:
    """One line of the table."""
    many, calls = len(answered), [kind for each in answered for kind in each.kinds]
    by_model = sum(each.by_model for each in answered)
    cells = [
        name,
        *tail_served.waited([each.first for each in answered], [each.outcome for each in answered]),
        f"{100 * by_model / many:.2f} %",
        f"{100 * (many - by_model) / many:.2f} %",
        f"{100 * calls.count('hedge') / many:.1f} %",
        f"{100 * (len(calls) - sum(bool(each.kinds) for each in answered)) / many:.1f} %",
        str(opened),
    ]
    return f"| {' | '.join(cells)} |"


COLUMNS = (
    "way of asking",
    "first text, p50 / p95 / p99 s",
    "p95 / p50",
    "outcome, p50 / p95 / p99 s",
    "longest",
    "by a model",
    "by passages",
    "hedges",
    "all extra calls",
    "breaker opened",
)
HEAD = f"| {' | '.join(COLUMNS)} |\n| --- |{' ---: |' * (len(COLUMNS) - 1)}"


def simulated(weather: str, seed: int, rest_seconds: float | None = None) -> Callable[[Entry], ChatModel]:
    """Models of this weather, each with a seed of its own; their 429 and 529 ask for so much rest."""
    return lambda entry: Simulated(entry.name, weather, seed + len(entry.name), iter(range(10**9)), rest_seconds)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, help=f"{MESSAGES} unless given")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--product", action="store_true", help="over the whole product, 600 messages unless given")
    arguments = parser.parse_args()
    if arguments.product:
        tail_served.main(arguments.messages or tail_served.MESSAGES, arguments.seed)
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nowhere")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1")
    logging.disable(logging.WARNING)  # a line for each retry
    seed, messages = arguments.seed, arguments.messages or MESSAGES
    for weather, rest in (("spread", None), ("flaky", None), ("flaky", REST_SECONDS)):
        print(f"\n{weather}{f', Retry-After: {rest:.0f}' if rest else ''}\n\n{HEAD}")
        for way in WAYS:
            print(row(way, *run(asked(way, simulated(weather, seed, rest), messages, seed))))
    print(f"\nsilent\n\n{HEAD}")
    for way in WAYS:
        print(row(way, *run(asked(way, Gone, 600, seed))))


if __name__ == "__main__":
    main()
