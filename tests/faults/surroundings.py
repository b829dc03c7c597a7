"""The product in surroundings that a test can break: its network, its broker, its clock, its model's server."""

import contextlib
import importlib.util
import json
import os
import pickle
import platform
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from assistant.project.signs import BEAT
from assistant.project.supervision import QUEUES
from tests.contract.server import WebProcess
from tests.faults.library import Library
from tests.faults.proxy import Proxy, ProxyApart, proxied, proxied_apart
from tests.model_server.running import RunningModelServer
from tests.model_server.running import running as model_server
from tests.product import CHECKOUT, Product, begin_from, eventually, free_port, started

RESTART_SECONDS = 1.0
# Of a first start, on a machine that has other things to do.
START_SECONDS = 300.0
# What our own connections to the database and the broker are called.
STRANGER = "stranger"
CANARY = "assistant.project.heartbeats.canary"
# So few turns at once in a web process that workers have most of the others.
TO_WORKERS = {"INLINE_TURNS": "1"}
OWED = """
SELECT (SELECT count(*) FROM assistant_turn WHERE status IN ('queued', 'running'))
     + (SELECT count(*) FROM assistant_outgoing WHERE state = 'queued')
     + (SELECT count(*) FROM knowledge_importrun WHERE state IN ('queued', 'running'))
     + (SELECT count(*) FROM knowledge_document WHERE status = 'published' AND answerable_at IS NULL)
"""
UNLIMITED = {"RATE_LIMIT_VISITOR": "0", "RATE_LIMIT_ADDRESS": "0"}


@dataclass
class Scene:
    """A running product with everything around it. `clock` is None where no clock can be moved."""

    product: Product
    web: Proxy
    database: ProxyApart
    broker: Proxy
    models: Proxy
    model: RunningModelServer
    mails: Path
    clock: "Clock | None"
    library: Library = field(default_factory=Library)

    @property
    def chat_url(self) -> str:
        """Where customers connect: through the network that is broken."""
        return f"ws://127.0.0.1:{self.web.port}/ws/chat/"

    def valkey(self) -> "redis.Redis":
        """The broker itself, past the network that is broken."""
        return redis.Redis.from_url(broker_url(self.product.data_dir, self.broker.target), socket_timeout=5)

    def stranger(self) -> Celery:
        """Puts tasks into the product's queues, past the network that is broken."""
        stranger = Celery(STRANGER, broker=broker_url(self.product.data_dir, self.broker.target), set_as_current=False)
        stranger.conf.broker_transport_options = {"global_keyprefix": "answerdesk:", "socket_timeout": 5}
        return stranger

    def consumes(self, since: float) -> bool:
        """True when every queue was consumed after `since` of time.time(). Sends each a task that shows it."""
        try:
            with self.stranger() as stranger:
                for queue in QUEUES:
                    stranger.send_task(CANARY, (queue,), queue=queue, expires=10, retry=False)
        except OperationalError:
            return False
        return self._left_signs(QUEUES, since)

    def ticks(self, since: float) -> bool:
        """True when the clock of periodic tasks ticked after `since` of time.time(): nothing else leaves that sign."""
        return self._left_signs([BEAT], since)

    def _left_signs(self, names: Sequence[str], since: float) -> bool:
        try:
            seen = self.valkey().mget([f"answerdesk:1:heartbeat:{name}" for name in names])
        except redis.RedisError:
            return False
        return all(value is not None and pickle.loads(value) > since for value in seen)  # type: ignore[union-attr]

    def owes_nothing(self) -> bool:
        """True when every turn has ended, every mail was sent and every article is indexed."""
        try:
            with self.postgres() as database:
                return database.execute(OWED).fetchone() == (0,)
        except psycopg.OperationalError:
            return False

    def postgres(self) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of our own to the database, committing each statement."""
        return psycopg.connect(self.product.database_url, autocommit=True, connect_timeout=5, application_name=STRANGER)


class Clock:
    """The time of day of every process that starts with `environment`, as libfaketime tells it."""

    def __init__(self, library: Path, file: Path) -> None:
        self.file = file
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        self.move(0)

    def move(self, hours: float) -> None:
        """So far from the real time, within a second or two."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{hours * 3600:+.0f}\n")
        fresh.chmod(0o644)
        fresh.replace(self.file)


