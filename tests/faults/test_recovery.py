"""The product mends itself when its processes are killed, and leaves none behind when it is stopped."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from assistant.project.supervision import FORKED, FORKS
from tests.contract.client import opened
from tests.product import CHECKOUT, Product, begin_from, eventually, free_port, launch, read_printed, started

pytestmark = [pytest.mark.fault, pytest.mark.services, pytest.mark.timeout(300)]
WIDGETS = "from assistant.models import Widget; print(list(Widget.objects.values_list('key', flat=True)))"


@pytest.fixture(scope="module")
def breakable(tmp_path_factory: pytest.TempPathFactory, first_started: Path) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("breakable")
    begin_from(first_started, folder)
    with started(folder, WORKER_STALLED_SECONDS="25") as running:
        yield running


@pytest.mark.parametrize("name", ["broker", "database"])
def test_a_killed_process_comes_back(breakable: Product, name: str) -> None:
    breakable.wait_until_whole()
    asyncio.run(stays_open_while_killed(breakable, name))
    assert breakable.widget in breakable.manage("shell", "-v", "0", "-c", WIDGETS).stdout  # the data is intact


async def stays_open_while_killed(product: Product, name: str) -> None:
    """A chat, in which the customer writes on once all is well again."""
    async with opened(product.chat_url, product.widget) as (chat, _):
        first = await chat.say("How do I leave my e-mail address?")
        killed = product.kill(name)
        await asyncio.to_thread(eventually, lambda: product.pid(name) != killed, f"{name} is started anew")
        await asyncio.to_thread(product.wait_until_whole)
        second = await chat.say("And a telephone number?")
        await chat.answer(second["message"]["turn"])
    assert first["seq"] == 1
    assert [event["seq"] for event in chat.durable] == list(range(1, len(chat.durable) + 1))


@pytest.mark.parametrize("name", FORKED)
def test_a_killed_process_is_replaced_by_a_fork_of_the_same(breakable: Product, name: str) -> None:
    breakable.wait_until_whole()
    parent, first = breakable.pid(FORKS), breakable.kill(name)
    eventually(lambda: forked(breakable, name, parent) - {first}, "another is forked")
    breakable.wait_until_whole()
    assert breakable.pid(FORKS) == parent


def test_all_die_with_who_forks_them_and_are_started_anew(breakable: Product) -> None:
    breakable.wait_until_whole()
    before = {breakable.pid(name) for name in FORKED}
    breakable.kill(FORKS)
    eventually(lambda: not before & {*psutil.pids()}, "its forks are gone")
    eventually(lambda: not before & {breakable.pid(name) for name in FORKED}, "others are forked")
    breakable.wait_until_whole()


def forked(product: Product, name: str, parent: int) -> set[int]:
    """The process of this name, when it was forked from this one."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return {product.pid(name)} if psutil.Process(product.pid(name)).ppid() == parent else set()
    return set()


@pytest.mark.parametrize("stuck", ["worker", "child", "beat"])
def test_a_worker_that_hangs_is_replaced(breakable: Product, stuck: str) -> None:
    breakable.wait_until_whole()
    find = {
        "worker": lambda: psutil.Process(breakable.pid("answers")),
        "child": lambda: child_of_imports(breakable),
        "beat": lambda: psutil.Process(breakable.pid("beat")),
    }
    hanging = eventually(find[stuck], f"the {stuck} runs")
    hanging.suspend()
    eventually(lambda: not hanging.is_running(), f"the {stuck} is replaced", seconds=200)
    breakable.wait_until_whole()


def child_of_imports(product: Product) -> psutil.Process | None:
    """The child that runs the tasks of `ingestion`; None while one is being started.

    The worker's other child carries its output, and runs another program.
    """
    with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError):
        worker = psutil.Process(product.pid("ingestion"))
        return next((child for child in worker.children() if child.exe() == worker.exe()), None)
    return None


def test_a_dead_database_is_said_and_a_returned_one_too(breakable: Product) -> None:
    breakable.wait_until_whole()
    with breakable.frozen("database"):
        eventually(lambda: breakable.health()["code"] == 503, "a database that hangs is noticed")
    breakable.wait_until_whole()


def test_a_dead_broker_is_degraded_and_not_down(breakable: Product) -> None:
    breakable.wait_until_whole()
    with breakable.frozen("broker"):
        health = eventually(lambda: broker_missed(breakable), "a broker that hangs is noticed")
        assert health["code"] == 200
    breakable.wait_until_whole()


def broker_missed(product: Product) -> dict[str, object]:
    health = product.health()
    return health if "broker" in health.get("degraded", []) else {}


def test_a_killed_supervisor_takes_all_along_and_the_next_start_works_and_is_stopped(started_before: Path) -> None:
    with started(started_before) as product:
        product.stop(signal.SIGKILL)
        product.wait_until_gone()
    with started(started_before) as again:
        assert again.printed == product.printed
        again.stop(signal.SIGINT)
        again.wait_until_gone()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_ctrl_c_in_a_terminal_stops_everything(started_before: Path) -> None:
    product = launch(started_before, ["make", "--old-file=environment", f"PYTHON={sys.executable}", "run"])
    try:
        eventually(lambda: read_printed(product), "the product prints its keys")
        os.killpg(product.supervisor.pid, signal.SIGINT)
        product.supervisor.wait(60)
        product.wait_until_gone()
    finally:
        for process in product.processes():
            process.kill()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_make_alone_stops_everything(started_before: Path, how: signal.Signals) -> None:
    command = ["make", "--old-file=environment", f"PYTHON={sys.executable}", "run"]
    product = launch(started_before, command)
    try:
        eventually(lambda: read_printed(product), "the product prints its keys")
        product.stop(how)
        product.wait_until_gone()
    finally:
        for process in product.processes():
            process.kill()


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        product = launch(tmp_path, PORT=str(taker.getsockname()[1]))
        assert product.supervisor.wait(60) == 1
    assert "cannot be served: Address already in use" in product.log
    assert product.processes() == []


def test_a_second_start_on_the_same_data_is_refused(breakable: Product) -> None:
    second = launch(breakable.data_dir.parent, PORT=str(free_port()))
    assert second.supervisor.wait(60) == 1
    assert "running already" in second.log
    breakable.wait_until_whole()


def test_an_unsafe_setting_is_refused(tmp_path: Path) -> None:
    product = launch(tmp_path, HOST="0.0.0.0")
    assert product.supervisor.wait(60) == 1
    assert "set SECRET_KEY" in product.log


def test_commands_use_the_running_services(breakable: Product) -> None:
    before = {process.pid for process in breakable.processes()}
    result = breakable.manage("shell", "-v", "0", "-c", WIDGETS)
    assert breakable.printed["widget"] in result.stdout
    breakable.wait_until_whole()
    assert {breakable.pid("database"), breakable.pid("broker")} <= before


def test_the_product_takes_over_from_a_command_that_was_first_and_is_stopped(started_before: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(started_before / "data")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    code = "import time; print('up', flush=True); time.sleep(15); print('still', Collection.objects.count())"
    command = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    assert command.stdout.readline().strip() == "up"
    with started(started_before) as product:
        assert command.communicate(timeout=100)[0].strip() == "still 1"
        product.wait_until_whole()
        product.stop(signal.SIGTERM)
        product.wait_until_gone()
