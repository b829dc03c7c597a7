"""The whole product, started as `make run` does in a DATA_DIR of its own, with handles to look at and to break."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil

from assistant.project.embedded import addresses

CHECKOUT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 90.0
Found = TypeVar("Found")


def eventually(look: Callable[[], Found | None], what: str, seconds: float = PATIENCE_SECONDS) -> Found:
    """The first true answer of `look`; fails the test when none comes. A bound for the broken, no measure."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened within {seconds:.0f} s: {what}")
        time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Product:
    """One running product. `admin` and `agent` are (name, password)."""

    base_url: str
    data_dir: Path
    log_file: Path
    supervisor: "subprocess.Popen[bytes]"
    environment: dict[str, str]
    printed: dict[str, str] = field(default_factory=dict)

    @property
    def chat_url(self) -> str:
        return self.base_url.replace("http", "ws", 1) + "/ws/chat/"

    @property
    def desk_url(self) -> str:
        return self.base_url.replace("http", "ws", 1) + "/ws/desk/"

    @property
    def widget(self) -> str:
        return self.printed["widget"]

    @property
    def admin(self) -> tuple[str, str]:
        name, password = self.printed["admin"].split(" ", 1)
        return name, password

    @property
    def agent(self) -> tuple[str, str]:
        name, password = self.printed["agent"].split(" ", 1)
        return name, password

    @property
    def api_key(self) -> str:
        return self.printed["api key"]

    @property
    def database_url(self) -> str:
        """The embedded Postgres, for looking at what is stored."""
        entry = json.loads((self.data_dir / "services.json").read_text())["database"]
        return f"postgres://answerdesk:{entry['password']}@127.0.0.1:{entry['port']}/answerdesk"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def pid(self, name: str) -> int:
        """The process of `database`, `broker`, `web`, `answers`, `ingestion`, `housekeeping`, `beat`."""
        return int((self.data_dir / "run" / f"{name}.pid").read_text())

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> int:
        """Signal one process; its id."""
        pid = self.pid(name)
        os.kill(pid, how)
        return pid

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """One process and its children stand still for the length of the block, and go on afterwards."""
        process = psutil.Process(self.pid(name))
        still = [process, *process.children(recursive=True)]
        for one in still:
            one.suspend()
        try:
            yield
        finally:
            for one in still:
                one.resume()

    def processes(self) -> list[psutil.Process]:
        """Every process that belongs to this product."""
        return belonging_to(self.data_dir)

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `manage.py` beside the product."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=CHECKOUT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.base_url + path, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def health(self) -> dict[str, Any]:
        """/healthz/ready with its HTTP status as `code`."""
        code, body = self.get("/healthz/ready")
        try:
            return {"code": code, **json.loads(body)}
        except json.JSONDecodeError:
            return {"code": code}

    def write_article(self, id: str, text: str) -> None:
        """Over REST, as a program does it."""
        request = urllib.request.Request(
            f"{self.base_url}/api/v1/articles",
            data=json.dumps({"id": id, "title": id, "text": text}).encode(),
            headers={"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):
            pass

    def is_whole(self) -> bool:
        """True when it is ready and nothing is degraded."""
        health = self.health()
        return bool(health["code"] == 200 and health["degraded"] == [])

    def wait_until_whole(self) -> None:
        eventually(self.is_whole, f"the product is ready; its log ends: {self.log[-3000:]}")

    def wait_until_gone(self) -> None:
        """Nothing of it runs any more; a failure names what does, and where it stands."""
        try:
            eventually(lambda: self.processes() == [], "nothing is left")
        except AssertionError as error:
            left = [(process.pid, process.cmdline()[-2:], process.status()) for process in self.processes()]
            raise AssertionError(f"{error}: {left}; the log ends: {self.log[-2000:]}") from error

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask the product to stop; its exit status."""
        if self.supervisor.poll() is None:
            self.supervisor.send_signal(how)
        return self.supervisor.wait(PATIENCE_SECONDS)


def belonging_to(data_dir: Path) -> list[psutil.Process]:
    """Processes that inherited this DATA_DIR or work in it: servers write their title over their environment."""
    return [process for process in psutil.process_iter() if _belongs(process, data_dir)]


def _belongs(process: psutil.Process, data_dir: Path) -> bool:
    with contextlib.suppress(psutil.Error):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get("DATA_DIR") == str(data_dir) or Path(process.cwd()).is_relative_to(data_dir)
    return False


def begin_from(template: Path, folder: Path) -> None:
    """Give the product in `folder` the data that a stopped one left in `template`: it has its first start behind it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    shutil.copytree(template / "data", folder / "data", ignore=shutil.ignore_patterns("run"))
    (folder / "data").chmod(0o711)


def give_ports(folder: Path) -> None:
    """Let the services of the stopped product in `folder` listen where hardly another copy's do."""
    file = folder / "data" / "services.json"
    entries = json.loads(file.read_text())
    for entry in entries.values():
        entry["port"] = addresses.free_port()
    file.write_text(json.dumps(entries))


def launch(folder: Path, command: list[str] | None = None, /, **settings: str) -> Product:
    """Start the product in `folder` with `settings` in its environment; it is not ready yet."""
    environment = {**os.environ, "DATA_DIR": str(folder / "data"), "PORT": str(free_port()), **settings}
    for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        if name not in settings:
            environment.pop(name, None)
    log_file = folder / "product.log"
    with log_file.open("ab") as log:
        supervisor = subprocess.Popen(
            command or [sys.executable, "-m", "assistant.project.launch"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a terminal's Ctrl-C goes to a whole process group: this one
        )
    base_url = f"http://127.0.0.1:{environment['PORT']}"
    return Product(base_url, folder / "data", log_file, supervisor, environment)


def read_printed(product: Product) -> bool:
    """Take the lines that tell keys and passwords, once all are printed."""
    if product.supervisor.poll() is not None:
        raise AssertionError(f"the product ended: {product.log[-3000:]}")
    product.printed = dict(re.findall(r"^(widget|admin|agent|api key): (.+)$", product.log, re.MULTILINE))
    return len(product.printed) == 4


@contextlib.contextmanager
def started(folder: Path, patience: float = PATIENCE_SECONDS, /, **settings: str) -> Iterator[Product]:
    """The product, ready and whole, for the length of the block; nothing of it is left afterwards."""
    folder.chmod(0o755)
    product = launch(folder, **settings)
    try:
        eventually(lambda: read_printed(product), "the product prints its keys", patience)
        product.wait_until_whole()
        yield product
    finally:
        product.stop()