def movable_clock(folder: Path) -> Clock | None:
    """A clock for the product in `folder`; None where libfaketime is not installed, or not for this kind of machine."""
    package = importlib.util.find_spec("libfaketime")
    vendored = Path((package and package.origin) or "").parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    return Clock(vendored, folder / "clock") if vendored.exists() and platform.machine() == "x86_64" else None


def broker_url(data_dir: Path, port: int) -> str:
    password = json.loads((data_dir / "services.json").read_text())["broker"]["password"]
    return f"redis://:{password}@127.0.0.1:{port}/0"


def database_url(data_dir: Path, port: int) -> str:
    password = json.loads((data_dir / "services.json").read_text())["database"]["password"]
    return f"postgres://answerdesk:{password}@127.0.0.1:{port}/answerdesk"


def listens(port: int) -> bool:
    """True when somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def kept_service(data_dir: Path, service: str) -> Iterator[int]:
    """Postgres (`database`) or Valkey (`broker`) of `data_dir`, kept as the product's supervisor would; its port."""
    file = data_dir / "services.json"
    entries = json.loads(file.read_text())
    entries[service]["port"] = port = free_port()
    file.write_text(json.dumps(entries))
    (data_dir / "run").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "assistant.project.embedded.serve", service]
    environment = {**os.environ, "DATA_DIR": str(data_dir)}
    with kept(lambda: subprocess.Popen(command, cwd=CHECKOUT, env=environment), signal.SIGINT):
        yield port


@contextlib.contextmanager
def kept(
    start: "Callable[[], subprocess.Popen[bytes]]", end: signal.Signals = signal.SIGTERM
) -> "Iterator[Callable[[], subprocess.Popen[bytes]]]":
    """A process that is started anew whenever it ends, and ended with this signal; tells which it is now."""
    over, running = threading.Event(), [start()]

    def keep() -> None:
        while not over.wait(0.1):
            if running[-1].poll() is not None and not over.wait(RESTART_SECONDS):
                running.append(start())

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield lambda: running[-1]
    finally:
        over.set()
        keeper.join()
        running[-1].send_signal(end)
        running[-1].wait(30)


@contextlib.contextmanager
def breakable(
    template: Path, folder: Path, *, clock: bool = False, spread: bool = False, **settings: str
) -> Iterator[Scene]:
    """The product on a copy of the stopped one in `template`, whole; its customers without limits.

    Spread, a second web process of its own gets every other connection, and workers most of the turns.
    """
    begin_from(template, folder)
    moved = movable_clock(folder) if clock else None
    port, other = free_port(), free_port()
    with contextlib.ExitStack() as around:
        model = around.enter_context(model_server())
        models = around.enter_context(proxied(model.port))
        kept_database = around.enter_context(kept_service(folder / "data", "database"))
        database = around.enter_context(proxied_apart(kept_database))
        broker = around.enter_context(proxied(around.enter_context(kept_service(folder / "data", "broker"))))
        web = around.enter_context(proxied(port, other) if spread else proxied(port))
        ours = {
            "PORT": str(port),
            "DATABASE_URL": database_url(folder / "data", database.port),
            "REDIS_URL": broker_url(folder / "data", broker.port),
            "OPENAI_BASE_URL": f"http://127.0.0.1:{models.port}/v1",
            "LLM_MODEL": "echo",
            "EMAIL_URL": f"file://{folder / 'mails'}",
            "MAIL_AFTER_SECONDS": "5",
            "MAIL_LIMIT_WIDGET": "0",
            **(moved.environment if moved else {}),
            **(TO_WORKERS if spread else {}),
        }
        product = around.enter_context(started(folder, START_SECONDS, **UNLIMITED, **ours, **settings))
        if spread:
            served = {**product.environment, "DJANGO_SETTINGS_MODULE": "assistant.project.settings"}
            log = around.enter_context(product.log_file.open("ab"))
            around.enter_context(kept(lambda: WebProcess(other, served, log).process))
            eventually(lambda: listens(other), "the second web process serves", START_SECONDS)
        yield Scene(product, web, database, broker, models, model, folder / "mails", moved)
