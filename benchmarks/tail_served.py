"""The tail as customers have it: each way of asking over the whole product, over its WebSocket, in real time.

Each way gets a product of its own and meets the same weather, drawn by a seed from the number of the request, so that
a way that asks more often meets more of it. Text is shown by the word, and checked after; passages that are quoted come
as a whole, which counts as their first text.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import uvloop

from benchmarks import load
from benchmarks.load import Figures, Shares
from tests.model_server.running import RunningModelServer, running
from tests.product import Product, started

MESSAGES = 600
A_SECOND = 4.0
SOCKETS = 200
FIRST, SECOND = "echo+first:0.7+token:0.02", "echo+token:0.02+first:0.7"
WAYS: dict[str, dict[str, str]] = {
    "plain calls": {"HEDGE_SHARE": "0", "LLM_CALLS_A_TURN": "1"},
    "retries": {"HEDGE_SHARE": "0"},
    "hedging": {},
    "hedging and a fallback": {"LLM_FALLBACK_MODELS": SECOND},
}
COLUMNS = (
    "way of asking",
    "first sign, p50 / p95 / p99 ms",
    "first text, s",
    "p95 / p50",
    "outcome, s",
    "longest",
    "by a model",
    "by passages",
    "hedges",
    "all extra calls",
    "others",
)


def main(messages: int, seed: int) -> None:
    """Print the tables."""
    for weather in ("spread", "flaky"):
        print(f"\n{weather}\n\n| {' | '.join(COLUMNS)} |\n| --- |{' ---: |' * (len(COLUMNS) - 1)}")
        for way, knobs in WAYS.items():
            with running() as server:
                print(row(way, *_asked(knobs, server, (weather, seed), messages)), flush=True)


def _asked(
    knobs: dict[str, str], server: RunningModelServer, weather: tuple[str, int], messages: int
) -> tuple[Figures, Shares]:
    models = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "none", "LLM_MODEL": FIRST, **knobs}
    limits = {"RATE_LIMIT_VISITOR": "0", "RATE_LIMIT_ADDRESS": "0", "LOG_LEVEL": "WARNING"}
    with tempfile.TemporaryDirectory(prefix="answerdesk-tail-", dir="/var/tmp") as place:
        folder = Path(place) / "product"
        folder.mkdir()
        with started(folder, **{**os.environ, **models, **limits}) as product:
            load.ground(product, "after")
            return uvloop.run(_measured(product, server, weather, messages))


async def _measured(
    product: Product, server: RunningModelServer, weather: tuple[str, int], messages: int
) -> tuple[Figures, Shares]:
    """What customers saw of the weather, after some questions in a calm."""
    questions, customers, figures = load.titles(), await load.opened(product, SOCKETS), Figures()
    await asyncio.gather(*(customer.ask(questions[0], Figures()) for customer in customers[: load.WARMING]))
    name, seed = weather
    server.set(weather=name, seed=seed)
    began = datetime.now(UTC)
    await asyncio.gather(*await load.asked_steadily(customers, questions, messages, A_SECOND, figures))
    return figures, load.shares(product, began)


def waited(first: Sequence[float], outcome: Sequence[float]) -> list[str]:
    """Cells of a table: seconds until the first text, its p95 in its p50s, until the outcome, and the longest."""
    text, whole = (np.percentile(values or [0.0], [50, 95, 99]) for values in (first, outcome))
    return [
        " / ".join(f"{value:.2f}" for value in text),
        f"{text[1] / text[0]:.1f}" if text[0] else "",
        " / ".join(f"{value:.1f}" for value in whole),
        f"{max(outcome, default=0.0):.1f}",
    ]


def row(way: str, figures: Figures, found: Shares) -> str:
    """One line of the table."""
    sign = np.percentile(figures.sign or [0.0], [50, 95, 99])
    answers, asked = found.answers or 1, found.asked or 1
    cells = [
        way,
        " / ".join(f"{1000 * value:.0f}" for value in sign),
        *waited(figures.word, figures.outcome),
        f"{100 * found.by_model / answers:.2f} %",
        f"{100 - 100 * found.by_model / answers:.2f} %",
        f"{100 * found.hedges / asked:.1f} %",
        f"{100 * (found.calls - found.asked) / asked:.1f} %",
        ", ".join(f"{many} {kind}" for kind, many in sorted(figures.kinds.items()) if kind != "answer") or "none",
    ]
    return f"| {' | '.join(cells)} |"
