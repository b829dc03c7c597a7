"""`python -m benchmarks.load`: many open chats, of which ever another asks, at a steady rate for minutes.

The whole product with its demo help centre, limits off; a model whose answers take some seconds each. Every message is
of a customer who has the chat open and waits for nothing; the questions are the titles of the help centre's articles.
`--weather flaky` has models that fail and dawdle as `tests/model_server/weather.py` draws it, with one fallback.
"""

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import psycopg
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from tests.model_server.running import RunningModelServer, running
from tests.model_server.weather import WEATHERS
from tests.product import CHECKOUT, Product, started

MODEL = "echo+first:0.2+token:0.33"  # at 15 a second a hundred write at once
IN_WEATHER = {"LLM_MODEL": "echo+first:0.7+token:0.02", "LLM_FALLBACK_MODELS": "echo+token:0.02+first:0.7"}
OPENING_AT_ONCE = 20
# Asked before anything is measured: what is loaded at first use is loaded then.
WARMING = 20
LONGEST_SECONDS = 120.0
# Of the turns that were answered from articles, and of the calls of models for them.
BY_MODEL = """
SELECT count(*) FILTER (WHERE model <> ''), count(*) FROM assistant_turn WHERE decision = 'answer' AND created_at >= %s
"""
CALLS = """
SELECT count(DISTINCT turn_id), count(*), count(*) FILTER (WHERE kind = 'hedge')
FROM assistant_completion WHERE purpose = 'answer' AND created_at >= %s
"""


@dataclass
class Figures:
    """Seconds from each message until it is kept, to its first sign, first word and outcome; and the kinds."""

    kept: list[float] = field(default_factory=list)
    sign: list[float] = field(default_factory=list)
    word: list[float] = field(default_factory=list)
    outcome: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0


class Customer:
    """One open chat, which asks one thing at a time."""

    def __init__(self) -> None:
        self.socket: ClientConnection
        self.streaming = False
        self._began = 0.0
        self._at: dict[str, float] = {}
        self._ended: asyncio.Future[str] | None = None

    @property
    def asking(self) -> bool:
        return self._ended is not None

    async def open(self, product: Product) -> None:
        """Say hello, hear of an empty conversation, and listen from then on."""
        self.socket = await connect(product.chat_url, open_timeout=None, compression=None)
        hello = {"widget": product.widget, "session": None, "conversation": None, "after": 0, "identity": None}
        await self.socket.send(json.dumps({"type": "hello", **hello, "locale": "en"}))
        await self.socket.recv()
        self.listening = asyncio.create_task(self._listen())

    async def ask(self, question: str, figures: Figures) -> None:
        """Ask, and note when what came."""
        self._began, self._at, self._ended = time.monotonic(), {}, asyncio.get_running_loop().create_future()
        frame = {"type": "message.send", "client_id": str(uuid.uuid4()), "text": question}
        kind = "nothing"
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await self.socket.send(json.dumps(frame))
                kind = await self._ended
        except Exception as error:
            kind = type(error).__name__
        finally:
            self._ended, self.streaming = None, False
            figures.kinds[kind] += 1
            for name in self._at:
                getattr(figures, name).append(self._at[name])

    async def _listen(self) -> None:
        """Take whatever comes, as a page does: who lets it lie is closed."""
        async for data in self.socket:
            if self._ended is None or self._ended.done():
                continue
            kind = self._heard(json.loads(data), self._at, self._began)
            if kind != "nothing":
                self._ended.set_result(kind)
        if self._ended is not None and not self._ended.done():
            self._ended.set_result("closed")

    def _heard(self, frame: dict[str, object], at: dict[str, float], began: float) -> str:
        """Note it; how the turn ended, or "nothing"."""
        passed, type_ = time.monotonic() - began, frame["type"]
        if type_ == "answer.delta":
            self.streaming = True
            at.setdefault("word", passed)
        if str(type_).startswith("answer."):
            at.setdefault("sign", passed)
        if type_ == "error":
            return f"error {frame['code']}"
        if type_ == "conversation.updated" and frame["turn"]:
            return "a person"
        if type_ == "message.created":
            message: dict[str, str] = frame["message"]  # type: ignore[assignment]
            at.setdefault("kept", passed)
            if not message["turn"]:
                return "waits for a person"
            if message["role"] == "assistant":
                at["outcome"] = passed
                if message["decision"] == "answer":
                    at.setdefault("word", passed)  # what is quoted comes as a whole
                return message["decision"]
        return "nothing"


