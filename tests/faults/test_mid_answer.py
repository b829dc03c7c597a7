"""Processes are killed while several answers are being shown: what every customer saw is what is stored, once."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.faults.customers import Customer, is_outcome
from tests.model_server.running import RunningModelServer
from tests.product import Product, begin_from, eventually, started

pytestmark = [pytest.mark.fault, pytest.mark.services, pytest.mark.timeout(400)]

QUESTION = "How do I leave my e-mail address?"
PATIENCE_SECONDS = 120.0

STORED = """
import json
from assistant.models import Conversation, Event, Message, Turn
wanted = json.loads({wanted!r})
print(json.dumps({{
    str(row.id): {{
        "head": row.seq,
        "events": list(Event.objects.filter(conversation=row).order_by("seq").values_list("frame", flat=True)),
        "said": [[str(m.client_id), m.text] for m in Message.objects.filter(conversation=row, role="customer")],
        "turns": {{str(turn.id): turn.status for turn in Turn.objects.filter(conversation=row)}},
    }} for row in Conversation.objects.filter(pk__in=wanted)
}}))
"""


@pytest.fixture(scope="module")
def slow_model(running_model_server: RunningModelServer) -> Iterator[RunningModelServer]:
    """A model that takes seconds over an answer."""
    running_model_server.set(first=0.3, token=0.2)
    yield running_model_server
    running_model_server.reset()


@contextlib.contextmanager
def answering(folder: Path, template: Path, model: RunningModelServer, **settings: str) -> Iterator[Product]:
    begin_from(template, folder)
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo", **settings}
    with started(folder, RATE_LIMIT_VISITOR="0", RATE_LIMIT_ADDRESS="0", **knobs) as running:
        yield running


@pytest.fixture(scope="module")
def web_answers(
    tmp_path_factory: pytest.TempPathFactory, first_started: Path, slow_model: RunningModelServer
) -> Iterator[Product]:
    """The product as it comes: the web process runs the turns."""
    with answering(tmp_path_factory.mktemp("web"), first_started, slow_model) as running:
        yield running


@pytest.fixture(scope="module")
def worker_answers(
    tmp_path_factory: pytest.TempPathFactory, first_started: Path, slow_model: RunningModelServer
) -> Iterator[Product]:
    """A product whose web process has no slot for turns: the worker runs them all."""
    with answering(tmp_path_factory.mktemp("worker"), first_started, slow_model, INLINE_TURNS="0") as running:
        yield running


@contextlib.asynccontextmanager
async def in_conversation(product: Product, count: int) -> AsyncIterator[list[Customer]]:
    """Customers who stay connected for the length of the block."""
    customers = [Customer(product.chat_url, product.widget) for _ in range(count)]
    lives = [asyncio.create_task(customer.live()) for customer in customers]
    try:
        yield customers
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


async def until(look: Callable[[], bool], what: str) -> None:
    for _ in range(int(PATIENCE_SECONDS / 0.05)):
        if look():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never happened: {what}")


def kill_tree(pid: int) -> None:
    """The process and its children, as when their container is killed."""
    process = psutil.Process(pid)
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            os.kill(one.pid, signal.SIGKILL)


@pytest.mark.parametrize("name", ["web", "database", "broker"])
async def test_a_kill_while_the_web_process_answers(web_answers: Product, name: str) -> None:
    customers = await killed_in_mid_answer(web_answers, name, customers=5, at_once=3)
    assert all((customer.connections > 1) == (name == "web") for customer in customers)


@pytest.mark.parametrize("name", ["answers", "broker", "database"])
async def test_a_kill_while_the_worker_answers(worker_answers: Product, name: str) -> None:
    await killed_in_mid_answer(worker_answers, name, customers=5, at_once=3)


async def killed_in_mid_answer(product: Product, name: str, customers: int, at_once: int) -> list[Customer]:
    """Kill the process while `at_once` answers are being shown; everybody writes again while it is away."""
    await asyncio.to_thread(product.wait_until_whole)
    async with in_conversation(product, customers) as present:
        first = [await customer.say(f"{QUESTION} I am customer {n}.") for n, customer in enumerate(present)]
        shown = list(zip(present, first, strict=True))
        await until(lambda: sum(c.in_mid_answer(i) for c, i in shown) >= at_once, "answers are being shown")
        kill_tree(product.pid(name))
        second = [await customer.say(f"{QUESTION} Once more, {n}.") for n, customer in enumerate(present)]
        await until(lambda: all(answered(present, first) + answered(present, second)), "all are answered")
    await asyncio.to_thread(product.wait_until_whole)
    compare(present, await asyncio.to_thread(stored, product, present))
    return present


def answered(customers: list[Customer], client_ids: list[str]) -> list[bool]:
    return [c.outcome(c.turn_of(client_id)) for c, client_id in zip(customers, client_ids, strict=True)]


def stored(product: Product, customers: list[Customer]) -> dict[str, Any]:
    """What the database has of the customers' conversations."""
    wanted = json.dumps([customer.conversation for customer in customers])
    result = eventually(
        lambda: (r := product.manage("shell", "-v", "0", "-c", STORED.format(wanted=wanted))).returncode == 0 and r,
        "the database is read",
    )
    rows: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    return rows


def compare(customers: list[Customer], rows: dict[str, Any]) -> None:
    """The contract's four promises, customer by customer."""
    assert len({customer.conversation for customer in customers}) == len(rows) == len(customers)
    for customer in customers:
        row = rows[str(customer.conversation)]
        assert customer.wrong == []
        # No gap, nothing twice, in order, nobody else's: exactly what is stored.
        assert [frame["seq"] for frame in row["events"]] == list(range(1, row["head"] + 1))
        assert customer.log == row["events"][: len(customer.log)]
        # No acknowledged message is lost, and none is there twice.
        said = [[client_id, frame["message"]["text"]] for client_id, frame in customer.acknowledged.items()]
        assert sorted(row["said"]) == sorted(said)
        for turn, status in row["turns"].items():
            assert status in ("done", "failed", "cancelled")
            assert outcomes(row["events"], turn) == 1


def outcomes(events: list[dict[str, Any]], turn: str) -> int:
    """How often the turn ended; an escalation's message and its update are one."""
    ends = [frame for frame in events if is_outcome(frame, turn)]
    escalated = bool(ends) and ends[0]["type"] == "message.created" and ends[0]["message"]["decision"] == "escalate"
    return len(ends) - 1 if escalated else len(ends)
