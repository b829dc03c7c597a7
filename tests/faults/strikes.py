"""How things are broken: processes, networks, broker, database, models and the clock."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable

import psutil
import psycopg

from assistant.project.schedule import SCHEDULE
from tests.faults.proxy import Proxy, ProxyApart
from tests.faults.surroundings import Scene

Strike = Callable[[Scene], Awaitable[None]]
LASTING_SECONDS = 8.0
QUEUED = 1_000
FREE_SLOTS = 4
# So much work for the search model, some ten seconds of a core, that has nothing to do with what customers ask.
LONG_ARTICLES, LONG_ARTICLE = (
    20,
    "".join(f"In bed {number} zinnias grow beside tall marigolds. " for number in range(400)),
)


def kill_tree(pid: int) -> None:
    """The process and its children, as when their container is killed."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)


def killed(name: str) -> Strike:
    async def strike(scene: Scene) -> None:
        kill_tree(scene.product.pid(name))

    return strike


def while_importing(strike: Strike) -> Strike:
    """It strikes a worker that has something to do."""

    async def importing(scene: Scene) -> None:
        await asyncio.to_thread(scene.library.begin_import, scene.product, scene.postgres)
        await strike(scene)

    return importing


async def children_killed(scene: Scene) -> None:
    """Those that run the workers' tasks, where there are any; not those that carry their output."""
    for queue in ("answers", "ingestion", "housekeeping"):
        with contextlib.suppress(psutil.NoSuchProcess):
            worker = psutil.Process(scene.product.pid(queue))
            for child in worker.children():
                if child.exe() == worker.exe():
                    child.kill()


def frozen(name: str) -> Strike:
    async def strike(scene: Scene) -> None:
        with scene.product.frozen(name):
            await asyncio.sleep(LASTING_SECONDS)

    return strike


def stopped(name: str) -> Strike:
    """For good: somebody has to see it and replace the process."""

    async def strike(scene: Scene) -> None:
        psutil.Process(scene.product.pid(name)).suspend()

    return strike


def told_to_go(name: str) -> Strike:
    """Whoever keeps the process starts it anew."""

    async def strike(scene: Scene) -> None:
        process = psutil.Process(scene.product.pid(name))
        process.terminate()
        with contextlib.suppress(psutil.TimeoutExpired):
            await asyncio.to_thread(process.wait, 4 * LASTING_SECONDS)

    return strike


async def cut(scene: Scene) -> None:
    scene.web.cut()


def dropped_again_and_again(times: int) -> Strike:
    async def strike(scene: Scene) -> None:
        for _ in range(times):
            scene.web.refusing = True
            scene.web.cut()
            await asyncio.sleep(2)
            scene.web.heal()
            await asyncio.sleep(8)

    return strike


async def everybody_away(scene: Scene) -> None:
    scene.web.refusing = True
    scene.web.cut()
    await asyncio.sleep(2 * LASTING_SECONDS)
    scene.web.heal()


async def deaf(scene: Scene) -> None:
    """Neither end is told: each has to notice by itself."""
    scene.web.deafen()


async def acknowledgements_lost(scene: Scene) -> None:
    """What customers say arrives; what they are told does not, and then the connection breaks."""
    scene.web.silent = True
    await asyncio.sleep(1)
    scene.web.heal()
    scene.web.cut()


async def slow_and_in_pieces(scene: Scene) -> None:
    scene.web.delay_seconds, scene.web.slice_bytes = 0.02, 300
    await asyncio.sleep(LASTING_SECONDS)
    scene.web.heal()


def model(seconds: float = LASTING_SECONDS, **knobs: object) -> Strike:
    """A server of models that behaves so for a while."""

    async def strike(scene: Scene) -> None:
        scene.model.set(**knobs)
        await asyncio.sleep(seconds)
        scene.model.set(fault="", weather="", after=0)

    return strike


async def model_unreachable(scene: Scene) -> None:
    scene.models.refusing = True
    scene.models.cut()
    await asyncio.sleep(LASTING_SECONDS)
    scene.models.heal()


async def model_lost_on_the_way(scene: Scene) -> None:
    await _lost_on_the_way(scene.models)


async def _lost_on_the_way(proxy: Proxy | ProxyApart) -> None:
    proxy.lose()
    await asyncio.sleep(LASTING_SECONDS)
    proxy.heal()