def main() -> None:
    """Print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--a-second", type=float, default=15)
    parser.add_argument("--weather", default="", choices=WEATHERS)
    asked = parser.parse_args()
    models = IN_WEATHER if asked.weather else {"LLM_MODEL": MODEL}
    with unlimited("load", **models) as (product, server):
        server.set(weather=asked.weather)
        print(uvloop.run(_measured(product, asked.minutes * 60, asked.sockets, asked.a_second)))


@contextmanager
def unlimited(name: str, **models: str) -> Iterator[tuple[Product, RunningModelServer]]:
    """The whole product with its limits off and these models, in a folder of its own, and the server of the models."""
    with tempfile.TemporaryDirectory(prefix=f"answerdesk-{name}-", dir="/var/tmp") as place, running() as server:
        folder = Path(place) / "product"
        folder.mkdir()
        served = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "none", **models}
        limits = {"RATE_LIMIT_VISITOR": "0", "RATE_LIMIT_ADDRESS": "0", "LOG_LEVEL": "WARNING"}
        with started(folder, **{**os.environ, **served, **limits}) as product:
            yield product, server


async def _measured(product: Product, seconds: float, sockets: int, a_second: float) -> str:
    questions = titles()
    customers = await opened(product, sockets)
    await asyncio.gather(*(customer.ask(questions[0], Figures()) for customer in customers[:WARMING]))
    warm = datetime.now(UTC)
    figures = Figures()
    web, own = psutil.Process(product.pid("web")), psutil.Process()
    began, busy, self_busy, memory = time.monotonic(), _cpu(web), _cpu(own), [_megabytes(web)]
    waiting = await asked_steadily(customers, questions, round(seconds * a_second), a_second, figures)
    lasted = time.monotonic() - began
    web_share, own_share = (_cpu(web) - busy) / lasted, (_cpu(own) - self_busy) / lasted
    await asyncio.gather(*waiting)
    memory.append(_megabytes(web))
    table = _table(figures, a_second, sockets, lasted, web_share, own_share, memory)
    return f"{table}\n{answered_by(product, warm)}"


async def asked_steadily(
    customers: Sequence[Customer], questions: Sequence[str], many: int, a_second: float, figures: Figures
) -> tuple[asyncio.Task[None], ...]:
    """So many questions, each of a customer who waits for nothing, at a steady rate; those that have no outcome yet."""
    drawing, began, waiting = random.Random(1), time.monotonic(), set[asyncio.Task[None]]()
    for number in range(many):
        await asyncio.sleep(max(0.0, began + number / a_second - time.monotonic()))
        free = [customer for customer in customers if not customer.asking]
        if not free:
            figures.kinds["nobody was free to ask"] += 1
            continue
        task = asyncio.create_task(drawing.choice(free).ask(drawing.choice(questions), figures))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        figures.most_at_once = max(figures.most_at_once, sum(customer.streaming for customer in customers))
    return tuple(waiting)


def ground(product: Product, grounding: str) -> None:
    """Every widget grounds this way from now on."""
    code = f"from assistant.models import Widget\nWidget.objects.update(grounding='{grounding}')"
    made = product.manage("shell", "-v", "0", "-c", code)
    assert made.returncode == 0, made.stderr


class Shares(NamedTuple):
    """Turns answered from articles, those by a model; turns that asked a model, their calls, and hedges among these."""

    answers: int
    by_model: int
    asked: int
    calls: int
    hedges: int


def shares(product: Product, since: datetime) -> Shares:
    """What was answered since then, and at how many calls of models."""
    with psycopg.connect(product.database_url) as database:
        by_model, answers = database.execute(BY_MODEL, [since]).fetchone() or (0, 0)
        return Shares(answers, by_model, *(database.execute(CALLS, [since]).fetchone() or (0, 0, 0)))


def answered_by(product: Product, since: datetime) -> str:
    """The shares of models and of passages in what was answered since then, and the calls beyond one a turn."""
    answers, by_model, asked, calls, hedges = shares(product, since)
    if not answers or not asked:
        return "No turn was answered from articles, or no model was asked."
    return (
        f"Answered by a model {by_model / answers:.2%}, by passages {1 - by_model / answers:.2%}; calls beyond one for "
        f"each of {asked} turns: {(calls - asked) / asked:.1%} of them, hedges {hedges / asked:.1%}."
    )


async def opened(product: Product, sockets: int) -> list[Customer]:
    """So many open chats."""
    opening = asyncio.Semaphore(OPENING_AT_ONCE)

    async def one() -> Customer:
        async with opening:
            customer = Customer()
            await customer.open(product)
            return customer

    return await asyncio.gather(*(one() for _ in range(sockets)))


def titles() -> list[str]:
    """The titles of the help centre's articles."""
    texts = [file.read_text() for file in sorted((CHECKOUT / "docs" / "help").rglob("*.md"))]
    return [line.removeprefix("title: ") for text in texts for line in text.splitlines() if line.startswith("title: ")]


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 2**20)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _table(
    figures: Figures, a_second: float, sockets: int, lasted: float, web: float, own: float, memory: Sequence[float]
) -> str:
    rows = [
        f"{a_second:g} messages a second for {lasted / 60:.1f} min, {sockets} open sockets, at most "
        f"{figures.most_at_once} answers being written at once.",
        "",
        "| | p50 | p95 | p99 | longest |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, words in (("kept", "acknowledged"), ("sign", "first sign"), ("word", "first word"), ("outcome", "whole")):
        values = [1000 * value for value in getattr(figures, name)]
        rows.append(
            f"| {words}, ms | " + " | ".join(f"{v:.0f}" for v in np.percentile(values, [50, 95, 99, 100])) + " |"
        )
    kinds = ", ".join(f"{kind} {count}" for kind, count in figures.kinds.most_common())
    spent = f"{web:.0%} of a core, {1000 * web / a_second:.0f} ms a message, {memory[0]:.0f} to {memory[-1]:.0f} MB"
    return "\n".join([*rows, "", f"Came to: {kinds}. Web process: {spent}; this generator: {own:.0%}."])


if __name__ == "__main__":
    main()
