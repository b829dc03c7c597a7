"""Processes are killed while a worker gives several answers: what every customer saw is what is stored, once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.customers import Customer
from tests.faults.marks import MARKS
from tests.faults.oracle import compare
from tests.faults.strikes import kill_tree
from tests.model_server.running import RunningModelServer
from tests.product import Product, begin_from, started

pytestmark = [pytest.mark.fault, pytest.mark.services, pytest.mark.timeout(400)]

QUESTION = "How do I leave my e-mail address?"
PATIENCE_SECONDS = 120.0
CUSTOMERS = 5


@pytest.fixture(scope="module")
def slow_model(running_model_server: RunningModelServer) -> Iterator[RunningModelServer]:
    """A model that takes seconds over an answer."""
    running_model_server.set(first=0.3, token=0.2, marks=MARKS)
    yield running_model_server
    running_model_server.reset()


@pytest.fixture(scope="module")
def worker_answers(
    tmp_path_factory: pytest.TempPathFactory, first_started: Path, slow_model: RunningModelServer
) -> Iterator[Product]:
    """A product whose web process has no slot for turns: the worker runs them all."""
    folder = tmp_path_factory.mktemp("worker")
    begin_from(first_started, folder)
    limits = {"RATE_LIMIT_VISITOR": "0", "RATE_LIMIT_ADDRESS": "0"}
    model = {"OPENAI_BASE_URL": slow_model.base_url, "LLM_MODEL": "echo"}
    with started(folder, INLINE_TURNS="0", **limits, **model) as running:
        yield running


@contextlib.asynccontextmanager
async def in_conversation(product: Product, count: int) -> AsyncIterator[list[Customer]]:
    """Customers who stay connected for the length of the block."""
    customers = [Customer(product.chat_url, product.widget) for _ in range(count)]
    async with contextlib.AsyncExitStack() as all_of_them:
        for customer in customers:
            await all_of_them.enter_async_context(customer.present())
        yield customers


async def until(look: Callable[[], bool], what: str) -> None:
    for _ in range(int(PATIENCE_SECONDS / 0.05)):
        if look():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never happened: {what}")


@pytest.mark.parametrize("name", ["answers", "broker", "database"])
async def test_a_kill_while_the_worker_answers(worker_answers: Product, name: str) -> None:
    """Everybody writes again while it is away."""
    product = worker_answers
    await asyncio.to_thread(product.wait_until_whole)
    async with in_conversation(product, CUSTOMERS) as present:
        first = [await customer.ask(f"{QUESTION} I am customer {n}.") for n, customer in enumerate(present)]
        shown = list(zip(present, first, strict=True))
        await until(lambda: sum(c.in_mid_answer(i) for c, i in shown) > CUSTOMERS // 2, "answers are being shown")
        kill_tree(product.pid(name))
        second = [await customer.ask(f"{QUESTION} Once more, {n}.") for n, customer in enumerate(present)]
        await until(lambda: all(answered(present, first) + answered(present, second)), "all are answered")
    await asyncio.to_thread(product.wait_until_whole)
    await asyncio.to_thread(compare, product, present)


def answered(customers: list[Customer], client_ids: list[str]) -> list[bool]:
    return [c.outcome(c.turn_of(client_id)) for c, client_id in zip(customers, client_ids, strict=True)]
