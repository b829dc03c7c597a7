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
from collections.abc import Iterator, Sequence
from itertools import product as every
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import uvloop

import tests.product
from assistant.events.others import UNKNOWN_SECONDS
from benchmarks import load
from benchmarks.paced import Customer, PacedServer, Shown, pace, shown
from tests.product import Product, begin_from, eventually, launch, read_printed, started

GROUNDINGS = ("before", "after")
# Conversations at once and words a second of each.
STAGES = ((40, 50.0), (50, 20.0), (100, 20.0), (200, 20.0), (300, 20.0), (400, 20.0), (500, 20.0), (600, 20.0))
# Of each answer in a stage, and at the end of a session's first questions, to warm up.
STAGE_WORDS, WARMING_WORDS = 120, 60
IDLE_SECONDS = 3.0
# From the start of a lone web process until it tells no others what they might have to hear.
ALONE_SECONDS = UNKNOWN_SECONDS + 5.0
FIRST_START_SECONDS = 600.0
# For what was written to be shown, before it is taken for lost.
SETTLING_SECONDS = 10.0
LOOK_SECONDS = 0.1
LIMIT_MS = 250.0
# Customers who ask at once.
ASKING = 6
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
    """One stage. CPU in microseconds a word; shares of a core that the web process used, and this one.

    Delays in milliseconds, of each word that was shown: since its sentence was whole, and since it was sent itself.
    """

    checkout: str
    grounding: str
    chats: int
    rate: float
    cpu: float
    web: float
    own: float
    added: list[float]
    since_word: list[float]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="another checkout of the product")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=STAGES[-1][0], help="conversations at once")
    arguments = parser.parse_args()
    stages = [stage for stage in STAGES if stage[0] <= arguments.most]
    checkouts = [tests.product.CHECKOUT, *filter(None, [arguments.against])]
    print(table(list(measured(checkouts, stages, arguments.rounds, arguments.seed))))


def measured(checkouts: Sequence[Path], stages: Stages, rounds: int, seed: int) -> Iterator[Stage]:
    """Every stage of each checkout and each way of grounding, in turns."""
    with tempfile.TemporaryDirectory(prefix="answerdesk-streaming-", dir="/var/tmp") as place:
        _begun(Path(place))
        for number, grounding, checkout in every(range(rounds), GROUNDINGS, checkouts):
            yield from uvloop.run(_session(Path(place), checkout, grounding, stages, seed + number))


async def _session(template: Path, checkout: Path, grounding: str, stages: Stages, seed: int) -> list[Stage]:
    """The stages of one way of grounding, over a product of their own."""
    server = PacedServer(STAGE_WORDS + 1)
    await server.start()
    async with contextlib.AsyncExitStack() as stack:
        starting = _product(checkout, template, server.base_url)
        product = await asyncio.to_thread(stack.enter_context, starting)
        stack.enter_context(_apart(product))
        await asyncio.to_thread(load.ground, product, grounding)
        room = _Room(product, server)
        stack.push_async_callback(room.empty)
        await room.find_questions(_titles(checkout))
        return await _climb(room, checkout.name, grounding, stages, seed)


