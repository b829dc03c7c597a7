"""`python -m benchmarks.restart`: what a deploy costs where 1,000 chats are open.

The whole product with its demo help centre; customers with open chats, of whom ever another writes, and who come back
when they are told to. Of two web processes behind a balancer (or the only one) one after the other is told to go, again
and again: how soon are all back, how long do messages wait meanwhile, and how much more does the database do than
before? In the end every customer's log is held against it.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import psycopg
import uvloop

from benchmarks.load import OPENING_AT_ONCE, titles, unlimited
from tests.contract.server import WebProcess
from tests.faults.customers import Customer
from tests.faults.figures import acknowledgements
from tests.faults.oracle import judged
from tests.faults.surroundings import kept, listens
from tests.product import Product, eventually, free_port

MODEL = "echo+first:0.2+token:0.02"
# Asked before anything breaks, and between two restarts: what is normal is measured then.
BEFORE_SECONDS = 20.0
BACK_SECONDS = 90.0
# Postgres tells what a connection did once a second at most: shorter looks would see bursts that are none.
LOOK_SECONDS = 1.0
TRANSACTIONS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Server:
    """A web process: where it takes connections, and the id of the process that serves there now."""

    port: int
    pid: Callable[[], int]


class Balanced(Customer):
    """One whose connections a balancer gives to the servers in turn, past one that takes none."""

    servers: Sequence[Server] = ()
    given = itertools.count()
    server: Server

    @property
    def address(self) -> str:
        """Where the next connection goes."""
        first = next(Balanced.given)
        ordered = [Balanced.servers[(first + more) % len(Balanced.servers)] for more in range(len(Balanced.servers))]
        self.server = next((server for server in ordered if listens(server.port)), ordered[0])
        return f"ws://127.0.0.1:{self.server.port}/ws/chat/"

    @address.setter
    def address(self, address: str) -> None: ...


@dataclass
class Watched:
    """When the database had ended how many transactions. time.monotonic()."""

    looks: list[tuple[float, int]] = field(default_factory=list)

    async def watch(self, product: Product) -> None:
        """Look until cancelled."""
        async with await psycopg.AsyncConnection.connect(product.database_url, autocommit=True) as database:
            while True:
                row = await (await database.execute(TRANSACTIONS)).fetchone()
                self.looks.append((time.monotonic(), row[0] if row else 0))
                await asyncio.sleep(LOOK_SECONDS)

    def a_second(self, since: float, until: float) -> list[float]:
        """Transactions in each second of a span, but for the one that each look takes."""
        seen = [(at, count) for at, count in self.looks if since <= at <= until]
        return [(later - count - 1) / (then - at) for (at, count), (then, later) in pairwise(seen)]


@dataclass(frozen=True)
class Restart:
    """One of them: when, the seconds until each customer was back, and transactions a second, usual and at most."""

    at: float
    back: list[float]
    usual: float
    busiest: float


def main() -> None:
    """Print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--a-second", type=float, default=15)
    parser.add_argument("--processes", type=int, choices=(1, 2), default=2)
    asked = parser.parse_args()
    with unlimited("restart", LLM_MODEL=MODEL) as (product, _), _served(product, asked.processes) as servers:
        print(uvloop.run(_measured(product, servers, asked.sockets, asked.restarts, asked.a_second)))


@contextlib.contextmanager
def _served(product: Product, processes: int) -> Iterator[list[Server]]:
    """The product's own web process, and beside it a second one."""
    own = Server(int(product.environment["PORT"]), lambda: product.pid("web"))
    if processes == 1:
        yield [own]
        return
    port, environment = free_port(), {**product.environment, "DJANGO_SETTINGS_MODULE": "assistant.project.settings"}
    with product.log_file.open("ab") as log, kept(lambda: WebProcess(port, environment, log).process) as process:
        eventually(lambda: listens(port), "the second web process serves")
        yield [own, Server(port, lambda: process().pid)]


async def _measured(product: Product, servers: Sequence[Server], sockets: int, restarts: int, a_second: float) -> str:
    watched, struck = Watched(), list[Restart]()
    async with contextlib.AsyncExitStack() as chats:
        customers = await _opened(product, servers, sockets, chats)
        watching = asyncio.create_task(watched.watch(product))
        writing = asyncio.create_task(_write(customers, a_second))
        for number in range(restarts):
            await asyncio.sleep(BEFORE_SECONDS)
            struck.append(await _restarted(servers[number % len(servers)], customers, watched))
            print(_row(struck[-1]), flush=True)
        writing.cancel()
        await _until(lambda: all(map(_has_all, customers)), "everybody has their answers")
        watching.cancel()
    breaches, turns, found = await asyncio.to_thread(judged, product, customers, {})
    heading = (
        f"{len(servers)} web process(es), {sockets} open chats, {a_second:g} messages a second, {len(turns)} turns, "
        f"{restarts} restarts."
    )
    return "\n".join([heading, _said(customers, struck), f"Breaches: {dict(breaches) or 'none'} {found}"])


