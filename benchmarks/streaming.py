"""`python -m benchmarks.streaming`: what streaming costs, from the model's bytes to the customer's frame.

The whole product over its own help centre, its web process alone on one core; database, workers, model server and
customers on the other. Each customer asks over a WebSocket of their own, and the model is silent until all have: so
that a stage, in which every answer grows by 20 words a second, holds streaming and nothing else. Stages have more and
more of the same conversations, until the delay passes 250 ms. The delay runs from the end of a model's sentence until
the customer has it, since text is shown by the sentence. CPU is what the web process used from a stage's first word
until its last frame, less what it uses without any conversation, divided by the words.

`--against FOLDER` takes another checkout in turns with this one, for figures before and after a change.
"""

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import product as every
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import uvloop

import tests.product
from benchmarks.paced import PATIENCE_SECONDS, Customer, PacedServer, pace, shown
from tests.product import Product, begin_from, started

GROUNDINGS = ("before", "after")
# Conversations at once and words a second of each.
STAGES = ((40, 50.0), (50, 20.0), (100, 20.0), (200, 20.0), (300, 20.0), (400, 20.0), (500, 20.0), (600, 20.0))
STAGE_SECONDS = 6.0
IDLE_SECONDS = 3.0
QUIET_SECONDS = 0.6
LIMIT_MS = 250.0
# Customers who ask at once.
ASKING = 6
WARMING_WORDS = 60
# Nothing but the stage's own pace decides when a model speaks, and nobody is turned away.
SETTINGS = {
    "OPENAI_API_KEY": "none",
    "INLINE_TURNS": "5000",
    "LLM_CONCURRENCY": "5000",
    "RATE_LIMIT_VISITOR": "0",
    "RATE_LIMIT_ADDRESS": "0",
    "HEDGE_SHARE": "0",
    "FIRST_TOKEN_BUDGET_SECONDS": "300",
    "TOKEN_GAP_BUDGET_SECONDS": "300",
    "SLOW_NOTICE_SECONDS": "400",
    "TURN_DEADLINE_SECONDS": "1200",
    "LOG_LEVEL": "WARNING",
}


Stages = Sequence[tuple[int, float]]


class Stage(NamedTuple):
    """One stage: CPU in microseconds a word, shares of a core, delays in milliseconds since the sentence's end."""

    checkout: str
    grounding: str
    chats: int
    rate: float
    cpu: float
    web: float
    generator: float
    delays: tuple[float, ...]
    since_word: tuple[float, ...]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="another checkout of the product")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=STAGES[-1][0], help="conversations at once")
    arguments = parser.parse_args()
    stages = [stage for stage in STAGES if stage[0] <= arguments.most]
    checkouts = [tests.product.CHECKOUT, *filter(None, [arguments.against])]
    print(table(list(measured(checkouts, stages, arguments.seed))))


def measured(checkouts: Sequence[Path], stages: Stages, seed: int) -> Iterator[Stage]:
    """Every stage of each checkout and each way of grounding."""
    with tempfile.TemporaryDirectory(prefix="answerdesk-streaming-", dir="/var/tmp") as place:
        template = Path(place)
        with started(template):  # its first start: the help centre is read
            pass
        for grounding, checkout in every(GROUNDINGS, checkouts):
            yield from uvloop.run(_session(template, checkout, grounding, stages, seed))


async def _session(template: Path, checkout: Path, grounding: str, stages: Stages, seed: int) -> list[Stage]:
    """The stages of one way of grounding, over a product of their own."""
    server = PacedServer(_words(stages))
    await server.start()
    async with contextlib.AsyncExitStack() as stack:
        started = _product(checkout, template, OPENAI_BASE_URL=server.base_url)
        product = await asyncio.to_thread(stack.enter_context, started)
        stack.enter_context(_apart(product))
        await asyncio.to_thread(_ground, product, grounding)
        room = _Room(product, server)
        stack.push_async_callback(room.empty)
        await room.find_questions(_titles(checkout))
        return await _climb(room, checkout.name, grounding, stages, seed)


def _words(stages: Stages) -> int:
    """How many each answer has at most."""
    return round(stages[0][1] * IDLE_SECONDS + sum(rate for _, rate in stages) * STAGE_SECONDS) + WARMING_WORDS


async def _climb(room: "_Room", name: str, grounding: str, stages: Stages, seed: int) -> list[Stage]:
    idle = await room.idle()
    found: list[Stage] = []
    for chats, rate in stages:
        await room.fill(chats)
        if not found:
            await room.stage(rate, IDLE_SECONDS, seed, idle)  # to warm up
        figures = await room.stage(rate, STAGE_SECONDS, seed, idle)
        found.append(Stage(name, grounding, chats, rate, *figures))
        if np.percentile(found[-1].delays, 95) > LIMIT_MS:
            break
    return found