async def broker_emptied(scene: Scene) -> None:
    await asyncio.to_thread(scene.valkey().flushall)


async def broker_slow(scene: Scene) -> None:
    scene.broker.delay_seconds = 0.2
    await asyncio.sleep(LASTING_SECONDS)
    scene.broker.heal()


async def broker_flaps(scene: Scene) -> None:
    for _ in range(3):
        scene.broker.cut()
        await asyncio.sleep(1)


async def broker_lost_on_the_way(scene: Scene) -> None:
    await _lost_on_the_way(scene.broker)


async def database_lost_on_the_way(scene: Scene) -> None:
    await _lost_on_the_way(scene.database)


async def queues_filled(scene: Scene) -> None:
    """A thousand tasks before the next turn, a thousand in the queue of imports, and long articles to import."""

    def fill() -> None:
        for _ in range(LONG_ARTICLES):
            scene.library.write(scene.product, LONG_ARTICLE)
        with scene.stranger() as stranger:
            for _ in range(QUEUED):
                stranger.send_task("assistant.project.heartbeats.canary", ("answers",), queue="answers")
                stranger.send_task("knowledge.tasks.index_pending", queue="ingestion")

    await asyncio.to_thread(fill)


async def tasks_delivered_twice(scene: Scene) -> None:
    """Every turn that is open and every periodic task, as after a visibility timeout or with a second clock."""

    def deliver() -> None:
        with scene.postgres() as database, scene.stranger() as stranger:
            held = database.execute("SELECT id FROM assistant_turn WHERE status IN ('queued', 'running')").fetchall()
            for _ in range(2):
                for (turn,) in held:
                    stranger.send_task("assistant.answering.tasks.answer_turn", (str(turn),), queue="answers")
                for entry in SCHEDULE.values():
                    stranger.send_task(entry["task"], queue=entry["options"].get("queue", "ingestion"))

    await asyncio.to_thread(deliver)


def in_database(work: Callable[["psycopg.Connection[tuple[object, ...]]"], Awaitable[None]]) -> Strike:
    async def strike(scene: Scene) -> None:
        with await asyncio.to_thread(scene.postgres) as database:
            await work(database)

    return strike


async def connections_ended(database: "psycopg.Connection[tuple[object, ...]]") -> None:
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )


async def read_only(database: "psycopg.Connection[tuple[object, ...]]") -> None:
    """As with a full disk, or a standby that was not promoted."""
    database.execute("SET default_transaction_read_only = off")
    database.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    database.execute("SELECT pg_reload_conf()")
    try:
        await asyncio.sleep(LASTING_SECONDS)
    finally:
        database.execute("ALTER SYSTEM RESET default_transaction_read_only")
        database.execute("SELECT pg_reload_conf()")


async def tables_locked(database: "psycopg.Connection[tuple[object, ...]]") -> None:
    """As by a migration that changes them. Who wants both of them and has one is the product's rival for a deadlock."""
    locked = False
    while not locked:
        with contextlib.suppress(psycopg.errors.DeadlockDetected), database.transaction():
            database.execute("LOCK TABLE assistant_message, assistant_turn IN ACCESS EXCLUSIVE MODE")
            locked = True
            await asyncio.sleep(3)


async def connections_used_up(scene: Scene) -> None:
    """Others hold all of the database's connections but a few."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                one = held.enter_context(contextlib.closing(await asyncio.to_thread(scene.postgres)))
                used, most = one.execute(
                    "SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend'"
                ).fetchone() or (0, 0)
                if int(str(used)) >= int(str(most)) - FREE_SLOTS:
                    break
        await asyncio.sleep(LASTING_SECONDS)


def clock_moved(hours: float) -> Strike:
    """The time of day of every process jumps, and jumps back."""

    async def strike(scene: Scene) -> None:
        assert scene.clock
        scene.clock.move(hours)
        await asyncio.sleep(2 * LASTING_SECONDS)
        scene.clock.move(0)
        await asyncio.sleep(2)

    return strike


async def everybody_away_for_a_day(scene: Scene) -> None:
    """By the clock, which goes back afterwards."""
    assert scene.clock
    scene.web.refusing = True
    scene.web.cut()
    scene.clock.move(24)
    await asyncio.sleep(2 * LASTING_SECONDS)
    scene.web.heal()
    await asyncio.sleep(2 * LASTING_SECONDS)
    scene.clock.move(0)
    await asyncio.sleep(2)
