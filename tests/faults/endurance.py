"""Load with faults: many customers write while one process after another is killed or frozen. Run by `make prove`."""

import asyncio
import contextlib
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.customers import Customer
from tests.faults.test_mid_answer import compare, kill_tree, stored, until
from tests.model_server.running import RunningModelServer
from tests.product import Product, begin_from, started

pytestmark = [pytest.mark.fault, pytest.mark.services, pytest.mark.timeout(7200)]

MESSAGES = 2_000
FAULTS = 20
CUSTOMERS = 30
MESSAGES_A_CONVERSATION = 8
SECONDS_BETWEEN_FAULTS = 5.0
FROZEN_SECONDS = 8.0
COMPARED_AT_ONCE = 50
PATIENT = 0.8
SEED = 20
KILLED = ("web", "answers", "broker", "database", "housekeeping", "beat")
FROZEN = ("web", "answers", "broker", "database")
SAID = (
    "How do I put the chat on my website?",
    "Can I import a folder of Markdown files?",
    "Hello",
    "What should I back up?",
    "How does an agent hand a conversation back?",
    "Which colour does the moon have on Tuesdays?",
    "Thanks",
)


@dataclass
class Load:
    """How many messages are still to be sent, and who sent the others."""

    left: int
    customers: list[Customer] = field(default_factory=list)

    def take(self) -> bool:
        """True, and one fewer left, while there is one to send."""
        if self.left == 0:
            return False
        self.left -= 1
        return True


@pytest.fixture(params=["passages", "model"])
def under_load(
    request: pytest.FixtureRequest, tmp_path: Path, first_started: Path, running_model_server: RunningModelServer
) -> Iterator[Product]:
    """The product without limits on senders: quoting its articles, and with a model that takes a second."""
    running_model_server.set(first=0.2, token=0.02)
    knobs = {"OPENAI_BASE_URL": running_model_server.base_url, "LLM_MODEL": "echo"} if request.param == "model" else {}
    begin_from(first_started, tmp_path)
    with started(tmp_path, RATE_LIMIT_VISITOR="0", RATE_LIMIT_ADDRESS="0", **knobs) as running:
        yield running
    running_model_server.reset()


async def test_nothing_is_lost_doubled_or_misplaced(under_load: Product, capsys: pytest.CaptureFixture[str]) -> None:
    load = Load(MESSAGES)
    writers = [asyncio.create_task(write(under_load, load, random.Random(SEED + n))) for n in range(CUSTOMERS)]
    struck = await strike(under_load, random.Random(SEED))
    await asyncio.gather(*writers)
    await asyncio.to_thread(under_load.wait_until_whole)
    for first in range(0, len(load.customers), COMPARED_AT_ONCE):
        some = load.customers[first : first + COMPARED_AT_ONCE]
        compare(some, await asyncio.to_thread(stored, under_load, some))
    assert sum(len(customer.acknowledged) for customer in load.customers) == MESSAGES
    with capsys.disabled():
        print(f"\n{MESSAGES} messages, {len(load.customers)} conversations, {struck.total()} faults: {dict(struck)}")


async def strike(product: Product, chance: random.Random) -> Counter[str]:
    """Break one process after another, each once the product has mended the one before; how often each."""
    struck: Counter[str] = Counter()
    planned = itertools.cycle([(name, "killed") for name in KILLED] + [(name, "frozen") for name in FROZEN])
    for name, how in itertools.islice(planned, FAULTS):
        await asyncio.sleep(SECONDS_BETWEEN_FAULTS * chance.uniform(0.2, 1.8))
        if how == "killed":
            kill_tree(product.pid(name))
        else:
            with product.frozen(name):
                await asyncio.sleep(FROZEN_SECONDS)
        struck[f"{name} {how}"] += 1
        await asyncio.to_thread(product.wait_until_whole)
    return struck


async def write(product: Product, load: Load, chance: random.Random) -> None:
    """One customer after another, until all is said."""
    while load.left > 0:
        async with present(product) as customer:
            load.customers.append(customer)
            await converse(customer, load, chance)


async def converse(customer: Customer, load: Load, chance: random.Random) -> None:
    """Some messages; most wait for the answer to the one before. Ends when a person is asked for."""
    for _ in range(MESSAGES_A_CONVERSATION):
        if not load.take():
            break
        client_id = await customer.say(chance.choice(SAID))
        await until(lambda said=client_id: said in customer.acknowledged, "a message is acknowledged")
        turn = customer.turn_of(client_id)
        if turn is None:
            break
        if chance.random() < PATIENT:
            await until(lambda turn=turn: customer.outcome(turn), "a turn has its outcome")
    turns = {customer.turn_of(client_id) for client_id in customer.acknowledged} - {None}
    await until(lambda: all(map(customer.outcome, turns)), "every turn has its outcome")


@contextlib.asynccontextmanager
async def present(product: Product) -> AsyncIterator[Customer]:
    """A new customer, connected for the length of the block."""
    customer = Customer(product.chat_url, product.widget)
    life = asyncio.create_task(customer.live())
    try:
        yield customer
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