class _Room:
    """The customers of one session."""

    def __init__(self, product: Product, server: PacedServer) -> None:
        self.product, self.server = product, server
        self.questions: list[str] = []
        self.customers: list[Customer] = []
        self.web, self.own = psutil.Process(product.pid("web")), psutil.Process()

    async def find_questions(self, titles: Sequence[str]) -> None:
        """Keep the titles that a model is asked to answer; it does so at once, to warm up."""
        for customer in await self._asked(titles):
            if customer.written is not None:
                self.questions.append(customer.question)
                customer.written.end(WARMING_WORDS)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await customer.answered.wait()
            await customer.leave()

    async def fill(self, many: int) -> None:
        """Let more customers ask, until there are so many, whose answers wait."""
        places = range(len(self.customers), many)
        self.customers += await self._asked([self.questions[place % len(self.questions)] for place in places])

    async def _asked(self, questions: Sequence[str]) -> list[Customer]:
        asking = asyncio.Semaphore(min(ASKING, len(self.questions) or ASKING))

        async def ask(customer: Customer) -> None:
            async with asking:
                await customer.ask(self.product.chat_url, self.product.widget, self.server)

        customers = [Customer(question) for question in questions]
        await asyncio.gather(*map(ask, customers))
        return customers

    async def idle(self) -> float:
        """Seconds of CPU that the web process uses in one without a customer."""
        began = _cpu(self.web)
        await asyncio.sleep(IDLE_SECONDS)
        return (_cpu(self.web) - began) / IDLE_SECONDS

    async def stage(
        self, rate: float, seconds: float, seed: int, idle: float
    ) -> tuple[float, float, float, tuple[float, ...], tuple[float, ...]]:
        """Let every answer grow for so long, and wait until all of it has come."""
        written = [customer.written for customer in self.customers if customer.written is not None]
        began, web, own = time.perf_counter(), _cpu(self.web), _cpu(self.own)
        words = await pace(written, rate, seconds, seed)
        paced, web_paced, own_paced = time.perf_counter() - began, _cpu(self.web) - web, _cpu(self.own) - own
        await self._quiet()
        used = _cpu(self.web) - web - idle * (time.perf_counter() - began)
        seen = [
            each
            for customer, text in zip(self.customers, written, strict=True)
            for each in shown(text, customer.pieces)
            if each.ended >= began
        ]
        whole = [each for each in seen if each.sent >= began]
        return (
            used / words * 1e6,
            web_paced / paced,
            own_paced / paced,
            tuple((each.came - each.ended) * 1000 for each in seen),
            tuple((each.came - each.sent) * 1000 for each in whole),
        )

    async def _quiet(self) -> None:
        """Return once no frame has come for a moment."""
        while time.perf_counter() - max(c.pieces[-1][0] if c.pieces else 0 for c in self.customers) < QUIET_SECONDS:
            await asyncio.sleep(QUIET_SECONDS / 4)

    async def empty(self) -> None:
        """Everybody leaves."""
        await asyncio.gather(*(customer.leave() for customer in self.customers))


@contextlib.contextmanager
def _product(checkout: Path, template: Path | None = None, **settings: str) -> Iterator[Product]:
    """The product of this checkout, from the data of one that has stopped, if there is one."""
    tests.product.CHECKOUT = checkout
    with tempfile.TemporaryDirectory(prefix="answerdesk-streaming-", dir="/var/tmp") as place:
        if template is not None:
            begin_from(template, Path(place))
        with started(Path(place), **SETTINGS, **settings) as product:
            yield product


@contextlib.contextmanager
def _apart(product: Product) -> Iterator[None]:
    """The web process has one core, everything else the others, where the machine has two."""
    cores = sorted(os.sched_getaffinity(0))
    web = product.pid("web")
    for process in [*product.processes(), psutil.Process()]:
        for thread in process.threads():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(thread.id, cores[:1] if process.pid == web else cores[1:] or cores)
    try:
        yield
    finally:
        for thread in psutil.Process().threads():
            os.sched_setaffinity(thread.id, cores)


def _ground(product: Product, grounding: str) -> None:
    """Every widget grounds this way."""
    code = f"from assistant.models import Widget\nWidget.objects.update(grounding='{grounding}')"
    made = product.manage("shell", "-v", "0", "-c", code)
    assert made.returncode == 0, made.stderr


def _titles(checkout: Path) -> list[str]:
    """The titles of the help centre's articles."""
    return [page.stem.replace("-", " ") for page in sorted((checkout / "docs/help").rglob("*.md"))]


def _cpu(process: psutil.Process) -> float:
    """Seconds that it has used so far."""
    used = process.cpu_times()
    return float(used.user + used.system)


def table(found: Sequence[Stage]) -> str:
    """Markdown: every stage."""
    lines = [
        "| grounding | chats x words/s | CPU a word, us | web's core | p50 / p95 added, ms | since the word itself, ms | shown |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in found:
        added, since = (
            " / ".join(f"{value:.0f}" for value in np.percentile(values, [50, 95]))
            for values in (each.delays, each.since_word)
        )
        lines.append(
            f"| {each.checkout} {each.grounding} | {each.chats} x {each.rate:.0f} | {each.cpu:.0f} | {each.web:.0%} ({each.generator:.0%}) | {added} | {since} | {len(each.delays)} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