async def _climb(room: "_Room", name: str, grounding: str, stages: Stages, seed: int) -> list[Stage]:
    """Stage after stage, as long as the delay stays below the limit."""
    await room.alone()
    idle = await room.idle()
    found: list[Stage] = []
    for chats, rate in stages:
        if not found:
            await room.fill(chats)
            await room.grow(rate, WARMING_WORDS, seed)
        await room.fill(chats)
        began, web, own = time.perf_counter(), _cpu(room.web), _cpu(room.own)
        words = await room.grow(rate, STAGE_WORDS, seed)
        lasted, web, own = time.perf_counter() - began, _cpu(room.web) - web, _cpu(room.own) - own
        seen = room.shown_since(began)
        added = [(each.came - each.ended) * 1000 for each in seen]
        since_word = [(each.came - each.sent) * 1000 for each in seen if each.sent >= began]
        cpu = (web - idle * lasted) / words * 1e6
        found.append(Stage(name, grounding, chats, rate, cpu, web / lasted, own / lasted, added, since_word))
        if np.percentile(added, 95) > LIMIT_MS:
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
            await customer.leave_answered()

    async def fill(self, many: int) -> None:
        """Let so many customers ask, whose answers wait, once those who were there have theirs."""
        await self.empty()
        self.customers = await self._asked([self.questions[place % len(self.questions)] for place in range(many)])

    async def _asked(self, questions: Sequence[str]) -> list[Customer]:
        asking = asyncio.Semaphore(min(ASKING, len(self.questions) or ASKING))

        async def ask(customer: Customer) -> None:
            async with asking:
                await customer.ask(self.product.chat_url, self.product.widget, self.server)

        customers = [Customer(question) for question in questions]
        await asyncio.gather(*map(ask, customers))
        return customers

    async def alone(self) -> None:
        """Wait until the web process has found that it is the only one, as it is for most of its life."""
        await asyncio.sleep(max(0.0, self.web.create_time() + ALONE_SECONDS - time.time()))

    async def idle(self) -> float:
        """Seconds of CPU that the web process uses in one without a customer."""
        began = _cpu(self.web)
        await asyncio.sleep(IDLE_SECONDS)
        return (_cpu(self.web) - began) / IDLE_SECONDS

    async def grow(self, rate: float, words_each: int, seed: int) -> int:
        """Let every answer grow by so much, and wait until all of it is shown; how many words were written."""
        written = [customer.written for customer in self.customers if customer.written is not None]
        words = await pace(written, rate, words_each / rate, seed)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLING_SECONDS):
                while not all(customer.was_shown_all() for customer in self.customers):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_SECONDS)
        return words

    def shown_since(self, moment: float) -> list[Shown]:
        """The words whose sentence was whole from then on."""
        each = ((customer.written, customer.pieces) for customer in self.customers)
        return [word for written, pieces in each if written for word in shown(written, pieces) if word.ended >= moment]

    async def empty(self) -> None:
        """Everybody leaves, with the end of their answer."""
        for customer in self.customers:
            if customer.written is not None:
                customer.written.end(0)
        await asyncio.gather(*(customer.leave_answered() for customer in self.customers))
        self.customers = []


def _begun(folder: Path) -> None:
    """The product has its first start behind it in this folder, and the help centre is read."""
    folder.chmod(0o755)
    product = launch(folder)
    try:
        eventually(lambda: read_printed(product), "the product has started", FIRST_START_SECONDS)
    finally:
        product.stop()


@contextlib.contextmanager
def _product(checkout: Path, template: Path, base_url: str) -> Iterator[Product]:
    """The product of this checkout, from the data of one that has stopped."""
    tests.product.CHECKOUT = checkout
    with tempfile.TemporaryDirectory(prefix="answerdesk-streaming-", dir="/var/tmp") as place:
        begin_from(template, Path(place))
        with started(Path(place), OPENAI_BASE_URL=base_url, **SETTINGS) as product:
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


def _titles(checkout: Path) -> list[str]:
    """The titles of the help centre's articles."""
    return [page.stem.replace("-", " ") for page in sorted((checkout / "docs/help").rglob("*.md"))]


def _cpu(process: psutil.Process) -> float:
    """Seconds that it has used so far."""
    used = process.cpu_times()
    return float(used.user + used.system)


def table(found: Sequence[Stage]) -> str:
    """Markdown: a row a stage, with the rounds' median and range of the CPU, and all their delays."""
    lines = [
        "| checkout | grounding | chats, words/s | CPU a word, us | web, load | added p50 / p95, ms | since the word |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for key in dict.fromkeys(each[:4] for each in found):
        rounds = [each for each in found if each[:4] == key]
        checkout, grounding, chats, rate = key
        low, middle, high = np.percentile([each.cpu for each in rounds], [0, 50, 100])
        cores = f"{np.mean([each.web for each in rounds]):.0%}, {np.mean([each.own for each in rounds]):.0%}"
        delays = (_delays([each.added for each in rounds]), _delays([each.since_word for each in rounds]))
        cells = (checkout, grounding, f"{chats}, {rate:.0f}", f"{middle:.0f} ({low:.0f} to {high:.0f})", cores, *delays)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _delays(rounds: Sequence[Sequence[float]]) -> str:
    middle, high = np.percentile([delay for each in rounds for delay in each], [50, 95])
    return f"{middle:.0f} / {high:.0f}"


if __name__ == "__main__":
    main()