async def _opened(
    product: Product, servers: Sequence[Server], sockets: int, chats: contextlib.AsyncExitStack
) -> list[Balanced]:
    """So many customers, each with a conversation: who never wrote has none that could be lost."""
    opening = asyncio.Semaphore(OPENING_AT_ONCE)
    Balanced.servers = servers
    customers = [Balanced("", product.widget) for _ in range(sockets)]

    async def one(customer: Customer) -> None:
        async with opening:
            await chats.enter_async_context(customer.present())
            await customer.say("Hello")
            await _until(lambda: _has_all(customer) and bool(customer.acknowledged), "who says hello is answered")

    await asyncio.gather(*map(one, customers))
    return customers


async def _write(customers: Sequence[Customer], a_second: float) -> None:
    """One after another asks, at a steady rate, of those who are connected and wait for nothing.

    Who writes while told to come back later is no measure: a widget comes back at once then.
    """
    drawing, questions = random.Random(1), titles()
    began, number = time.monotonic(), 0
    while True:
        await asyncio.sleep(max(0.0, began + number / a_second - time.monotonic()))
        number += 1
        free = [customer for customer in drawing.sample(customers, 50) if customer.connected and _has_all(customer)]
        if free:
            await free[0].ask(drawing.choice(questions))


async def _restarted(server: Server, customers: Sequence[Balanced], watched: Watched) -> Restart:
    """Tell the web process to go; once all of its customers are back, what it took."""
    theirs = [customer for customer in customers if customer.server == server]
    before = [customer.connections for customer in theirs]
    at, pid, back = time.monotonic(), server.pid(), dict[int, float]()
    os.kill(pid, signal.SIGTERM)

    def all_back() -> bool:
        for number, customer in enumerate(theirs):
            if number not in back and customer.connections > before[number]:
                back[number] = time.monotonic() - at
        return len(back) == len(theirs)

    await _until(all_back, "everybody is back", BACK_SECONDS)
    assert server.pid() != pid
    usual = watched.a_second(at - BEFORE_SECONDS, at)
    during = watched.a_second(at, time.monotonic())
    return Restart(at, list(back.values()), float(np.median(usual)), max(during))


def _has_all(customer: Customer) -> bool:
    """Whether what was said is acknowledged, and each of its turns has ended."""
    return not customer.unacknowledged and all(map(customer.outcome, customer.turns()))


async def _until(look: Any, what: str, seconds: float = BACK_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, f"never happened within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)


def _row(restart: Restart) -> str:
    first, half, last = np.percentile(restart.back, [0, 50, 100])
    more = restart.busiest / restart.usual
    return (
        f"back after {first:.1f} s (first), {half:.1f} (half), {last:.1f} (all); transactions a second: "
        f"{restart.usual:.0f} before, {restart.busiest:.0f} in the busiest, {more:.1f} times as many"
    )


def _said(customers: Sequence[Customer], struck: Sequence[Restart]) -> str:
    """The figures of all restarts."""
    waits = [wait for wait in acknowledgements(customers) if wait.until is not None]
    meanwhile = [
        (wait.until or 0.0) - wait.since
        for wait in waits
        if any(each.at <= wait.since <= each.at + max(each.back) for each in struck)
    ]
    last = [max(each.back) for each in struck]
    spread = [max(each.back) - min(each.back) for each in struck]
    more = [each.busiest / each.usual for each in struck]
    p50, p95, p99, longest = np.percentile(meanwhile, [50, 95, 99, 100])
    return (
        f"All were back after {np.median(last):.1f} s at the middle, {max(last):.1f} at most, over {min(spread):.1f} s "
        f"at least. What was said meanwhile by who was connected was acknowledged after {p50:.2f} / {p95:.1f} / "
        f"{p99:.1f} s (p50 / p95 / p99), the longest after {longest:.1f}. The database's busiest second had "
        f"{np.median(more):.1f} times the transactions of before at the middle, {max(more):.1f} at most."
    )


if __name__ == "__main__":
    main()
